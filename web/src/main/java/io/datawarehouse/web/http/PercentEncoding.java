package io.datawarehouse.web.http;

import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Percent-encoded text as in RFC 3986, decoded strictly, once, as UTF-8. */
public final class PercentEncoding {

  private PercentEncoding() {}

  /**
   * Returns the decoded text; a {@code +} stays a plus.
   *
   * @param what the name of what is decoded, for the error
   * @throws WarehouseException with the code, for a malformed escape or bytes that are not UTF-8
   */
  public static String decode(String encoded, ErrorCode code, String what) {
    if (encoded.indexOf('%') < 0) {
      return encoded;
    }
    byte[] bytes = new byte[encoded.length()];
    int length = 0;
    for (int i = 0; i < encoded.length(); i++) {
      char c = encoded.charAt(i);
      if (c == '%') {
        bytes[length++] = (byte) octet(encoded, i, code, what);
        i += 2;
      } else {
        bytes[length++] = (byte) c;
      }
    }
    return utf8(ByteBuffer.wrap(bytes, 0, length), encoded, code, what);
  }

  private static int octet(String encoded, int at, ErrorCode code, String what) {
    if (at + 2 >= encoded.length()
        || !HexFormat.isHexDigit(encoded.charAt(at + 1))
        || !HexFormat.isHexDigit(encoded.charAt(at + 2))) {
      throw WarehouseException.invalid(
          code, what, encoded, "a '%' must be followed by two hexadecimal digits");
    }
    return HexFormat.fromHexDigits(encoded, at + 1, at + 3);
  }

  private static String utf8(ByteBuffer bytes, String encoded, ErrorCode code, String what) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw WarehouseException.invalid(
          code, what, encoded, "the percent-encoded bytes must be UTF-8");
    }
  }
}
