package io.datawarehouse.web.http;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

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

  private static final int LONGEST_VALUE = 8192;
  private static final Pattern MEDIA_TYPE =
      Pattern.compile("[\\w!#$&^.+-]{1,127}/[\\w!#$&^.+-]{1,127}[ \t]*(;.*)?");

  private RequestHeaders() {}

  /**
   * Checks all headers of a request: no control characters, none twice that may stand once, and one
   * way to tell the body's length.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT}, naming the header
   */
  public static void requireWellFormed(HttpServletRequest request) {
    Enumeration<String> names = request.getHeaderNames();
    while (names.hasMoreElements()) {
      String name = names.nextElement();
      requireClean("header name", name);
      Enumeration<String> values = request.getHeaders(name);
      String first = values.hasMoreElements() ? values.nextElement() : "";
      requireClean(name, first);
      if (!values.hasMoreElements()) {
        continue;
      }
      if (SINGLE.contains(name.toLowerCase(Locale.ROOT))) {
        // The value is not shown: the header may be the one that holds the token.
        throw WarehouseException.invalid(
            "header", name, "must stand once and stands " + (2 + rest(values)) + " times");
      }
      while (values.hasMoreElements()) {
        requireClean(name, values.nextElement());
      }
    }
    requireOneLength(request);
    String type = request.getContentType();
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

  private static int rest(Enumeration<String> values) {
    values.nextElement();
    return Collections.list(values).size();
  }

  private static void requireOneLength(HttpServletRequest request) {
    String encoding = request.getHeader("Transfer-Encoding");
    if (encoding == null) {
      return;
    }
    if (!encoding.strip().equalsIgnoreCase("chunked")) {
      throw WarehouseException.invalid("Transfer-Encoding", encoding, "use chunked");
    }
    if (request.getHeader("Content-Length") != null) {
      throw WarehouseException.invalid(
          "Content-Length",
          request.getHeader("Content-Length"),
          "must not stand beside Transfer-Encoding");
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
  public static Optional<String> find(HttpServletRequest request, String name) {
    return Optional.ofNullable(request.getHeader(name)).map(String::strip);
  }

  /** Returns the values of all lines of a header, joined by commas as in RFC 9110, section 5.3. */
  public static Optional<String> joined(HttpServletRequest request, String name) {
    List<String> lines = lines(request, name);
    return switch (lines.size()) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(lines.get(0).strip());
      default -> Optional.of(String.join(", ", lines).strip());
    };
  }

  /** Returns the value of each line of a header. */
  public static List<String> lines(HttpServletRequest request, String name) {
    if (request.getHeader(name) == null) {
      return List.of();
    }
    List<String> lines = new ArrayList<>();
    request.getHeaders(name).asIterator().forEachRemaining(lines::add);
    return lines;
  }
}
