package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A blob of twelve times the memory of the node goes in and comes out. */
@ExtendWith(RestNode.class)
class LargeBlobIT {

  private static final int PIECE = 1 << 20;
  private static final int PIECES = 3 * 1024;
  private static final long SIZE = (long) PIECE * PIECES;

  private final Client node;

  LargeBlobIT(Client node) {
    this.node = node;
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void streamsThreeGibibytesInAndOut() throws IOException {
    String path = node.newBucket() + "/blobs/large";

    String etag = write(path);
    MessageDigest digest = sha256();
    try (Wire wire = new Wire(node.port())) {
      long start = System.nanoTime();
      wire.send(node.head("GET", path, -1));
      Answer begun = Answer.readHead(wire.in());
      assertThat(begun.status()).isEqualTo(200);
      assertThat(begun.header("Content-Length")).contains(Long.toString(SIZE));
      assertThat(begun.header("ETag")).contains('"' + etag + '"');
      int first = wire.in().read();
      long untilFirst = System.nanoTime() - start;
      digest.update((byte) first);
      long count = 1 + readInto(digest, wire.in(), SIZE - 1);
      long untilLast = System.nanoTime() - start;

      assertThat(count).isEqualTo(SIZE);
      assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(etag);
      assertThat(untilFirst).as("nanoseconds to the first byte").isLessThan(untilLast / 4);
    }
    long offset = SIZE - 10;
    Answer part = node.get(path, "Range: bytes=" + offset + "-");
    assertThat(part.header("Content-Range"))
        .contains("bytes " + offset + "-" + (SIZE - 1) + "/" + SIZE);
    assertThat(node.delete(path).status()).isEqualTo(204);
  }

  /** A client that reads a little and goes away leaves nothing behind that stays open. */
  @Test
  void survivesReadersThatVanish() throws IOException {
    String path = node.newBucket() + "/blobs/abandoned";
    node.send("PUT", path, new byte[20 * PIECE]);

    for (int i = 0; i < 20; i++) {
      try (Wire wire = new Wire(node.port())) {
        wire.send(node.head("GET", path, -1));
        assertThat(Answer.readHead(wire.in()).status()).isEqualTo(200);
        assertThat(wire.in().read()).isZero();
      }
    }
    assertThat(node.get(path).body()).hasSize(20 * PIECE);
    assertThat(node.delete(path).status()).isEqualTo(204);
  }

  private String write(String path) throws IOException {
    MessageDigest digest = sha256();
    byte[] piece = new byte[PIECE];
    // Content that no pipeline can shrink, made faster than it is sent.
    SplittableRandom random = new SplittableRandom(7);
    random.nextBytes(piece);
    try (Wire wire = new Wire(node.port())) {
      wire.send(node.head("PUT", path, SIZE, "Content-Type: application/x-large"));
      for (int i = 0; i < PIECES; i++) {
        piece[i % PIECE] = (byte) i;
        piece[0] = (byte) (i >>> 8);
        digest.update(piece);
        wire.out().write(piece);
      }
      wire.out().flush();
      Answer answer = wire.read();
      String etag = HexFormat.of().formatHex(digest.digest());
      assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
      assertThat(answer.json().get("etag").asText()).isEqualTo(etag);
      assertThat(answer.json().get("size").asLong()).isEqualTo(SIZE);
      return etag;
    }
  }

  private static long readInto(MessageDigest digest, InputStream in, long length)
      throws IOException {
    byte[] buffer = new byte[PIECE];
    long count = 0;
    while (count < length) {
      int got = in.read(buffer, 0, (int) Math.min(buffer.length, length - count));
      if (got < 0) {
        break;
      }
      digest.update(buffer, 0, got);
      count += got;
    }
    return count;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
