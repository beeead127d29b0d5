package io.datawarehouse.web.http;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads what a request names from its raw target. The container and JAX-RS normalise, cut matrix
 * parameters off and decode leniently; a key must arrive as it was sent.
 */
public final class RawTarget {

  private RawTarget() {}

  /**
   * Returns the decoded rest of a raw path behind a marker, for example the key behind {@code
   * /blobs/}.
   *
   * @throws WarehouseException {@code INVALID_KEY} where it is not percent-encoded UTF-8
   */
  public static String after(String rawPath, String prefix, String marker) {
    int start = rawPath.indexOf(marker, prefix.length());
    return start < 0 ? "" : decode(rawPath.substring(start + marker.length()));
  }

  /** Decodes percent-encoding once, strictly. */
  public static String decode(String raw) {
    if (raw.indexOf('%') < 0 && raw.chars().allMatch(c -> c < 0x80)) {
      return raw;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c != '%') {
        // A raw byte above ASCII reaches us as one Latin-1 character.
        bytes.write(c);
        continue;
      }
      int high = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), 16) : -1;
      int low = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 2), 16) : -1;
      if (high < 0 || low < 0) {
        throw malformed(raw, "a percent sign needs two hexadecimal digits behind it");
      }
      bytes.write(high << 4 | low);
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw malformed(raw, "must be UTF-8");
    }
  }

  private static WarehouseException malformed(String raw, String rule) {
    return WarehouseException.invalid(StandardErrorCode.INVALID_KEY, "key", raw, rule);
  }
}
