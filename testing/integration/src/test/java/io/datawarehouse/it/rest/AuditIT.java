package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.datawarehouse.it.crash.NodeProcess;
import io.datawarehouse.it.platform.Places;
import io.datawarehouse.it.platform.Trees;
import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(RestNode.class)
class AuditIT {

  private static final String AUDIT = "/api/v1/audit";

  private final Client node;

  AuditIT(Client node) {
    this.node = node;
  }

  /** All entries of a node, page by page. */
  private static List<JsonNode> entries(Client node) throws IOException {
    List<JsonNode> entries = new ArrayList<>();
    String after = "0";
    while (!after.isEmpty()) {
      JsonNode page = node.get(AUDIT + "?limit=7&after=" + after).json();
      page.get("entries").forEach(entries::add);
      after = page.path("next").asText();
    }
    return entries;
  }

  private static List<JsonNode> about(List<JsonNode> entries, String target) {
    return entries.stream().filter(entry -> entry.get("target").asText().equals(target)).toList();
  }

  @Test
  void whoChangedWhatIsThereAsSoonAsItIsAnswered() throws IOException {
    String bucket = node.newBucket();
    String name = bucket.substring(bucket.lastIndexOf('/') + 1);
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    node.put(bucket, "");
    node.put(bucket + "/blobs/x", "content");
    node.delete(bucket, "traceparent: 00-" + trace + "-00f067aa0ba902b7-01");
    node.delete(bucket + "/blobs/x");
    node.delete(bucket);

    List<JsonNode> entries = entries(node);

    assertThat(about(entries, "PUT /buckets/" + name))
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.get("action").asText()).isEqualTo("bucket.create");
              assertThat(entry.get("principal").asText()).isEqualTo("admin");
              assertThat(entry.get("from").asText()).isEqualTo("127.0.0.1");
              assertThat(entry.get("outcome").asText()).isEqualTo("DONE");
            });
    List<JsonNode> deletions = about(entries, "DELETE /buckets/" + name);
    assertThat(deletions)
        .extracting(entry -> entry.get("outcome").asText())
        .containsExactly("FAILED", "DONE");
    assertThat(deletions.get(0).get("code").asText()).isEqualTo("BUCKET_NOT_EMPTY");
    assertThat(deletions.get(0).get("correlationId").asText()).isEqualTo(trace);
    assertThat(entries).noneMatch(entry -> entry.get("target").asText().contains(name + "/blobs/"));
  }

  @Test
  void whoIsRefusedIsRecordedAndNoTokenIs() throws IOException {
    String secret = "a-token-that-nobody-knows-and-that-must-not-be-seen";
    node.sendAs(secret, "GET", "/api/v1/buckets", null);
    node.sendAs(node.token("reader"), "POST", "/api/v1/scrub", new byte[0]);
    node.sendAs(node.token("operator"), "GET", AUDIT, null);

    List<JsonNode> entries = entries(node);

    assertThat(entries)
        .anyMatch(
            entry ->
                entry.get("action").asText().equals("authentication")
                    && entry.get("principal").asText().equals("anonymous")
                    && entry.get("outcome").asText().equals("REFUSED"));
    assertThat(about(entries, "POST /scrub"))
        .anyMatch(
            entry ->
                entry.get("action").asText().equals("scrub.begin")
                    && entry.get("principal").asText().equals("reader")
                    && entry.get("code").asText().equals("FORBIDDEN"));
    assertThat(about(entries, "GET /audit"))
        .anyMatch(entry -> entry.get("principal").asText().equals("operator"));
    assertThat(entries.toString())
        .doesNotContain(secret, node.token("admin"), node.token("reader"), node.token("operator"));
    assertThat(node.get("/metrics").text()).contains("dw_audit_recorded_total", "dw_audit_lost");
  }

  @ParameterizedTest
  @CsvSource({
    "limit=0,limit",
    "limit=1001,limit",
    "limit=x,limit",
    "after=x,after",
    "after=-1,after",
    "until=1,until"
  })
  void badInputIsNamed(String query, String name) throws IOException {
    Answer answer = node.get(AUDIT + "?" + query);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("detail").asText()).contains(name);
  }

  @Test
  void onlyAdministratorsReadIt() throws IOException {
    assertThat(node.sendAs(node.token("operator"), "GET", AUDIT, null).status()).isEqualTo(403);
    assertThat(node.sendAs("", "GET", AUDIT, null).status()).isEqualTo(401);
  }

  @Test
  void whatWasAnsweredOutlivesAKilledNode() throws IOException {
    Path data = Places.work("audit");
    Trees.delete(data);
    try (NodeProcess first = NodeProcess.start(data)) {
      Client client = new Client(first.base(), data);
      assertThat(client.put("/api/v1/buckets/before", "").status()).isEqualTo(201);
      first.kill();
    }

    try (NodeProcess second = NodeProcess.start(data)) {
      Client client = new Client(second.base(), data);
      assertThat(client.put("/api/v1/buckets/after", "").status()).isEqualTo(201);

      assertThat(entries(client))
          .filteredOn(entry -> entry.get("action").asText().equals("bucket.create"))
          .extracting(entry -> entry.get("target").asText())
          .containsExactly("PUT /buckets/before", "PUT /buckets/after");
    }
  }
}
