package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.blob.ContentDigest;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.storage.BlobWriter;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * Takes the content of one write, piece by piece through one buffer, and checks it against what was
 * announced. Confined to one thread.
 */
final class ContentIntake {

  private static final String ETAG_ALGORITHM = "sha-256";

  /**
   * What was taken.
   *
   * @param size how many bytes
   * @param etag their SHA-256 in hexadecimal digits
   */
  record Taken(long size, String etag) {}

  private final InputStream stream;
  private final OptionalLong announcedLength;
  private final List<ContentDigest> announcedDigests;
  private final TreeMap<String, MessageDigest> digests = new TreeMap<>();
  private long size;

  ContentIntake(Content content, List<ContentDigest> announced) {
    this.stream = content.stream();
    this.announcedLength = content.length();
    this.announcedDigests = announced;
    digests.put(ETAG_ALGORITHM, digest(ETAG_ALGORITHM));
    announced.forEach(digest -> digests.computeIfAbsent(digest.algorithm(), ContentIntake::digest));
  }

  /**
   * Copies everything.
   *
   * @param before called with the size so far before each piece is written; may throw to stop
   */
  Taken copyTo(BlobWriter writer, byte[] buffer, LongConsumer before) {
    for (int count = read(buffer); count >= 0; count = read(buffer)) {
      size += count;
      if (announcedLength.isPresent() && size > announcedLength.getAsLong()) {
        throw lengthMismatch("goes on after");
      }
      before.accept(size);
      for (MessageDigest digest : digests.values()) {
        digest.update(buffer, 0, count);
      }
      writer.write(buffer, 0, count);
    }
    if (announcedLength.isPresent() && size < announcedLength.getAsLong()) {
      throw lengthMismatch("ended after " + size + " of");
    }
    return finish();
  }

  private int read(byte[] buffer) {
    try {
      return stream.read(buffer, 0, buffer.length);
    } catch (IOException e) {
      throw new WarehouseException(
          StandardErrorCode.CONTENT_INTERRUPTED,
          "the sender of the content went away after " + size + " bytes; nothing was stored",
          e);
    }
  }

  private Taken finish() {
    TreeMap<String, byte[]> values = new TreeMap<>();
    digests.forEach((algorithm, digest) -> values.put(algorithm, digest.digest()));
    for (ContentDigest announced : announcedDigests) {
      byte[] value = values.get(announced.algorithm());
      if (value == null || !MessageDigest.isEqual(value, announced.value().toArray())) {
        throw new WarehouseException(
            StandardErrorCode.DIGEST_MISMATCH,
            "Content-Digest "
                + announced.algorithm()
                + " does not fit the "
                + size
                + " bytes that came; nothing was stored");
      }
    }
    return new Taken(size, HexFormat.of().formatHex(values.get(ETAG_ALGORITHM)));
  }

  private WarehouseException lengthMismatch(String what) {
    return new WarehouseException(
        StandardErrorCode.CONTENT_LENGTH_MISMATCH,
        "the content "
            + what
            + " the announced "
            + announcedLength.orElse(0)
            + " bytes; nothing was stored");
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(ContentDigest.javaAlgorithm(algorithm).orElseThrow());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no " + algorithm, e);
    }
  }
}
