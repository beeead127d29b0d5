package io.datawarehouse.it.platform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.datawarehouse.it.platform.DwCommand.Result;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three nodes on this machine, started by one command, each a process of its own: what they agree
 * on, what reaches which of them, and what becomes of it when one of them is killed, frozen or
 * started again. The tests go on where the one before left the cluster.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LocalClusterIT {

  private static final int PORT = 18140;
  private static final int NODES = 3;
  private static final int KEYS = 30;
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final Map<String, String> PATIENCE =
      Map.of("DW_START_TIMEOUT", "170", "DW_JAVA_OPTS", "-Xmx320m");
  private static final String BLOBS = "/api/v1/buckets/photos/blobs";
  private static final String PING =
      "{\"kind\": \"query\", \"payload\": {\"a\": 1}, \"timeoutMillis\": 15000}";

  @TempDir static Path directory;
  private static DwCommand dw;
  private static Path data;
  private static List<NodeClient> nodes;

  @BeforeAll
  static void startThreeNodes() {
    dw = new DwCommand(directory);
    data = directory.resolve("cluster");
    Result start =
        dw.run(
            PATIENCE,
            "run",
            "--nodes",
            Integer.toString(NODES),
            "--port",
            Integer.toString(PORT),
            "--data",
            data.toString(),
            "--detach");
    assertThat(start.exitCode()).as(start.errors()).isZero();
    assertThat(start.output()).contains("http://127.0.0.1:" + PORT, data.toString());
    nodes =
        IntStream.range(0, NODES)
            .mapToObj(i -> new NodeClient(URI.create("http://127.0.0.1:" + (PORT + i)), data))
            .toList();
    awaitWhole();
  }

  @AfterAll
  static void stopAll() {
    Result stop = dw.run("stop", "--data", data.toString());
    assertThat(stop.exitCode()).as(stop.errors()).isZero();
    assertThat(dw.run("status", "--data", data.toString()).exitCode()).isEqualTo(3);
  }

  /** Waits until every node sees all others well, a leader, and the table of segments. */
  private static void awaitWhole() {
    Awaitility.await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              for (NodeClient node : nodes) {
                JsonNode cluster = node.getJson("/api/v1/cluster");
                assertThat(cluster.path("nodes")).hasSize(NODES);
                for (JsonNode member : cluster.path("nodes")) {
                  assertThat(member.path("state").asText()).isEqualTo("ACTIVE");
                  assertThat(member.path("health").asText()).isIn("HEALTHY", "DEGRADED");
                }
                assertThat(cluster.path("leader").asText()).isNotEmpty();
                assertThat(cluster.path("quorumReached").asBoolean()).isTrue();
                assertThat(cluster.path("problems")).isEmpty();
              }
            });
  }

  private static String owner(int key) {
    return NodeClient.parse(
            nodes.get(0).get("/api/v1/explain/route?topic=storage.read&key=photos/key-" + key))
        .path("chosen")
        .asText();
  }

  private static HttpResponse<byte[]> write(NodeClient node, int key) {
    return node.put(BLOBS + "/key-" + key, ("content " + key).getBytes(UTF_8));
  }

  @Test
  @Order(1)
  void oneTableShowsAllNodesAndWhoLeads() {
    Result table = dw.run("cluster", "--data", data.toString());

    assertThat(table.exitCode()).isZero();
    assertThat(table.output()).contains("node-1", "node-2", "node-3", "leader", "ACTIVE");
    Set<String> leaders = new HashSet<>();
    nodes.forEach(node -> leaders.add(node.getJson("/api/v1/cluster").path("leader").asText()));
    assertThat(leaders).hasSize(1);
    assertThat(dw.run("status", "--data", data.toString()).exitCode()).isZero();
  }

  @Test
  @Order(2)
  void bucketMadeThroughOneNodeTakesBlobsThroughEveryOther() {
    assertThat(nodes.get(1).put("/api/v1/buckets/photos", new byte[0]).statusCode()).isEqualTo(201);

    Map<String, Integer> owned = new TreeMap<>();
    for (int key = 0; key < KEYS; key++) {
      HttpResponse<byte[]> written = write(nodes.get(key % NODES), key);
      assertThat(written.statusCode()).as(new String(written.body(), UTF_8)).isEqualTo(201);
      JsonNode owners = NodeClient.parse(written).path("owners");
      assertThat(owners).hasSize(1);
      owned.merge(owners.path(0).asText(), 1, Integer::sum);
    }

    assertThat(owned).hasSize(NODES);
    for (NodeClient node : nodes) {
      for (int key = 0; key < KEYS; key++) {
        HttpResponse<byte[]> read = node.get(BLOBS + "/key-" + key);
        assertThat(read.body()).isEqualTo(("content " + key).getBytes(UTF_8));
        assertThat(read.headers().firstValue("DW-Served-By")).contains(owner(key));
      }
      JsonNode listing = node.getJson(BLOBS);
      assertThat(listing.path("blobs")).hasSize(KEYS);
      assertThat(listing.path("incomplete").asBoolean()).isFalse();
      assertThat(node.getJson("/api/v1/buckets/photos").path("blobCount").asInt()).isEqualTo(KEYS);
    }
  }

  @Test
  @Order(3)
  void messagesWithoutAKeyGoToAllNodesInTurn() {
    assertThat(pings(nodes.get(0), 3 * NODES))
        .containsExactlyInAnyOrder("node-1", "node-2", "node-3");
  }

  /** Sends so many pings, all of which must be answered; returns who did. */
  private static Set<String> pings(NodeClient node, int count) {
    Set<String> handlers = new HashSet<>();
    for (int i = 0; i < count; i++) {
      HttpResponse<byte[]> answer = node.postJson("/api/v1/messages/echo.ping", PING);
      assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
      handlers.add(NodeClient.parse(answer).path("handledBy").asText());
    }
    return handlers;
  }

  @Test
  @Order(4)
  void killedNodeLosesNoMessageAndItsBlobsAnswerThatTheirOwnerIsAway() {
    assertThat(dw.run("node", "kill", "3", "--data", data.toString()).exitCode()).isZero();

    assertThat(pings(nodes.get(0), 20)).contains("node-1", "node-2");
    int away = 0;
    for (int key = 0; key < KEYS; key++) {
      HttpResponse<byte[]> read = nodes.get(0).get(BLOBS + "/key-" + key);
      if (owner(key).equals("node-3") || read.statusCode() != 200) {
        away++;
        assertThat(read.statusCode()).isEqualTo(503);
        assertThat(NodeClient.parse(read).path("code").asText()).isEqualTo("OWNER_UNAVAILABLE");
      }
    }
    assertThat(away).isBetween(1, KEYS - 1);
    JsonNode listing = nodes.get(1).getJson(BLOBS);
    assertThat(listing.path("incomplete").asBoolean()).isTrue();
    assertThat(listing.path("missing").path(0).asText()).isEqualTo("node-3");
    assertThat(listing.path("blobs")).hasSize(KEYS - away);
  }

  @Test
  @Order(5)
  void startedAgainItHasItsBlobsAndTakesMessages() {
    Result start = dw.run(PATIENCE, "node", "start", "3", "--data", data.toString());
    assertThat(start.exitCode()).as(start.errors()).isZero();
    awaitWhole();

    for (NodeClient node : nodes) {
      for (int key = 0; key < KEYS; key++) {
        assertThat(node.get(BLOBS + "/key-" + key).body())
            .isEqualTo(("content " + key).getBytes(UTF_8));
      }
      assertThat(node.getJson(BLOBS).path("incomplete").asBoolean()).isFalse();
    }
    Awaitility.await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(pings(nodes.get(0), 2 * NODES)).contains("node-3"));
  }

  @Test
  @Order(6)
  void frozenNodeIsPassedOverAndUsedAgainWhenItGoesOn() {
    assertThat(dw.run("node", "pause", "2", "--data", data.toString()).exitCode()).isZero();

    pings(nodes.get(0), 20);
    assertThat(pings(nodes.get(0), 20)).doesNotContain("node-2");

    assertThat(dw.run("node", "resume", "2", "--data", data.toString()).exitCode()).isZero();
    Awaitility.await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(pings(nodes.get(0), 2 * NODES)).contains("node-2"));
    awaitWhole();
  }

  @Test
  @Order(7)
  void wholeClusterStartedAgainHasEverything() {
    assertThat(dw.run("stop", "--data", data.toString()).exitCode()).isZero();
    List<String> line =
        new ArrayList<>(List.of("run", "--nodes", "3", "--port", Integer.toString(PORT)));
    line.addAll(List.of("--data", data.toString(), "--detach"));
    Result start = dw.run(PATIENCE, line.toArray(String[]::new));
    assertThat(start.exitCode()).as(start.errors()).isZero();
    awaitWhole();

    for (int key = 0; key < KEYS; key++) {
      assertThat(nodes.get(key % NODES).get(BLOBS + "/key-" + key).body())
          .isEqualTo(("content " + key).getBytes(UTF_8));
    }
    assertThat(nodes.get(2).getJson(BLOBS).path("blobs")).hasSize(KEYS);
  }
}
