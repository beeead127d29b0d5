package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.it.rest.RestNode.Client;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Content that was damaged on the disk never passes for what was stored. */
@ExtendWith(RestNode.class)
class DamagedContentIT {

  private static final int SIZE = 40_000_000;

  private final Client node;

  DamagedContentIT(Client node) {
    this.node = node;
  }

  @Test
  void breaksTheConnectionWhereTheDamageBegins() throws IOException {
    String path = node.newBucket() + "/blobs/damaged";
    byte[] content = new byte[SIZE];
    new Random(11).nextBytes(content);
    node.send("PUT", path, content);
    damage(largestFile());

    try (Wire wire = new Wire(node.port())) {
      wire.send(node.head("GET", path, -1));
      Answer begun = Answer.readHead(wire.in());
      assertThat(begun.status()).isEqualTo(200);
      assertThat(begun.header("Content-Length")).contains(Integer.toString(SIZE));

      byte[] got = readToTheEnd(wire.in());
      assertThat(got.length).isBetween(1, SIZE / 2);
      assertThat(got).isEqualTo(Arrays.copyOf(content, got.length));
    }
    Answer part = node.get(path, "Range: bytes=" + SIZE / 2 + "-" + (SIZE / 2 + 10));
    assertThat(part.status()).isEqualTo(500);
    assertThat(part.code()).isEqualTo("BLOB_CORRUPT");
    assertThat(node.get(path, "Range: bytes=0-99").status()).isEqualTo(206);
    assertThat(node.delete(path).status()).isEqualTo(204);
  }

  private static byte[] readToTheEnd(InputStream in) throws IOException {
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    byte[] buffer = new byte[1 << 16];
    try {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        got.write(buffer, 0, count);
      }
    } catch (SocketException e) {
      // Reset: broken off as well.
      assertThat(e).hasMessageContaining("reset");
    }
    return got.toByteArray();
  }

  private Path largestFile() throws IOException {
    try (Stream<Path> files = Files.walk(node.data().resolve("plugins"))) {
      return files
          .filter(file -> file.toFile().length() >= SIZE)
          .max(Comparator.comparingLong(file -> file.toFile().lastModified()))
          .orElseThrow();
    }
  }

  private static void damage(Path file) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      long middle = bytes.length() / 2;
      bytes.seek(middle);
      int value = bytes.read();
      bytes.seek(middle);
      bytes.write(value ^ 0xff);
    }
  }
}
