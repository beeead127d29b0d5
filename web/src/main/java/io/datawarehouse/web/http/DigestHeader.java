package io.datawarehouse.web.http;

import io.datawarehouse.sdk.blob.ContentDigest;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The {@code Content-Digest} header of RFC 9530: a dictionary of byte sequences as in RFC 8941, but
 * for this: where that takes the last of several values, values that differ are refused, since who
 * sends them cannot mean both. Confined to one call.
 */
public final class DigestHeader {

  private static final String NAME = "Content-Digest";

  private final String text;
  private int at;

  private DigestHeader(String text) {
    this.text = text;
  }

  /** Returns the header's form of a SHA-256 that is given in hexadecimal digits. */
  public static String ofSha256(String hex) {
    return "sha-256=:" + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex)) + ":";
  }

  /**
   * Reads the header.
   *
   * @return the digests whose algorithm is supported, at least one
   * @throws WarehouseException {@code INVALID_ARGUMENT} where it is malformed or contradicts
   *     itself, {@code DIGEST_UNSUPPORTED} where it holds no supported algorithm
   */
  public static List<ContentDigest> parse(String value) {
    Map<String, Bytes> members = new DigestHeader(value.strip()).dictionary();
    List<ContentDigest> digests = new ArrayList<>();
    members.forEach(
        (algorithm, digest) -> {
          if (ContentDigest.javaAlgorithm(algorithm).isPresent()) {
            digests.add(new ContentDigest(algorithm, digest));
          }
        });
    if (digests.isEmpty()) {
      throw WarehouseException.invalid(
          StandardErrorCode.DIGEST_UNSUPPORTED, NAME, value, "use sha-256 or sha-512");
    }
    return digests;
  }

  private Map<String, Bytes> dictionary() {
    Map<String, Bytes> members = new LinkedHashMap<>();
    while (true) {
      String key = key();
      require('=');
      Bytes value = byteSequence();
      Bytes before = members.putIfAbsent(key, value);
      if (before != null && !before.equals(value)) {
        throw contradictory(key);
      }
      parameters();
      skip(" \t");
      if (at == text.length()) {
        return members;
      }
      require(',');
      skip(" \t");
    }
  }

  private String key() {
    int start = at;
    while (at < text.length() && isKeyCharacter(text.charAt(at), at == start)) {
      at++;
    }
    if (at == start) {
      throw malformed();
    }
    return text.substring(start, at);
  }

  private static boolean isKeyCharacter(char c, boolean first) {
    return c >= 'a' && c <= 'z'
        || c == '*'
        || !first && (c >= '0' && c <= '9' || "_-.".indexOf(c) >= 0);
  }

  private Bytes byteSequence() {
    require(':');
    int end = text.indexOf(':', at);
    if (end < 0) {
      throw malformed();
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(text.substring(at, end));
      at = end + 1;
      return Bytes.copyOf(bytes);
    } catch (IllegalArgumentException e) {
      throw malformed();
    }
  }

  /** Parameters of a member say nothing here; they may be tokens, numbers and strings. */
  private void parameters() {
    while (at < text.length() && text.charAt(at) == ';') {
      at++;
      skip(" ");
      key();
      if (at < text.length() && text.charAt(at) == '=') {
        at++;
        bareItem();
      }
    }
  }

  private void bareItem() {
    int start = at;
    if (at < text.length() && text.charAt(at) == '"') {
      at = text.indexOf('"', at + 1) + 1;
      if (at == 0) {
        throw malformed();
      }
      return;
    }
    while (at < text.length() && text.charAt(at) > ' ' && ",;\"".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    if (at == start) {
      throw malformed();
    }
  }

  private void skip(String characters) {
    while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private void require(char c) {
    if (at >= text.length() || text.charAt(at) != c) {
      throw malformed();
    }
    at++;
  }

  private WarehouseException contradictory(String key) {
    return WarehouseException.invalid(NAME, text, "gives " + key + " two values that differ");
  }

  private WarehouseException malformed() {
    return WarehouseException.invalid(
        NAME, text, "use sha-256=:BASE64: or sha-512=:BASE64:, separated by commas");
  }
}
