package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(RestNode.class)
class BucketsIT {

  private static final String BUCKETS = "/api/v1/buckets/";

  private final Client node;

  BucketsIT(Client node) {
    this.node = node;
  }

  @Test
  void makesABucketOnceAndRefusesOtherSettings() throws IOException {
    String path = BUCKETS + "settings";
    String settings = "{\"quotaBytes\":1000000}";

    Answer made = node.put(path, settings, "Content-Type: application/json");
    assertThat(made.status()).isEqualTo(201);
    assertThat(made.json().get("name").asText()).isEqualTo("settings");
    assertThat(made.json().get("quotaBytes").asLong()).isEqualTo(1_000_000);
    assertThat(made.json().get("blobCount").asLong()).isZero();
    assertThat(node.put(path, settings).status()).isEqualTo(200);
    assertThat(node.put(path, "{\"quotaBytes\":2}").code()).isEqualTo("BUCKET_EXISTS");
    assertThat(node.put(path, "{\"quotaBytes\":2}").status()).isEqualTo(409);
  }

  @Test
  void tellsWhatABucketHolds() throws IOException {
    String path = node.newBucket();
    node.put(path + "/blobs/a", "12345");
    node.put(path + "/blobs/b", "123");
    node.put(path + "/blobs/b", "1234");

    JsonNode bucket = node.get(path).json();
    assertThat(bucket.get("blobCount").asLong()).isEqualTo(2);
    assertThat(bucket.get("bytes").asLong()).isEqualTo(9);
    List<String> names = new ArrayList<>();
    node.get("/api/v1/buckets")
        .json()
        .get("buckets")
        .forEach(listed -> names.add(listed.get("name").asText()));
    assertThat(names).isSorted().contains(bucket.get("name").asText());
  }

  @Test
  void removesAnEmptyBucketAlone() throws IOException {
    String path = node.newBucket();
    node.put(path + "/blobs/a", "1");

    assertThat(node.delete(path).code()).isEqualTo("BUCKET_NOT_EMPTY");
    assertThat(node.delete(path).status()).isEqualTo(409);
    assertThat(node.delete(path + "/blobs/a").status()).isEqualTo(204);
    assertThat(node.delete(path).status()).isEqualTo(204);
    assertThat(node.delete(path).code()).isEqualTo("NO_SUCH_BUCKET");
    assertThat(node.get(path).status()).isEqualTo(404);
    assertThat(node.get(path + "/blobs").status()).isEqualTo(404);
    assertThat(node.put(path + "/blobs/a", "1").code()).isEqualTo("NO_SUCH_BUCKET");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ab", "Abc", "a_b", "a%20b", "a%2Fb", "%C3%A4bc", "abc;x"})
  void refusesBadNames(String name) throws IOException {
    Answer answer = node.put(BUCKETS + name, "");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("INVALID_BUCKET_NAME");
    assertThat(answer.json().get("detail").asText()).contains("bucket");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-ab", "ab-", ".ab", "ab.", "a..b", "..a", "a..", "---", "0.0"})
  void takesNamesOfAllowedCharactersInAnyOrder(String name) throws IOException {
    String path = BUCKETS + name;

    assertThat(node.put(path, "").status()).isEqualTo(201);
    assertThat(node.put(path, "").status()).isEqualTo(200);
    assertThat(node.get(path).json().get("name").asText()).isEqualTo(name);
    assertThat(node.put(path + "/blobs/a/b", name).status()).isEqualTo(201);
    assertThat(node.get(path + "/blobs/a/b").text()).isEqualTo(name);
    assertThat(node.get(path + "/blobs").json().at("/blobs/0/bucket").asText()).isEqualTo(name);
    assertThat(node.get(path + "/manifests/a/b").json().get("key").asText()).isEqualTo("a/b");
    assertThat(node.delete(path + "/blobs/a/b").status()).isEqualTo(204);
    assertThat(node.delete(path).status()).isEqualTo(204);
    assertThat(node.get(path).code()).isEqualTo("NO_SUCH_BUCKET");
  }

  @Test
  void refusesANameOfMoreThan63Characters() throws IOException {
    assertThat(node.put(BUCKETS + "a".repeat(63), "").status()).isEqualTo(201);
    assertThat(node.put(BUCKETS + "a".repeat(64), "").code()).isEqualTo("INVALID_BUCKET_NAME");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ | body",
        "[] | body",
        "{\"quotaByte\":1} | quotaByte",
        "{\"quotaBytes\":1,\"quotaBytes\":2} | quotaBytes",
        "{\"quotaBytes\":\"1\"} | quotaBytes",
        "{\"quotaBytes\":-1} | quotaBytes",
        "{\"quotaBytes\":1.5} | quotaBytes",
        "{\"replicationFactor\":0} | replicationFactor",
        "{\"replicationFactor\":2,\"writeQuorum\":3} | writeQuorum",
        "{\"pipeline\":\"zstd\"} | pipeline",
        "{\"pipeline\":[null]} | pipeline",
        "{\"versioning\":\"yes\"} | versioning",
        "{\"retention\":\"soon\"} | retention"
      })
  void refusesBadSettingsNamingTheField(String settings, String field) throws IOException {
    Answer answer = node.put(BUCKETS + "refused-settings", settings);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("detail").asText()).contains(field);
    assertThat(node.get(BUCKETS + "refused-settings").status()).isEqualTo(404);
  }

  @Test
  void refusesSettingsThatAreNoJsonOrTooLarge() throws IOException {
    String path = BUCKETS + "refused-bodies";

    assertThat(node.put(path, "a=b", "Content-Type: text/plain").status()).isEqualTo(415);
    assertThat(node.put(path, "{}" + " ".repeat(1 << 20)).status()).isEqualTo(413);
    assertThat(node.put(path, "[".repeat(5000)).code()).isEqualTo("INVALID_JSON");
    assertThat(node.get(path).status()).isEqualTo(404);
  }
}
