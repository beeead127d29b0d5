package io.datawarehouse.sdk.blob;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import java.util.Map;
import java.util.Optional;

/**
 * A digest that a writer announces, as in RFC 9530. Immutable.
 *
 * @param algorithm {@code sha-256} or {@code sha-512}
 * @param value the digest, of the algorithm's length
 */
public record ContentDigest(String algorithm, Bytes value) {

  private record Known(String javaName, int length) {}

  private static final Map<String, Known> KNOWN =
      Map.of("sha-256", new Known("SHA-256", 32), "sha-512", new Known("SHA-512", 64));

  /** Checks the algorithm and the length. */
  public ContentDigest {
    Known known = KNOWN.get(algorithm);
    if (known == null) {
      throw WarehouseException.invalid(
          StandardErrorCode.DIGEST_UNSUPPORTED,
          "Content-Digest",
          algorithm,
          "use sha-256 or sha-512");
    }
    if (value.size() != known.length) {
      throw WarehouseException.invalid(
          "Content-Digest",
          algorithm + " of " + value.size() + " bytes",
          "must have " + known.length + " bytes");
    }
  }

  /** Returns the name of the algorithm in Java, where it is supported. */
  public static Optional<String> javaAlgorithm(String algorithm) {
    return Optional.ofNullable(KNOWN.get(algorithm)).map(Known::javaName);
  }
}
