package io.datawarehouse.web.json;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.HttpErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request that is JSON, and not large. Reading it may take many times as much memory
 * as it has bytes; that is accounted for until the request ends.
 */
public final class JsonBody {

  /** The most bytes that a body may have that holds a payload or a list. */
  public static final int MOST_BYTES = 1 << 20;

  /** The most bytes that a body may have that holds settings. */
  public static final int MOST_BYTES_OF_SETTINGS = 256 << 10;

  /** The memory that a byte may take as a part of a tree: three make an empty object in a list. */
  private static final int TREE = 40;

  /** The memory that a byte may take of a text that is passed on, and comes back as an answer. */
  private static final int TEXT = 6;

  private static final int PIECE = 8192;

  /**
   * JSON, and what curl says of {@code -d} when it is told nothing else: it must be JSON as well.
   */
  private static final Pattern JSON_TYPE =
      Pattern.compile("application/(([\\w!#$&^.+-]+\\+)?json|x-www-form-urlencoded)\\s*(;.*)?");

  private JsonBody() {}

  /**
   * Reads a body of settings; empty where there is none.
   *
   * @throws WarehouseException {@code UNSUPPORTED_MEDIA_TYPE} and {@code TOO_LARGE} before the body
   *     is read, {@code INVALID_JSON} naming the field, {@code BULKHEAD_FULL} where bodies take too
   *     much memory
   */
  public static <T> Optional<T> read(Exchange exchange, Class<T> type) throws IOException {
    return read(exchange, type, new Size(MOST_BYTES_OF_SETTINGS, TREE), JsonMemory.OF_PROCESS);
  }

  /** Reads a body of settings that may have a list of many things in it; else like the others. */
  public static <T> Optional<T> readLarge(Exchange exchange, Class<T> type) throws IOException {
    return read(exchange, type, new Size(MOST_BYTES, TREE), JsonMemory.OF_PROCESS);
  }

  /**
   * Reads a body of settings that must be there.
   *
   * @throws WarehouseException as for {@link #read}, and {@code INVALID_JSON} for no body
   */
  public static <T> T require(Exchange exchange, Class<T> type) throws IOException {
    return read(exchange, type).orElseThrow(JsonBody::missing);
  }

  /**
   * Reads a body that must be there and of which all that is large is text that is passed on.
   *
   * @throws WarehouseException as for {@link #require}
   */
  public static <T> T requireText(Exchange exchange, Class<T> type) throws IOException {
    return read(exchange, type, new Size(MOST_BYTES, TEXT), JsonMemory.OF_PROCESS)
        .orElseThrow(JsonBody::missing);
  }

  /**
   * How large a body may be.
   *
   * @param mostBytes how many bytes it may have
   * @param memory how much memory each of them may take
   */
  record Size(int mostBytes, int memory) {}

  static <T> Optional<T> read(Exchange exchange, Class<T> type, Size size, JsonMemory memory)
      throws IOException {
    if (exchange.announcedLength().orElse(1) == 0) {
      return Optional.empty();
    }
    requireJson(exchange.request().header("Content-Type"));
    requirePlain(exchange.request().header("Content-Encoding"));
    if (exchange.announcedLength().orElse(0) > size.mostBytes()) {
      throw tooLarge(size);
    }
    JsonMemory.Body taken = memory.begin();
    exchange.atEnd(taken::giveBack);
    byte[] body = bytes(exchange, size, taken);
    return body.length == 0 ? Optional.empty() : Optional.of(Json.read(body, type));
  }

  private static byte[] bytes(Exchange exchange, Size size, JsonMemory.Body memory)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] piece = new byte[PIECE];
    for (int got = exchange.body().read(piece, 0, PIECE);
        got >= 0;
        got = exchange.body().read(piece, 0, PIECE)) {
      if (bytes.size() + got > size.mostBytes()) {
        throw tooLarge(size);
      }
      memory.take((long) got * size.memory());
      bytes.write(piece, 0, got);
    }
    return bytes.toByteArray();
  }

  private static void requireJson(@Nullable String type) {
    if (type != null && !JSON_TYPE.matcher(type.strip().toLowerCase(Locale.ROOT)).matches()) {
      throw WarehouseException.invalid(
          HttpErrorCode.UNSUPPORTED_MEDIA_TYPE, "Content-Type", type, "use application/json");
    }
  }

  private static void requirePlain(@Nullable String coding) {
    if (coding != null && !coding.strip().equalsIgnoreCase("identity")) {
      throw WarehouseException.invalid(
          HttpErrorCode.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding", coding, "send JSON as it is");
    }
  }

  private static WarehouseException missing() {
    return new WarehouseException(
        StandardErrorCode.INVALID_JSON, "body is empty and must be a JSON object");
  }

  private static WarehouseException tooLarge(Size size) {
    return new WarehouseException(
        StandardErrorCode.TOO_LARGE,
        "the body is larger than " + size.mostBytes() + " bytes of JSON");
  }
}
