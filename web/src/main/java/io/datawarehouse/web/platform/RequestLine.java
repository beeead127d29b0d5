package io.datawarehouse.web.platform;

import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.http.RequestPath;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Refuses what Payara answers without asking the application: a path that is no percent-encoding
 * with 200 and nothing, other paths that it cannot map with a bare 400, and a transfer coding that
 * it does not know by taking the body for empty.
 */
final class RequestLine {

  private RequestLine() {}

  /**
   * Lets a request pass that the server can serve.
   *
   * @param rawPath the path as it was sent, each byte one character
   * @throws WarehouseException {@code INVALID_KEY} or {@code INVALID_ARGUMENT}
   */
  static void requireReadablePath(String rawPath) {
    if (isPlain(rawPath)) {
      return;
    }
    byte[] path = decoded(rawPath);
    for (byte b : path) {
      if (b == 0) {
        throw invalid(rawPath, "must not hold a NUL character");
      }
      if (b == '\\' && RequestPath.routable(rawPath).isEmpty()) {
        throw invalid(rawPath, "must not hold a backslash");
      }
    }
    requireBelowRoot(rawPath, utf8(rawPath, path));
  }

  /** Lets pass what is not encoded for the transfer, or chunked. */
  static void requireKnownTransfer(Iterable<String> transferEncodings) {
    for (String coding : transferEncodings) {
      if (!coding.strip().toLowerCase(Locale.ROOT).equals("chunked")) {
        throw WarehouseException.invalid(
            "Transfer-Encoding", coding, "only 'chunked' is understood");
      }
    }
  }

  /** Most paths: characters that mean themselves, and no part that begins with a dot. */
  private static boolean isPlain(String rawPath) {
    char before = '/';
    for (int i = 0; i < rawPath.length(); i++) {
      char c = rawPath.charAt(i);
      if (c == '%' || c == '\\' || c <= ' ' || c > '~' || c == '.' && before == '/') {
        return false;
      }
      before = c;
    }
    return true;
  }

  private static byte[] decoded(String rawPath) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(rawPath.length());
    for (int i = 0; i < rawPath.length(); i++) {
      char c = rawPath.charAt(i);
      if (c != '%') {
        bytes.write(c);
        continue;
      }
      int high = digit(rawPath, i + 1);
      int low = digit(rawPath, i + 2);
      if (high < 0 || low < 0) {
        throw invalid(rawPath, "a percent sign needs two hexadecimal digits behind it");
      }
      bytes.write(high << 4 | low);
      i += 2;
    }
    return bytes.toByteArray();
  }

  private static int digit(String text, int index) {
    return index < text.length() ? Character.digit(text.charAt(index), 16) : -1;
  }

  private static String utf8(String rawPath, byte[] path) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(path)).toString();
    } catch (CharacterCodingException e) {
      throw invalid(rawPath, "must be UTF-8");
    }
  }

  private static void requireBelowRoot(String rawPath, String path) {
    int depth = 0;
    for (String part : path.split("/", -1)) {
      depth += part.equals("..") ? -1 : part.isEmpty() || part.equals(".") ? 0 : 1;
      if (depth < 0) {
        throw invalid(rawPath, "must not hold '.' or '..' between slashes");
      }
    }
  }

  private static WarehouseException invalid(String rawPath, String rule) {
    boolean namesABlob = rawPath.contains("/blobs/") || rawPath.contains("/manifests/");
    ErrorCode code =
        namesABlob ? StandardErrorCode.INVALID_KEY : StandardErrorCode.INVALID_ARGUMENT;
    return WarehouseException.invalid(code, "path", rawPath, rule);
  }
}
