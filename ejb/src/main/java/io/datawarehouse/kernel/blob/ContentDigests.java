package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.blob.ContentDigest;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Computes the digests of one content: the SHA-256 that becomes its entity tag, and those that were
 * announced. Confined to one thread at a time.
 */
final class ContentDigests {

  private static final String ETAG_ALGORITHM = "sha-256";

  private final List<ContentDigest> announced;
  private final Map<String, MessageDigest> digests = new TreeMap<>();

  ContentDigests(List<ContentDigest> announced) {
    this.announced = announced;
    digests.put(ETAG_ALGORITHM, begin(ETAG_ALGORITHM));
    announced.forEach(digest -> digests.computeIfAbsent(digest.algorithm(), ContentDigests::begin));
  }

  void update(byte[] source, int length) {
    for (MessageDigest digest : digests.values()) {
      digest.update(source, 0, length);
    }
  }

  /** Returns the entity tag, or throws {@code DIGEST_MISMATCH}. Called once, at the end. */
  String finish() {
    Map<String, byte[]> values = new TreeMap<>();
    digests.forEach((algorithm, digest) -> values.put(algorithm, digest.digest()));
    for (ContentDigest expected : announced) {
      if (!MessageDigest.isEqual(values.get(expected.algorithm()), expected.value().toArray())) {
        throw new WarehouseException(
            StandardErrorCode.DIGEST_MISMATCH,
            "Content-Digest "
                + expected.algorithm()
                + " does not fit the content that came; nothing was stored");
      }
    }
    return HexFormat.of().formatHex(values.get(ETAG_ALGORITHM));
  }

  private static MessageDigest begin(String algorithm) {
    try {
      return MessageDigest.getInstance(ContentDigest.javaAlgorithm(algorithm).orElseThrow());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no " + algorithm, e);
    }
  }
}
