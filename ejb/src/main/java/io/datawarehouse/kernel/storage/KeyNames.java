package io.datawarehouse.kernel.storage;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Names of files for keys: letters, digits, {@code -}, {@code _} and dots stand for themselves, any
 * other byte is {@code %} and two digits. No name begins with a dot; those are temporary files. A
 * key whose name would be too long for a file system keeps its beginning, followed by {@code ~} and
 * its digest; the file itself then tells the key.
 */
final class KeyNames {

  private static final HexFormat HEX = HexFormat.of();
  private static final String TEMPORARY = ".tmp-";
  private static final char SHORTENED = '~';
  private static final int LONGEST = 200;
  private static final int KEPT = 100;

  private KeyNames() {}

  static String temporary(long number) {
    return TEMPORARY + number;
  }

  static boolean isTemporary(String name) {
    return name.startsWith(TEMPORARY);
  }

  static boolean isShortened(String name) {
    return name.indexOf(SHORTENED) >= 0;
  }

  static String encode(byte[] key) {
    StringBuilder name = new StringBuilder(key.length + 16);
    for (int i = 0; i < key.length; i++) {
      char c = (char) (key[i] & 0xff);
      if (isPlain(c) && !(c == '.' && i == 0)) {
        name.append(c);
      } else {
        name.append('%').append(HEX.toHexDigits(key[i]));
      }
    }
    return name.length() <= LONGEST
        ? name.toString()
        : name.substring(0, KEPT) + SHORTENED + HEX.formatHex(sha256(key));
  }

  /** Returns the key of a name that is not shortened; empty if no key has that name. */
  static Optional<String> decode(String name) {
    ByteArrayOutputStream key = new ByteArrayOutputStream(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '%' && i + 2 < name.length() && isHex(name, i + 1) && isHex(name, i + 2)) {
        key.write(HexFormat.fromHexDigits(name, i + 1, i + 3));
        i += 2;
      } else if (isPlain(c)) {
        key.write(c);
      } else {
        return Optional.empty();
      }
    }
    byte[] bytes = key.toByteArray();
    return encode(bytes).equals(name)
        ? Optional.of(new String(bytes, StandardCharsets.UTF_8))
        : Optional.empty();
  }

  private static boolean isHex(String text, int at) {
    return HexFormat.isHexDigit(text.charAt(at));
  }

  private static boolean isPlain(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '-'
        || c == '_'
        || c == '.';
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
