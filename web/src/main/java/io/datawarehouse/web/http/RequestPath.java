package io.datawarehouse.web.http;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The path of a request as the client wrote it. Containers decode and normalise what they route by;
 * a key must not change on its way, so it is cut out of the raw path here.
 */
public final class RequestPath {

  private static final String UNRESERVED_AND_SUB_DELIMITERS = "-._~!$&'()*+,;=:@/%";

  /**
   * The attribute of a request under which its raw path lies where the server was given another to
   * route by.
   */
  public static final String ATTRIBUTE = "io.datawarehouse.web.path";

  private static final Pattern BLOB =
      Pattern.compile("/api/v1/buckets/[^/;\\\\]*/(blobs|manifests)/");
  private static final int SLASHES_BEFORE_BUCKET = 4;
  private static final int SLASHES_BEFORE_KEY = 6;

  private RequestPath() {}

  /**
   * Checks a raw path.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT} for characters that must be encoded, {@code
   *     INVALID_KEY} for malformed escapes and for {@code .} and {@code ..} as parts, encoded or
   *     not
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

  /** Returns the path of a request as the client wrote it. */
  public static String of(HttpServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof String path ? path : request.getRequestURI();
  }

  /**
   * Returns a path for a server to route by in place of one that names a blob: with a key that no
   * server has an opinion of. Empty where the path names no blob.
   */
  public static Optional<String> routable(String rawPath) {
    Matcher matcher = BLOB.matcher(rawPath);
    return matcher.lookingAt() ? Optional.of(matcher.group() + "-") : Optional.empty();
  }

  /**
   * Returns the blob that a raw path names: {@code /api/v1/buckets/{bucket}/blobs/{key}}. The key
   * is everything to the end, decoded once: a {@code ;} or an empty part belongs to it.
   *
   * @throws WarehouseException {@code INVALID_BUCKET_NAME} or {@code INVALID_KEY}
   */
  public static BlobKey blob(String rawPath) {
    int bucket = afterSlashes(rawPath, SLASHES_BEFORE_BUCKET);
    int key = afterSlashes(rawPath, SLASHES_BEFORE_KEY);
    String name =
        PercentEncoding.decode(
            rawPath.substring(bucket, rawPath.indexOf('/', bucket)),
            StandardErrorCode.INVALID_BUCKET_NAME,
            "bucket");
    return new BlobKey(
        new BucketName(name),
        PercentEncoding.decode(rawPath.substring(key), StandardErrorCode.INVALID_KEY, "key"));
  }

  private static int afterSlashes(String rawPath, int slashes) {
    int at = -1;
    for (int i = 0; i < slashes; i++) {
      at = rawPath.indexOf('/', at + 1);
      if (at < 0) {
        throw new IllegalArgumentException("not the path of a blob");
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
    return loose.equals(prefix) || loose.startsWith(prefix + "/") || loose.startsWith(prefix + ";");
  }
}
