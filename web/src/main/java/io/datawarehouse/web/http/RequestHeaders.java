package io.datawarehouse.web.http;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The headers of a request, where they must be single, joined, or clean. */
public final class RequestHeaders {

  private static final Set<String> SINGLE =
      Set.of(
          "authorization",
          "content-encoding",
          "content-length",
          "content-range",
          "content-type",
          "dw-context",
          "expect",
          "host",
          "if-modified-since",
          "if-range",
          "if-unmodified-since",
          "range",
          "traceparent",
          "transfer-encoding");

  /** The header of those who want to be asked for the body. */
  static final String EXPECT = "Expect";

  private static final int LONGEST_VALUE = 8192;
  private static final Pattern MEDIA_TYPE =
      Pattern.compile("[\\w!#$&^.+-]{1,127}/[\\w!#$&^.+-]{1,127}[ \t]*(;.*)?");

  private RequestHeaders() {}

  /**
   * Checks all headers of a request: no control characters, none twice that may stand once, one way
   * to tell the body's length, and no expectation but to be asked for the body.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT}, naming the header
   */
  public static void requireWellFormed(HttpRequest request) {
    for (String name : request.headerNames()) {
      requireClean("header name", name);
      List<String> values = request.headers(name);
      if (values.size() > 1 && SINGLE.contains(name.toLowerCase(Locale.ROOT))) {
        // The value is not shown: the header may be the one that holds the token.
        throw WarehouseException.invalid(
            "header", name, "must stand once and stands " + values.size() + " times");
      }
      for (String value : values) {
        requireClean(name, value);
      }
    }
    requireOneLength(request);
    requireKnownExpectation(request.header(EXPECT));
    String type = request.header("Content-Type");
    if (type != null) {
      requireMediaType(type);
    }
  }

  /** Throws {@code INVALID_ARGUMENT} unless the text has the form of a media type. */
  static void requireMediaType(String type) {
    if (!type.equals("application/octet-stream") && !MEDIA_TYPE.matcher(type).matches()) {
      throw WarehouseException.invalid("Content-Type", type, "use TYPE/SUBTYPE");
    }
  }

  private static void requireOneLength(HttpRequest request) {
    String encoding = request.header("Transfer-Encoding");
    if (encoding == null) {
      return;
    }
    if (!encoding.strip().equalsIgnoreCase("chunked")) {
      throw WarehouseException.invalid("Transfer-Encoding", encoding, "use chunked");
    }
    if (request.header("Content-Length") != null) {
      throw WarehouseException.invalid(
          "Content-Length",
          request.header("Content-Length"),
          "must not stand beside Transfer-Encoding");
    }
  }

  /**
   * Lets a client expect to be asked for its body, and nothing else: it must not take an answer for
   * a sign that something else was met.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT}, naming the header
   */
  public static void requireKnownExpectation(@Nullable String expectation) {
    if (expectation != null && !expectation.strip().equalsIgnoreCase("100-continue")) {
      throw WarehouseException.invalid(EXPECT, expectation, "use 100-continue or leave it out");
    }
  }

  private static void requireClean(String name, String value) {
    if (value.length() > LONGEST_VALUE) {
      throw WarehouseException.invalid(
          name, value.length() + " characters", "must not be longer than " + LONGEST_VALUE);
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' && c != '\t' || c == 0x7f) {
        throw new WarehouseException(
            StandardErrorCode.INVALID_ARGUMENT,
            "header " + WarehouseException.shown(name) + " holds control characters");
      }
    }
  }

  /** Returns the value of a header that stands at most once. */
  public static Optional<String> find(HttpRequest request, String name) {
    return Optional.ofNullable(request.header(name)).map(String::strip);
  }

  /** Returns the values of all lines of a header, joined by commas as in RFC 9110, section 5.3. */
  public static Optional<String> joined(HttpRequest request, String name) {
    List<String> lines = request.headers(name);
    return switch (lines.size()) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(lines.get(0).strip());
      default -> Optional.of(String.join(", ", lines).strip());
    };
  }
}
