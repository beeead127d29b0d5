package io.datawarehouse.it.platform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the application does on every platform it is deployed to. */
public abstract class PlatformContract {

  /** A client of the node under test. */
  protected abstract NodeClient node();

  @Test
  void findsThePluginsAsBeans() {
    Map<String, String> states = new HashMap<>();
    for (JsonNode plugin : node().getJson("/api/v1/plugins").get("plugins")) {
      states.put(plugin.get("id").asText(), plugin.get("state").asText());
    }

    assertThat(states)
        .containsEntry("echo", "RUNNING")
        .containsEntry("storage-rocksdb", "RUNNING")
        .containsEntry("compression", "RUNNING")
        .containsEntry("encryption", "RUNNING")
        .containsEntry("balance-round-robin", "RUNNING")
        .containsEntry("balance-adaptive", "RUNNING");
  }

  @Test
  void answersOverTheBus() {
    HttpResponse<byte[]> answer =
        node()
            .postJson(
                "/api/v1/messages/echo.ping",
                "{\"kind\":\"query\",\"payload\":{\"greeting\":\"hello\"}}");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(NodeClient.parse(answer).at("/payload/greeting").asText()).isEqualTo("hello");
  }

  @Test
  void givesBackABlobOfSeveralFrames() {
    String bucket = "it-" + UUID.randomUUID();
    String blob = "/api/v1/buckets/" + bucket + "/blobs/a/b%20c";
    byte[] content = new byte[3_000_001];
    new Random(42).nextBytes(content);

    assertThat(node().put("/api/v1/buckets/" + bucket, new byte[0]).statusCode()).isEqualTo(201);
    assertThat(node().put(blob, content).statusCode()).isEqualTo(201);

    HttpResponse<byte[]> answer = node().get(blob);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(content);
    assertThat(node().delete(blob).statusCode()).isEqualTo(204);
    assertThat(node().delete("/api/v1/buckets/" + bucket).statusCode()).isEqualTo(204);
  }

  @Test
  void isReadyAndSaysWhyWithoutAToken() {
    HttpResponse<String> ready = node().getOpenly("/health/ready");

    assertThat(ready.statusCode()).isEqualTo(200);
    assertThat(ready.body()).contains("\"status\":\"UP\"").contains("\"checks\":[{");
  }

  @Test
  void keepsItsMetricsFromStrangersAndShowsTheMetricsOfItsOwn() {
    assertThat(node().getOpenly("/metrics").statusCode()).isEqualTo(401);
    HttpResponse<byte[]> metrics = node().get("/metrics");

    assertThat(metrics.statusCode()).isEqualTo(200);
    assertThat(new String(metrics.body(), UTF_8)).contains("# TYPE dw_");
  }

  @Test
  void describesItselfWithoutAToken() {
    HttpResponse<String> description = node().getOpenly("/openapi");

    assertThat(description.statusCode()).isEqualTo(200);
    assertThat(description.body()).contains("/api/v1/buckets/{bucket}/blobs/{key}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%zz", "a%", "a%00b", "%FF", "../../../../../../x"})
  void refusesAKeyThatTheServerCannotRead(String key) {
    String path = "/api/v1/buckets/it-bucket/blobs/" + key;

    String answer = node().raw("PUT " + path + " HTTP/1.1", "Content-Length: 0");

    assertThat(answer)
        .startsWith("HTTP/1.1 400 ")
        .contains("application/problem+json")
        .contains("\"code\":\"INVALID_KEY\"");
  }

  @Test
  void refusesATransferCodingThatTheServerWouldTakeForAnEmptyBody() {
    String answer =
        node()
            .raw(
                "PUT /api/v1/buckets/it-bucket/blobs/a HTTP/1.1",
                "Transfer-Encoding: gzip, chunked");

    assertThat(answer)
        .startsWith("HTTP/1.1 400 ")
        .contains("\"code\":\"INVALID_ARGUMENT\"")
        .contains("Transfer-Encoding");
  }

  @Test
  void namesNoServerInItsAnswers() {
    assertThat(node().getOpenly("/health/live").headers().map())
        .doesNotContainKeys("server", "x-powered-by");
  }
}
