package io.datawarehouse.it.platform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.datawarehouse.it.platform.DwCommand.Result;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
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
 * started again, under the load of a client that checks every answer. The tests go on where the one
 * before left the cluster.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LocalClusterIT {

  private static final int PORT = 18140;
  private static final int NODES = 3;
  private static final int KEYS = 30;
  private static final int THREADS = 2;
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final Duration SOON = Duration.ofSeconds(60);

  /** Three servers start at once, and one beside two that work: on few processors that takes. */
  private static final Map<String, String> PATIENCE =
      Map.of(
          "DW_START_TIMEOUT",
          "300",
          "DW_JAVA_OPTS",
          "-Xmx320m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC");

  private static final String BLOBS = "/api/v1/buckets/photos/blobs";
  private static final String PING =
      "{\"kind\": \"query\", \"payload\": {\"a\": 1}, \"timeoutMillis\": 15000}";

  @TempDir static Path directory;
  private static DwCommand dw;
  private static Path data;
  private static List<NodeClient> nodes;
  private static SteadyClient steady;
  private static String formerToken;

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
    if (steady != null) {
      steady.close();
    }
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
    Awaitility.await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(nodes.stream().map(LocalClusterIT::leader).distinct()).hasSize(1));
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

  /** Each ping must be answered, also while nodes go by different settings. */
  @Test
  @Order(3)
  void settingsOfAStrategyComeToAllNodesAndNoMessageIsLost() {
    balance("{\"algorithm\":\"consistent-hashing\"}");
    for (int round = 0; round < 4; round++) {
      int percent = 110 + round;
      balance("{\"strategySettings\":{\"consistent-hashing\":{\"boundPercent\":" + percent + "}}}");
      for (NodeClient node : nodes) {
        assertThat(pings(node, 4 * NODES)).isNotEmpty();
      }
      Awaitility.await()
          .atMost(LONG)
          .untilAsserted(
              () ->
                  assertThat(nodes)
                      .allSatisfy(
                          node ->
                              assertThat(
                                      node.getJson("/api/v1/load-balancing")
                                          .at("/strategySettings/consistent-hashing/boundPercent")
                                          .path("value")
                                          .asInt())
                                  .isEqualTo(percent)));
    }
    balance("{\"algorithm\":null,\"strategySettings\":null}");
  }

  private static void balance(String body) {
    HttpResponse<byte[]> answer = nodes.get(1).put("/api/v1/load-balancing", body.getBytes(UTF_8));
    assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
  }

  @Test
  @Order(4)
  void sessionsStayWithTheirNodeThroughEveryNode() {
    affinity("{\"affinity\":{\"echo.**\":\"session\"}}", "session");

    Set<String> handlers = new HashSet<>();
    for (int session = 0; session < 4 * NODES; session++) {
      Set<String> handledBy = new HashSet<>();
      for (NodeClient node : nodes) {
        HttpResponse<byte[]> answer =
            node.postJson(
                "/api/v1/messages/echo.ping",
                "{\"kind\":\"query\",\"headers\":{\"dw-session\":\"s" + session + "\"}}");
        assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
        handledBy.add(NodeClient.parse(answer).path("handledBy").asText());
      }
      assertThat(handledBy).as("session %d", session).hasSize(1);
      handlers.addAll(handledBy);
    }

    assertThat(handlers).hasSizeGreaterThan(1);
    JsonNode told =
        nodes.get(0).getJson("/api/v1/explain/route?topic=echo.ping&header=dw-session:s0");
    assertThat(told.at("/affinity/pinned").asBoolean()).as(told.toString()).isTrue();
    assertThat(told.at("/affinity/node")).isEqualTo(told.path("chosen"));
    affinity("{\"affinity\":null}", "");
  }

  /** Has an operator set rules, and waits until every node follows them. */
  private static void affinity(String rules, String ofEcho) {
    assertThat(nodes.get(1).put("/api/v1/load-balancing", rules.getBytes(UTF_8)).statusCode())
        .isEqualTo(200);
    Awaitility.await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(nodes)
                    .allSatisfy(
                        node ->
                            assertThat(
                                    node.getJson("/api/v1/load-balancing")
                                        .at("/settings/affinity/value")
                                        .path("echo.**")
                                        .asText())
                                .isEqualTo(ofEcho)));
  }

  @Test
  @Order(4)
  void bucketIsUsableThroughEveryNodeAtOnce() {
    for (int round = 0; round < 6; round++) {
      String bucket = "/api/v1/buckets/fresh-" + round;
      assertThat(nodes.get(round % NODES).put(bucket, new byte[0]).statusCode()).isEqualTo(201);
      for (int key = 0; key < 2 * NODES; key++) {
        NodeClient other = nodes.get((round + 1 + key) % NODES);
        HttpResponse<byte[]> put = other.put(bucket + "/blobs/key-" + key, new byte[] {1});
        assertThat(put.statusCode()).as(new String(put.body(), UTF_8)).isEqualTo(201);
      }
      for (NodeClient node : nodes) {
        assertThat(node.getJson(bucket + "/blobs").path("blobs")).hasSize(2 * NODES);
      }
    }
  }

  /** All nodes read one file; a node that is started again further below must not know the old. */
  @Test
  @Order(4)
  void tokenIsReplacedForAllNodesInOnePlaceWithoutARestart() throws IOException {
    Path file = data.resolve("secrets/admin.token");
    formerToken = Files.readString(file).strip();
    Path fresh =
        Files.createFile(
            file.resolveSibling("fresh"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(fresh, "another-" + formerToken + "\n");
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);

    Awaitility.await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              for (NodeClient node : nodes) {
                assertThat(node.get("/api/v1/buckets").statusCode()).isEqualTo(200);
                assertThat(knowsFormerToken(node)).isFalse();
              }
            });
    assertThat(dw.run("token", "--data", data.toString()).output())
        .isEqualTo("another-" + formerToken + "\n");
    assertThat(dw.run("cluster", "--data", data.toString()).output()).contains("node-1", "leader");
  }

  private static boolean knowsFormerToken(NodeClient node) {
    return node.statusFor("/api/v1/buckets", formerToken) != 401;
  }

  @Test
  @Order(5)
  void clientThatChecksEveryAnswerFindsNoFault() {
    assertThat(nodes.get(2).put("/api/v1/buckets/steady", new byte[0]).statusCode()).isEqualTo(201);
    steady = new SteadyClient(nodes, "/api/v1/buckets/steady/blobs", THREADS);

    awaitMore(100);

    assertThat(steady.faults()).isEmpty();
    assertThat(steady.excused()).isZero();
  }

  /** Waits until that many more requests were answered. */
  private static void awaitMore(int requests) {
    awaitMore(steady, requests);
  }

  private static void awaitMore(SteadyClient client, int requests) {
    int enough = client.answered() + requests;
    Awaitility.await().atMost(LONG).until(() -> client.answered() >= enough);
  }

  @Test
  @Order(6)
  void bucketIsDividedInAnotherWayUnderLoadAndLosesNothing() {
    String bucket = "/api/v1/buckets/divided";
    String blobs = bucket + "/blobs";
    // Three ranges on three nodes: no two neighbours on one, which might be put together meanwhile.
    assertThat(
            nodes
                .get(0)
                .put(
                    bucket,
                    "{\"sharding\":\"range\",\"shardingOptions\":{\"splits\":[\"key-2\",\"steady-0-2\"]}}"
                        .getBytes(UTF_8))
                .statusCode())
        .isEqualTo(201);
    for (int key = 0; key < KEYS; key++) {
      HttpResponse<byte[]> put =
          nodes.get(key % NODES).put(blobs + "/key-" + key, ("part " + key).getBytes(UTF_8));
      assertThat(put.statusCode()).as(new String(put.body(), UTF_8)).isEqualTo(201);
    }
    try (SteadyClient client = new SteadyClient(nodes, blobs, 1)) {
      awaitMore(client, 20);
      assertThat(ownersOf("divided")).hasSize(NODES);

      HttpResponse<byte[]> change =
          nodes
              .get(1)
              .put(
                  bucket + "/sharding",
                  "{\"sharding\":\"composite\",\"shardingOptions\":{\"ways\":4}}".getBytes(UTF_8));
      assertThat(change.statusCode()).as(new String(change.body(), UTF_8)).isEqualTo(202);
      carriedOut(NodeClient.parse(change).path("id").asText());
      awaitMore(client, 10);

      JsonNode told =
          nodes.get(2).getJson("/api/v1/explain/route?topic=storage.read&key=divided/key-1");
      assertThat(told.at("/sharding/scheme").asText()).isEqualTo("composite");
      assertThat(told.at("/ownSegment/owners/0")).isEqualTo(told.path("chosen"));
      carriedOut(moveOf("divided", told.path("segment").asInt(), told.path("chosen").asText()));
      awaitMore(client, 10);

      client.rest();
      client.readAll();
      assertThat(client.faults()).isEmpty();
      assertThat(client.excused()).isZero();
      assertThat(client.acknowledged()).isGreaterThan(10);
      for (NodeClient node : nodes) {
        for (int key = 0; key < KEYS; key++) {
          assertThat(node.get(blobs + "/key-" + key).body())
              .isEqualTo(("part " + key).getBytes(UTF_8));
        }
        assertThat(node.getJson(bucket).path("blobCount").asInt())
            .isEqualTo(KEYS + client.acknowledged());
      }
    }
    assertThat(steady.faults()).isEmpty();
  }

  /** Starts a plan and follows it to its end. */
  private static void carriedOut(String plan) {
    String path = "/api/v1/rebalance/plans/" + plan;
    HttpResponse<byte[]> start = nodes.get(0).postJson(path + "/start", "");
    assertThat(start.statusCode()).as(new String(start.body(), UTF_8)).isEqualTo(200);
    Awaitility.await()
        .atMost(LONG)
        .until(
            () -> {
              JsonNode now = nodes.get(2).getJson(path);
              assertThat(now.path("state").asText())
                  .as(now.path("reason").asText())
                  .isIn("PREVIEW", "RUNNING", "SWITCHING", "DONE");
              return now.path("state").asText().equals("DONE");
            });
  }

  /** Makes a plan by which a segment of a bucket's own goes to another node than its owner. */
  private static String moveOf(String bucket, int segment, String owner) {
    String to = owner.equals("node-1") ? "node-2" : "node-1";
    HttpResponse<byte[]> made =
        nodes
            .get(1)
            .postJson(
                "/api/v1/rebalance/plans",
                "{\"moves\":[{\"bucket\":\"%s\",\"segment\":%d,\"to\":\"%s\"}]}"
                    .formatted(bucket, segment, to));
    assertThat(made.statusCode()).as(new String(made.body(), UTF_8)).isEqualTo(201);
    JsonNode move = NodeClient.parse(made).at("/moves/0");
    assertThat(move.path("bucket").asText()).isEqualTo(bucket);
    assertThat(move.path("bytes").asLong()).isPositive();
    return NodeClient.parse(made).path("id").asText();
  }

  /** Returns who owns segments of a bucket's own, all of which must have told what they hold. */
  private static Set<String> ownersOf(String bucket) {
    Set<String> owners = new HashSet<>();
    Awaitility.await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              JsonNode shown =
                  nodes.get(0).getJson("/api/v1/cluster/segments?bucket=" + bucket).path("buckets");
              assertThat(shown).hasSize(1);
              for (JsonNode segment : shown.path(0).path("segments")) {
                owners.add(segment.at("/owners/0").asText());
                assertThat(segment.path("bytes").asLong()).as(segment.toString()).isPositive();
              }
            });
    return owners;
  }

  private static void node(String action, int number) {
    Result result =
        dw.run(PATIENCE, "node", action, Integer.toString(number), "--data", data.toString());
    assertThat(result.exitCode()).as(result.errors()).isZero();
  }

  @Test
  @Order(7)
  void killedNodeLosesNoMessageAndItsBlobsAnswerThatTheirOwnerIsAway() {
    steady.leaveOut(3);
    steady.forgive(3);
    steady.ownerVanishes("node-3");
    node("kill", 3);

    awaitMore(60);
    int away = 0;
    for (int key = 0; key < KEYS; key++) {
      HttpResponse<byte[]> read = nodes.get(0).get(BLOBS + "/key-" + key);
      if (read.statusCode() != 200) {
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
    assertThat(steady.faults()).isEmpty();
  }

  @Test
  @Order(8)
  void startedAgainItHasItsBlobsAndTakesMessages() {
    node("start", 3);
    takeBack(3);

    for (NodeClient node : nodes) {
      for (int key = 0; key < KEYS; key++) {
        assertThat(node.get(BLOBS + "/key-" + key).body())
            .isEqualTo(("content " + key).getBytes(UTF_8));
      }
      assertThat(node.getJson(BLOBS).path("incomplete").asBoolean()).isFalse();
    }
    assertUsed(3);
    assertThat(knowsFormerToken(nodes.get(2))).isFalse();
  }

  /** The cluster is whole: from now on a node's blobs must be there, and requests go to it. */
  private static void takeBack(int number) {
    awaitWhole();
    steady.ownerIsBack("node-" + number);
    steady.takeIn(number);
  }

  private static void assertUsed(int number) {
    int before = steady.handledBy("node-" + number);
    Awaitility.await().atMost(SOON).until(() -> steady.handledBy("node-" + number) > before);
    awaitMore(60);
    assertThat(steady.faults()).isEmpty();
  }

  @Test
  @Order(9)
  void frozenNodeIsPassedOverAndUsedAgainWhenItGoesOn() {
    int leader = leader(nodes.get(0));
    NodeClient other = nodes.get(leader % NODES);
    steady.leaveOut(leader);
    steady.forgive(leader);
    steady.ownerVanishes("node-" + leader);
    node("pause", leader);

    Awaitility.await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              JsonNode cluster = other.getJson("/api/v1/cluster");
              assertThat(cluster.path("leader").asText()).isNotIn("", "null", "node-" + leader);
              assertThat(cluster.path("quorumReached").asBoolean()).isTrue();
            });
    Result table = dw.run("cluster", "--data", data.toString());
    assertThat(table.exitCode()).as(table.errors()).isZero();
    assertThat(table.output()).contains("node-1", "node-2", "node-3");
    int handled = steady.handledBy("node-" + leader);
    awaitMore(60);
    assertThat(steady.handledBy("node-" + leader)).isEqualTo(handled);
    assertThat(other.put("/api/v1/buckets/made-without", new byte[0]).statusCode()).isEqualTo(201);

    node("resume", leader);
    takeBack(leader);
    assertUsed(leader);
    assertThat(leader(nodes.get(leader - 1))).isEqualTo(leader(other)).isNotEqualTo(leader);
    assertThat(nodes.get(leader - 1).put("/api/v1/buckets/made-without/blobs/a", new byte[] {1}))
        .extracting(HttpResponse::statusCode)
        .isEqualTo(201);
  }

  private static int leader(NodeClient asked) {
    String name = asked.getJson("/api/v1/cluster").path("leader").asText();
    return Integer.parseInt(name.substring("node-".length()));
  }

  @Test
  @Order(10)
  void nodesAreRestartedInTurnAndNoRequestFails() {
    List<URI> everywhere = nodes.stream().map(NodeClient::base).toList();
    String token = nodes.get(0).token();
    try (UnawareClient fresh = UnawareClient.withFreshConnections(everywhere, token);
        UnawareClient kept = UnawareClient.withKeptConnections(everywhere, token)) {
      for (int number = 1; number <= NODES; number++) {
        int excused = steady.excused();
        steady.leaveOut(number);
        steady.ownerGoes("node-" + number);
        node("stop", number);
        awaitMore(30);
        node("start", number);
        takeBack(number);
        awaitMore(30);

        assertThat(steady.faults()).as("node %d, %d excused", number, excused).isEmpty();
        assertThat(fresh.faults()).as("node %d", number).isEmpty();
        assertThat(kept.faults()).as("node %d", number).isEmpty();
      }
      for (UnawareClient unaware : List.of(fresh, kept)) {
        assertThat(unaware.passedOn()).as("nodes that were not there").isPositive();
        assertThat(unaware.answered()).isGreaterThan(100);
      }
    }
  }

  @Test
  @Order(11)
  void allThatWasAcknowledgedIsThereByteByByte() {
    steady.close();
    steady.readAll();

    assertThat(steady.acknowledged()).isGreaterThan(100);
    assertThat(steady.faults()).isEmpty();
  }

  @Test
  @Order(12)
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
