package io.datawarehouse.web.http;

import io.datawarehouse.sdk.blob.ContentDigest;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads and writes {@code Content-Digest} and {@code Repr-Digest} (RFC 9530). */
public final class DigestHeader {

  private static final String NAME = "Content-Digest";
  private static final Pattern MEMBER =
      Pattern.compile("[ \t]*([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]*):[ \t]*");

  private DigestHeader() {}

  /**
   * Returns the digests of all lines whose algorithm is supported.
   *
   * @throws WarehouseException where the header is malformed, or where no algorithm is supported: a
   *     writer that wants its content checked must not believe that it was
   */
  public static List<ContentDigest> parse(List<String> lines) {
    List<ContentDigest> digests = new ArrayList<>();
    List<String> unsupported = new ArrayList<>();
    for (String line : lines) {
      for (String member : line.split(",", -1)) {
        Matcher match = MEMBER.matcher(member);
        if (!match.matches()) {
          throw malformed(line);
        }
        String algorithm = match.group(1).toLowerCase(Locale.ROOT);
        if (ContentDigest.javaAlgorithm(algorithm).isEmpty()) {
          unsupported.add(algorithm);
          continue;
        }
        digests.add(new ContentDigest(algorithm, decode(line, match.group(2))));
      }
    }
    if (digests.isEmpty() && !unsupported.isEmpty()) {
      throw WarehouseException.invalid(
          StandardErrorCode.DIGEST_UNSUPPORTED,
          NAME,
          String.join(", ", unsupported),
          "use sha-256 or sha-512");
    }
    return digests;
  }

  /** Returns the header's value for a SHA-256 in hexadecimal digits. */
  public static String ofSha256(String hex) {
    return "sha-256=:" + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex)) + ":";
  }

  private static Bytes decode(String line, String base64) {
    try {
      return Bytes.copyOf(Base64.getDecoder().decode(base64));
    } catch (IllegalArgumentException e) {
      throw malformed(line);
    }
  }

  private static WarehouseException malformed(String line) {
    return WarehouseException.invalid(NAME, line, "use ALGORITHM=:BASE64:, separated by commas");
  }
}
