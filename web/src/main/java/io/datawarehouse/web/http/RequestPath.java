package io.datawarehouse.web.http;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Locale;

/**
 * The path of a request as the client wrote it. Containers decode and normalise what they route by;
 * a key must not change on its way, so it is cut out of the raw path here.
 */
public final class RequestPath {

  private static final String UNRESERVED_AND_SUB_DELIMITERS = "-._~!$&'()*+,;=:@/%";

  private RequestPath() {}

  /**
   * Checks a raw path.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT} for characters that must be encoded, {@code
   *     INVALID_KEY} for malformed escapes and for {@code .} and {@code ..} as parts, encoded or not
   */
  public static void requireWellFormed(String rawPath) {
    boolean suspicious = false;
    for (int i = 0; i < rawPath.length(); i++) {
      char c = rawPath.charAt(i);
      if (!isAllowed(c)) {
        throw WarehouseException.invalid(
            "path", rawPath, "holds characters that must be percent-encoded");
      }
      suspicious |= c == '%' || c == '.';
    }
    if (suspicious) {
      requireNoDotSegments(rawPath);
    }
  }

  /**
   * Returns the decoded part of a raw path between a number of slashes and the next slash.
   *
   * @param slashes how many slashes come before the part, at least 1
   */
  public static String part(String rawPath, int slashes, StandardErrorCode code, String what) {
    int start = startOfPart(rawPath, slashes);
    int end = rawPath.indexOf('/', start);
    return PercentEncoding.decode(
        rawPath.substring(start, end < 0 ? rawPath.length() : end), code, what);
  }

  /** Returns all that comes after a number of slashes, decoded. */
  public static String rest(String rawPath, int slashes, StandardErrorCode code, String what) {
    return PercentEncoding.decode(rawPath.substring(startOfPart(rawPath, slashes)), code, what);
  }

  private static int startOfPart(String rawPath, int slashes) {
    int at = -1;
    for (int i = 0; i < slashes; i++) {
      at = rawPath.indexOf('/', at + 1);
      if (at < 0) {
        return rawPath.length();
      }
    }
    return at + 1;
  }

  private static boolean isAllowed(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || UNRESERVED_AND_SUB_DELIMITERS.indexOf(c) >= 0;
  }

  /** A backslash separates too: some containers take one for a slash when they route. */
  private static void requireNoDotSegments(String rawPath) {
    String decoded = PercentEncoding.decode(rawPath, StandardErrorCode.INVALID_KEY, "path");
    for (String part : decoded.split("[/\\\\]", -1)) {
      String name = part.indexOf(';') < 0 ? part : part.substring(0, part.indexOf(';'));
      if (name.equals(".") || name.equals("..")) {
        throw WarehouseException.invalid(
            StandardErrorCode.INVALID_KEY,
            "path",
            rawPath,
            "must not hold '" + name + "' as a part, encoded or not");
      }
    }
  }

  /** Returns whether the path, read as loosely as a container might, lies under a prefix. */
  public static boolean mayBeUnder(String rawPath, String prefix) {
    String loose = rawPath.replace('\\', '/').replaceAll("/{2,}", "/").toLowerCase(Locale.ROOT);
    return loose.equals(prefix)
        || loose.startsWith(prefix + "/")
        || loose.startsWith(prefix + ";");
  }
}
