package io.datawarehouse.web.http;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.Optional;
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

  private static final String BUCKETS = "/api/v1/buckets/";
  private static final String BLOBS = "/blobs/";
  private static final String MANIFESTS = "/manifests/";
  private static final int SLASHES_BEFORE_BUCKET = 4;
  private static final int SLASHES_BEFORE_KEY = 6;

  private static final Pattern SEPARATOR =
      Pattern.compile("[/\\\\]|%2f|%5c", Pattern.CASE_INSENSITIVE);

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
  static String of(HttpServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof String path ? path : request.getRequestURI();
  }

  /**
   * Returns a path for a server to route by in place of one that names a blob: with a key that no
   * server has an opinion of. Empty where the path names no blob.
   */
  public static Optional<String> routable(String rawPath) {
    if (!rawPath.startsWith(BUCKETS)) {
      return Optional.empty();
    }
    int bucketEnd = rawPath.indexOf('/', BUCKETS.length());
    if (bucketEnd <= BUCKETS.length() || holdsSeparator(rawPath, BUCKETS.length(), bucketEnd)) {
      return Optional.empty();
    }
    String kind =
        rawPath.startsWith(BLOBS, bucketEnd)
            ? BLOBS
            : rawPath.startsWith(MANIFESTS, bucketEnd) ? MANIFESTS : "";
    return kind.isEmpty()
        ? Optional.empty()
        : Optional.of(rawPath.substring(0, bucketEnd + kind.length()) + "-");
  }

  /** Returns whether a path that is routable names a blob, and not its manifest. */
  public static boolean namesBlob(String rawPath) {
    return rawPath.startsWith(BUCKETS)
        && rawPath.startsWith(BLOBS, Math.max(0, rawPath.indexOf('/', BUCKETS.length())));
  }

  private static boolean holdsSeparator(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) == ';' || text.charAt(i) == '\\') {
        return true;
      }
    }
    return false;
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

  /**
   * A backslash separates too: some containers take one for a slash when they route. And what
   * stands behind a semicolon is no part of a segment to servlet containers, the one here and
   * others on the way: {@code ..;x} is {@code ..} to them. An encoded semicolon is a character like
   * another.
   */
  private static void requireNoDotSegments(String rawPath) {
    String decoded = PercentEncoding.decode(rawPath, StandardErrorCode.INVALID_KEY, "path");
    for (String part : decoded.split("[/\\\\]", -1)) {
      requireNoDots(part, rawPath, "");
    }
    if (rawPath.indexOf(';') >= 0) {
      for (String part : SEPARATOR.split(rawPath, -1)) {
        String name = part.indexOf(';') < 0 ? "" : part.substring(0, part.indexOf(';'));
        requireNoDots(
            PercentEncoding.decode(name, StandardErrorCode.INVALID_KEY, "path"),
            rawPath,
            ", also before a ';': write %3B for one that belongs to the key");
      }
    }
  }

  private static void requireNoDots(String part, String rawPath, String more) {
    if (part.equals(".") || part.equals("..")) {
      throw WarehouseException.invalid(
          StandardErrorCode.INVALID_KEY,
          "path",
          rawPath,
          "must not hold '" + part + "' as a part, encoded or not" + more);
    }
  }

  /** Returns whether the path, read as loosely as a container might, lies under a prefix. */
  public static boolean mayBeUnder(String rawPath, String prefix) {
    String loose = rawPath.replace('\\', '/').replaceAll("/{2,}", "/").toLowerCase(Locale.ROOT);
    return loose.equals(prefix) || loose.startsWith(prefix + "/") || loose.startsWith(prefix + ";");
  }
}
