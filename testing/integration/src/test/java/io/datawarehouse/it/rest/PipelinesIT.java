package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What content goes through on its way to the disk, seen from outside. */
@ExtendWith(RestNode.class)
class PipelinesIT {

  private static final String BUCKETS = "/api/v1/buckets/";
  private static final int SIZE = 3_000_000;

  /** Files of other tests may be larger than memory; those of this one are not. */
  private static final long MOST_SEARCHED = 20_000_000;

  private final Client node;

  PipelinesIT(Client node) {
    this.node = node;
  }

  private static byte[] text() {
    StringBuilder text = new StringBuilder(SIZE);
    Random random = new Random(3);
    while (text.length() < SIZE) {
      text.append("line ").append(random.nextInt(1000)).append(" of a log\n");
    }
    return text.substring(0, SIZE).getBytes(StandardCharsets.US_ASCII);
  }

  private static String list(String... names) {
    return names.length == 0
        ? "{\"pipeline\":[]}"
        : "{\"pipeline\":[\"" + String.join("\",\"", names) + "\"]}";
  }

  private static List<String> pipelineOf(JsonNode shown) {
    List<String> names = new ArrayList<>();
    shown.get("pipeline").forEach(name -> names.add(name.asText()));
    return names;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"zstd", "zstd-19", "lz4", "gzip", "zstd,aes-gcm", "lz4,zstd,chacha20-poly1305"})
  void givesBackWhatWentThroughAPipelineWholeAndInParts(String pipeline) throws IOException {
    String[] stages = pipeline.split(",");
    String bucket = BUCKETS + "pipeline-" + pipeline.replace(',', '-');
    byte[] content = text();
    Answer made = node.put(bucket, list(stages));
    assertThat(made.status()).isEqualTo(201);
    assertThat(pipelineOf(made.json())).containsExactly(stages);
    assertThat(node.put(bucket, list(stages)).status()).isEqualTo(200);

    Answer written = node.send("PUT", bucket + "/blobs/log", content);

    assertThat(written.status()).isEqualTo(201);
    assertThat(pipelineOf(written.json())).containsExactly(stages);
    assertThat(written.json().get("size").asLong()).isEqualTo(SIZE);
    assertThat(written.json().get("storedSize").asLong()).isBetween(1L, SIZE / 2L);
    assertThat(written.json().has("encoding")).isFalse();
    Answer read = node.get(bucket + "/blobs/log");
    assertThat(Arrays.equals(read.body(), content)).isTrue();
    assertThat(read.header("Content-Length")).contains(Integer.toString(SIZE));
    for (int first : new int[] {0, 131_070, 1_500_000, SIZE - 4096}) {
      Answer part = node.get(bucket + "/blobs/log", "Range: bytes=" + first + "-" + (first + 4095));
      assertThat(part.status()).isEqualTo(206);
      assertThat(part.body()).isEqualTo(Arrays.copyOfRange(content, first, first + 4096));
    }
    assertThat(node.get(bucket).json().get("bytes").asLong()).isEqualTo(SIZE);
  }

  @Test
  void encryptsWhatNobodySaidAnythingAbout() throws IOException {
    String bucket = node.newBucket();
    byte[] secret = "nobody shall find this on the disk".getBytes(StandardCharsets.US_ASCII);
    assertThat(pipelineOf(node.get(bucket).json())).containsExactly("zstd", "aes-gcm");

    node.send("PUT", bucket + "/blobs/secret", repeated(secret, 5000));
    node.send("PUT", bucket + "/blobs/small", secret);
    assertThat(isOnTheDisk(secret)).isFalse();
    node.put(bucket + "-plain", list());
    node.send("PUT", bucket + "-plain/blobs/open", repeated(secret, 5000));
    assertThat(isOnTheDisk(secret)).as("where nothing is encrypted").isTrue();

    assertThat(node.get(bucket + "/blobs/small").body()).isEqualTo(secret);
    assertThat(node.get(bucket + "/blobs/secret").body()).isEqualTo(repeated(secret, 5000));
    assertThat(pipelineOf(node.get(bucket + "/manifests/small").json()))
        .containsExactly("zstd", "aes-gcm");
    node.delete(bucket + "-plain/blobs/open");
  }

  private boolean isOnTheDisk(byte[] secret) throws IOException {
    String wanted = new String(secret, StandardCharsets.ISO_8859_1);
    try (Stream<Path> files = Files.walk(node.data().resolve("plugins"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (Files.size(file) < MOST_SEARCHED
            && Files.readString(file, StandardCharsets.ISO_8859_1).contains(wanted)) {
          return true;
        }
      }
    }
    return false;
  }

  private static byte[] repeated(byte[] source, int times) {
    byte[] all = new byte[source.length * times];
    for (int i = 0; i < times; i++) {
      System.arraycopy(source, 0, all, i * source.length, source.length);
    }
    return all;
  }

  @Test
  void changesThePipelineAndReadsWhatWasThereBefore() throws IOException {
    String bucket = BUCKETS + "pipeline-changed";
    byte[] content = text();
    node.put(bucket, list("zstd"));
    node.send("PUT", bucket + "/blobs/old", content);

    Answer changed = node.put(bucket + "/pipeline", list());
    node.send("PUT", bucket + "/blobs/new", content);

    assertThat(changed.status()).isEqualTo(200);
    assertThat(pipelineOf(changed.json())).isEmpty();
    assertThat(pipelineOf(node.get(bucket).json())).isEmpty();
    assertThat(pipelineOf(node.get(bucket + "/manifests/old").json())).containsExactly("zstd");
    assertThat(pipelineOf(node.get(bucket + "/manifests/new").json())).isEmpty();
    for (String key : List.of("old", "new")) {
      assertThat(Arrays.equals(node.get(bucket + "/blobs/" + key).body(), content)).isTrue();
    }
    assertThat(
            node.sendAs(node.token("writer"), "PUT", bucket + "/pipeline", bytes(list("lz4")))
                .status())
        .isEqualTo(403);
    assertThat(node.put(BUCKETS + "no-such-bucket/pipeline", list()).status()).isEqualTo(404);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void refusesAPipelineThatCannotBe() throws IOException {
    Answer unknown = node.put(BUCKETS + "pipeline-refused", list("zstd", "rot13"));
    Answer order = node.put(BUCKETS + "pipeline-refused", list("aes-gcm", "zstd"));

    assertThat(unknown.status()).isEqualTo(400);
    assertThat(unknown.json().get("detail").asText())
        .contains("pipeline", "rot13", "aes-gcm", "chacha20-poly1305", "gzip", "lz4", "zstd");
    assertThat(order.status()).isEqualTo(400);
    assertThat(order.json().get("detail").asText()).contains("pipeline", "aes-gcm,zstd");
    assertThat(node.get(BUCKETS + "pipeline-refused").status()).isEqualTo(404);
    String bucket = node.newBucket();
    assertThat(node.put(bucket + "/pipeline", list("rot13")).status()).isEqualTo(400);
    assertThat(node.put(bucket + "/pipeline", "{}").status()).isEqualTo(400);
  }
}
