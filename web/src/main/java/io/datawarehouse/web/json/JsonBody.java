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

/** The body of a request that is JSON, and not large. */
public final class JsonBody {

  /** The most bytes that a body may have. */
  public static final int MOST_BYTES = 1 << 20;

  private static final int PIECE = 8192;

  /**
   * JSON, and what curl says of {@code -d} when it is told nothing else: it must be JSON as well.
   */
  private static final Pattern JSON_TYPE =
      Pattern.compile("application/(([\\w!#$&^.+-]+\\+)?json|x-www-form-urlencoded)\\s*(;.*)?");

  private JsonBody() {}

  /**
   * Reads a body; empty where there is none.
   *
   * @throws WarehouseException {@code UNSUPPORTED_MEDIA_TYPE} and {@code TOO_LARGE} before the body
   *     is read, {@code INVALID_JSON} naming the field
   */
  public static <T> Optional<T> read(Exchange exchange, Class<T> type) throws IOException {
    if (exchange.announcedLength().orElse(1) == 0) {
      return Optional.empty();
    }
    requireJson(exchange.request().header("Content-Type"));
    requirePlain(exchange.request().header("Content-Encoding"));
    if (exchange.announcedLength().orElse(0) > MOST_BYTES) {
      throw tooLarge();
    }
    byte[] body = bytes(exchange);
    return body.length == 0 ? Optional.empty() : Optional.of(Json.read(body, type));
  }

  /**
   * Reads a body that must be there.
   *
   * @throws WarehouseException as for {@link #read}, and {@code INVALID_JSON} for no body
   */
  public static <T> T require(Exchange exchange, Class<T> type) throws IOException {
    return read(exchange, type)
        .orElseThrow(
            () ->
                new WarehouseException(
                    StandardErrorCode.INVALID_JSON, "body is empty and must be a JSON object"));
  }

  private static byte[] bytes(Exchange exchange) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] piece = new byte[PIECE];
    for (int got = exchange.body().read(piece, 0, PIECE);
        got >= 0;
        got = exchange.body().read(piece, 0, PIECE)) {
      if (bytes.size() + got > MOST_BYTES) {
        throw tooLarge();
      }
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

  private static WarehouseException tooLarge() {
    return new WarehouseException(
        StandardErrorCode.TOO_LARGE, "the body is larger than " + MOST_BYTES + " bytes of JSON");
  }
}
