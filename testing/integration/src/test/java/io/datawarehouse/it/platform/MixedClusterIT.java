package io.datawarehouse.it.platform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.datawarehouse.it.crash.NodeProcess;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One cluster of the EAR on Payara Server and of the runnable jar, which find each other in a
 * database: each by a data source of its server.
 */
class MixedClusterIT {

  private static final Duration LONG = Duration.ofMinutes(2);
  private static final int KEYS = 20;
  private static final String BUCKET = "/api/v1/buckets/both";
  private static final String SOURCE = "jdbc/dw-nodes";

  @TempDir static Path directory;
  private static PayaraDomain domain;
  private static NodeProcess micro;
  private static List<NodeClient> nodes;

  @BeforeAll
  static void startBoth() throws IOException {
    domain = new PayaraDomain("mixed", 18_300);
    domain.start(settings("on-server"));
    domain.remote("create-jdbc-connection-pool", pool());
    domain.remote("create-jdbc-resource", "--connectionpoolid", "dw-nodes", SOURCE);
    Path data = directory.resolve("micro");
    Path commands = directory.resolve("commands");
    Files.writeString(
        commands,
        "create-jdbc-connection-pool %s%ncreate-jdbc-resource --connectionpoolid dw-nodes %s%n"
            .formatted(String.join(" ", pool()), SOURCE));
    micro =
        NodeProcess.startRunnableJar(
            data,
            Stream.of(settings("on-micro")).map("-D"::concat).toList(),
            List.of("--postbootcommandfile", commands.toString()));
    domain.deploy();
    nodes = List.of(domain.client(), new NodeClient(micro.base(), data));
    Awaitility.await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              for (NodeClient node : nodes) {
                JsonNode cluster = node.getJson("/api/v1/cluster");
                assertThat(cluster.path("nodes").findValuesAsText("state"))
                    .containsExactly("ACTIVE", "ACTIVE");
                assertThat(cluster.path("problems")).isEmpty();
                assertThat(owners(node)).hasSize(2);
              }
              assertThat(owners(nodes.get(0))).isEqualTo(owners(nodes.get(1)));
            });
  }

  @AfterAll
  static void stopBoth() {
    try {
      if (micro != null) {
        micro.close();
      }
    } finally {
      domain.stop();
    }
  }

  /** Who holds the keys of the test, as that node knows it. */
  private static Set<String> owners(NodeClient node) {
    return IntStream.range(0, KEYS)
        .mapToObj(key -> "/api/v1/explain/route?topic=storage.read&key=both/key-" + key)
        .map(path -> node.getJson(path).path("chosen").asText())
        .collect(Collectors.toSet());
  }

  /** A database in a file, which the first one to open it serves to the other. */
  private static String[] pool() {
    String url = "jdbc:h2:" + directory.resolve("nodes") + ";AUTO_SERVER=TRUE";
    return new String[] {
      "--datasourceclassname",
      "org.h2.jdbcx.JdbcDataSource",
      "--restype",
      "javax.sql.DataSource",
      "--property",
      "URL=" + url.replaceAll("[:=]", "\\\\$0") + ":User=dw:Password=dw",
      "dw-nodes"
    };
  }

  private static String[] settings(String node) {
    return new String[] {
      "dw.node.name=" + node,
      "dw.cluster.enabled=true",
      "dw.cluster.discovery=jdbc",
      "dw.cluster.discovery.source=" + SOURCE,
      "dw.cluster.join.token.file=" + directory.resolve("join.token")
    };
  }

  @Test
  void bothSeeOneClusterAndOneLeader() {
    Awaitility.await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              Set<JsonNode> leaders = new HashSet<>();
              for (NodeClient node : nodes) {
                JsonNode cluster = node.getJson("/api/v1/cluster");
                assertThat(cluster.path("quorumReached").asBoolean()).isTrue();
                leaders.add(cluster.path("leader"));
              }
              assertThat(leaders).hasSize(1);
            });
  }

  @Test
  void whatOneTakesTheOtherGivesWhoeverHoldsIt() {
    assertThat(nodes.get(0).put(BUCKET, new byte[0]).statusCode()).isEqualTo(201);
    Set<String> owners = new HashSet<>();
    for (int key = 0; key < KEYS; key++) {
      HttpResponse<byte[]> written =
          nodes.get(key % 2).put(BUCKET + "/blobs/key-" + key, content(key));
      assertThat(written.statusCode()).as(new String(written.body(), UTF_8)).isEqualTo(201);
      owners.add(NodeClient.parse(written).path("owners").path(0).asText());
    }
    assertThat(owners).hasSize(2);

    for (NodeClient node : nodes) {
      for (int key = 0; key < KEYS; key++) {
        assertThat(node.get(BUCKET + "/blobs/key-" + key).body()).isEqualTo(content(key));
      }
      assertThat(node.getJson(BUCKET + "/blobs").path("blobs")).hasSize(KEYS);
    }
  }

  private static byte[] content(int key) {
    return ("content " + key).repeat(1 + key * 500).getBytes(UTF_8);
  }
}
