package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RestNode.class)
class OperationsIT {

  private final Client node;

  OperationsIT(Client node) {
    this.node = node;
  }

  @Test
  void showsPluginsAndWhatTheyProvide() throws IOException {
    JsonNode plugins = node.get("/api/v1/plugins").json().get("plugins");
    List<String> running = new ArrayList<>();
    plugins.forEach(
        plugin -> {
          assertThat(plugin.get("name").asText()).isNotBlank();
          assertThat(plugin.get("version").asText()).isNotBlank();
          assertThat(plugin.get("category").asText()).isNotBlank();
          assertThat(plugin.get("provides").isArray()).isTrue();
          assertThat(plugin.get("requires").isArray()).isTrue();
          if (plugin.get("state").asText().equals("RUNNING")) {
            running.add(plugin.get("id").asText());
          }
        });
    assertThat(running).contains("echo", "storage-rocksdb", "compression", "encryption");

    JsonNode capabilities = node.get("/api/v1/capabilities").json().get("capabilities");
    assertThat(capabilities).isNotEmpty();
    assertThat(capabilities.get(0).get("name").asText()).isNotBlank();
    assertThat(capabilities.get(0).get("cardinality").asText()).isIn("SINGLE", "MULTI", "SELECTED");
    assertThat(capabilities.get(0).get("providers").isArray()).isTrue();
  }

  @Test
  void showsAClusterOfOne() throws IOException {
    JsonNode cluster = node.get("/api/v1/cluster").json();
    JsonNode self = cluster.at("/nodes/0");

    assertThat(cluster.get("mode").asText()).isEqualTo("standalone");
    assertThat(cluster.get("leader")).isEqualTo(cluster.get("localNodeId"));
    assertThat(cluster.get("quorum").asInt()).isOne();
    assertThat(cluster.get("topologyId").asInt()).isOne();
    assertThat(cluster.get("rebalancing").asBoolean()).isFalse();
    assertThat(cluster.get("nodes")).hasSize(1);
    assertThat(self.get("id")).isEqualTo(cluster.get("localNodeId"));
    assertThat(self.get("address").asText()).endsWith(":" + node.port());
    assertThat(self.get("state").asText()).isEqualTo("ACTIVE");
    assertThat(self.get("health").asText()).isEqualTo("HEALTHY");
    for (String percent : List.of("cpuPercent", "memoryPercent", "diskPercent")) {
      assertThat(self.at("/load/" + percent).asDouble()).as(percent).isBetween(0.0, 100.0);
    }
    assertThat(self.at("/load/memoryPercent").asDouble()).isPositive();
    assertThat(self.at("/load/activeRequests").asInt()).isPositive();
    assertThat(self.at("/load/requestsPerSecond").asDouble()).isPositive();
  }

  @Test
  void countsRequestsByRouteAndNotByPath() throws IOException {
    String path = node.newBucket() + "/blobs/a-very-special-key";
    node.put(path, "12345");
    node.get(path);
    node.get(path + "-missing");

    Answer metrics = node.get("/metrics");
    assertThat(metrics.header("Content-Type").orElseThrow().replace(" ", ""))
        .startsWith("text/plain;version=0.0.4");
    assertThat(metrics.text().lines())
        .anyMatch(line -> isSeries(line, "dw_http_requests_seconds_count", "PUT", "2xx"))
        .anyMatch(line -> isSeries(line, "dw_http_requests_seconds_count", "GET", "2xx"))
        .anyMatch(line -> isSeries(line, "dw_http_requests_seconds_count", "GET", "4xx"))
        .anyMatch(line -> isSeries(line, "dw_http_request_bytes_total", "PUT", ""))
        .anyMatch(line -> isSeries(line, "dw_http_response_bytes_total", "GET", ""))
        .noneMatch(line -> line.contains("special"));
  }

  private static boolean isSeries(String line, String name, String method, String status) {
    return line.startsWith(name + "{")
        && line.contains("route=\"/buckets/{bucket}/blobs/{key}\"")
        && line.contains("method=\"" + method + "\"")
        && (status.isEmpty() || line.contains("status=\"" + status + "\""))
        && !line.endsWith(" 0.0");
  }

  @Test
  void servesTheDescriptionOfItself() throws IOException {
    Answer description = node.sendAs("", "GET", "/openapi", null);

    assertThat(description.status()).isEqualTo(200);
    assertThat(description.text())
        .contains("/api/v1/buckets/{bucket}/blobs/{key}", "Content-Digest", "Problem")
        .doesNotContain("localhost");
    assertThat(node.sendAs("", "GET", "/openapi?format=JSON", null).json().get("paths"))
        .isNotEmpty();
  }

  @Test
  void greetsABrowser() throws IOException {
    Answer page = node.sendAs("", "GET", "/", null);

    assertThat(page.header("Content-Type").orElseThrow()).startsWith("text/html");
    assertThat(page.text()).contains("/api/v1", "/openapi", "/health");
  }
}
