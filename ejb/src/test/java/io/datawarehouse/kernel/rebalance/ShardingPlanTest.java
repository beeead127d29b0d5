package io.datawarehouse.kernel.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.rebalance.MovingCluster.Node;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.StorageMessages.ChangeSharding;
import io.datawarehouse.sdk.blob.StorageMessages.ShardingChanged;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A bucket that holds blobs gets another sharding while it is read and written to. */
class ShardingPlanTest {

  private static final BucketName BUCKET = MovingCluster.BUCKET;
  private static final String DIRECTORY =
      "{'entries': [{'prefix': 'key-1', 'node': 'node-3'}, {'prefix': 'key-2', 'node': 'node-1'}]}";

  private final MovingCluster cluster = new MovingCluster(3);
  private final Map<String, String> model = new TreeMap<>();
  private final Set<String> waiting = new HashSet<>();

  private NodeId owner(String key) {
    Node node = cluster.node(1);
    return node.maps.owner(new BlobKey(BUCKET, key).affinityKey(), node.board.placement());
  }

  private void write(String key, String text) {
    MovingCluster.await(cluster.begin(owner(key), MovingCluster.writing(key, text), key));
    model.put(key, text);
  }

  private void delete(String key) {
    MovingCluster.await(cluster.begin(owner(key), MovingCluster.deleting(key), key));
    model.remove(key);
  }

  private Optional<String> change(String scheme, String options) {
    return cluster
        .node(2)
        .ask(
            Message.command(
                StorageTopics.BUCKET_SHARDING,
                Payload.of(
                    new ChangeSharding(
                        BUCKET,
                        scheme,
                        Optional.of(
                            Json.read(
                                options.replace('\'', '"').getBytes(StandardCharsets.UTF_8),
                                ShardingOptions.class))))))
        .as(ShardingChanged.class)
        .plan();
  }

  private void fill() {
    for (int i = 10; i < 60; i++) {
      write("key-" + i, "first of " + i);
    }
  }

  private void requireAllThere() {
    for (Node node : cluster.nodes.values()) {
      assertThat(cluster.list(node)).containsExactlyElementsOf(model.keySet());
      assertThat(cluster.count(node)).isEqualTo(model.size());
      model.forEach((key, text) -> assertThat(cluster.read(node.id, key)).as(key).contains(text));
    }
  }

  @Test
  void nothingMovesBeforeThePlanIsStarted() {
    fill();
    String plan = change("directory", DIRECTORY).orElseThrow();
    for (int i = 0; i < 10; i++) {
      cluster.round();
    }

    RebalancePlan preview = cluster.node(1).moves.office().plan(plan);
    assertThat(preview.state()).isEqualTo(PlanState.PREVIEW);
    assertThat(preview.moves()).isNotEmpty().allMatch(move -> move.bytes() > 0);
    assertThat(preview.moves()).anyMatch(move -> move.segment() >= 256);
    model.keySet().forEach(key -> assertThat(owner(key)).isEqualTo(cluster.owner(key)));
    requireAllThere();
  }

  @Test
  void everyBlobIsWithItsNewOwnerAfterEachOfManyChanges() {
    fill();
    for (String[] step :
        new String[][] {
          {"directory", DIRECTORY},
          {"range", "{'splits': ['key-2', 'key-4']}"},
          {"none", "{}"},
          {"composite", "{'ways': 5, 'options': {'splits': ['key-3']}}"},
          {"hash", "{}"}
        }) {
      String plan = change(step[0], step[1]).orElseThrow();
      cluster.node(1).moves.office().start(plan, "test");
      cluster.until(plan, PlanState.DONE);

      assertThat(cluster.node(3).maps.find(BUCKET).orElseThrow().choice().scheme().id())
          .isEqualTo(step[0]);
      requireAllThere();
      for (String key : model.keySet()) {
        assertThat(cluster.nodes.get(owner(key)).store.findManifest(new BlobKey(BUCKET, key)))
            .as(step[0] + " " + key)
            .isPresent();
      }
    }
    model.keySet().forEach(key -> assertThat(owner(key)).isEqualTo(cluster.owner(key)));
  }

  @Test
  void copiesThatWereLeftGoAfterAWhile() {
    fill();
    String plan = change("directory", DIRECTORY).orElseThrow();
    cluster.node(1).moves.office().start(plan, "test");
    cluster.until(plan, PlanState.DONE);

    cluster.clock.advance(MovingCluster.GRACE);
    for (int i = 0; i < 10; i++) {
      cluster.round();
    }

    assertThat(cluster.nodes.values().stream().mapToLong(MovingCluster::stored).sum())
        .isEqualTo(model.size());
    requireAllThere();
  }

  @Test
  void whatARuleForbidsGoesAsSoonAsItHasMovedAndTheRestAfterAWhile() {
    cluster.see("node-1", "north");
    cluster.see("node-2", "south");
    cluster.see("node-3", "south");
    fill();
    String plan =
        change("geographic", "{'ways': 8, 'rules': [{'prefix': 'key-1', 'zones': ['south']}]}")
            .orElseThrow();
    cluster.node(1).moves.office().start(plan, "test");
    cluster.until(plan, PlanState.DONE);
    for (int i = 0; i < 10; i++) {
      cluster.round();
    }

    assertThat(stored(cluster.node(1), "key-1")).as("forbidden in the north").isZero();
    assertThat(stored(cluster.node(2), "key-1") + stored(cluster.node(3), "key-1"))
        .as("copies that may stay for a while are there")
        .isGreaterThan(10);
    requireAllThere();
    cluster.clock.advance(MovingCluster.GRACE);
    for (int i = 0; i < 10; i++) {
      cluster.round();
    }
    assertThat(cluster.nodes.values().stream().mapToLong(MovingCluster::stored).sum())
        .isEqualTo(model.size());
  }

  @Test
  void laterRuleForbidsWhatWasLeftOfAnEarlierChange() {
    cluster.see("node-1", "north");
    cluster.see("node-2", "south");
    cluster.see("node-3", "south");
    fill();
    for (String[] step :
        new String[][] {
          {"none", "{}"}, {"geographic", "{'ways': 4, 'residency': {'zones': ['south']}}"}
        }) {
      String plan = change(step[0], step[1]).orElseThrow();
      cluster.node(1).moves.office().start(plan, "test");
      cluster.until(plan, PlanState.DONE);
    }
    for (int i = 0; i < 10; i++) {
      cluster.round();
    }

    assertThat(MovingCluster.stored(cluster.node(1))).isZero();
    requireAllThere();
  }

  private long stored(Node node, String prefix) {
    return model.keySet().stream()
        .filter(key -> key.startsWith(prefix))
        .filter(key -> node.store.findManifest(new BlobKey(BUCKET, key)).isPresent())
        .count();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void whatIsWrittenMeanwhileIsThereAfterwards(int seed) {
    Random random = new Random(seed);
    fill();
    String plan = change("directory", DIRECTORY).orElseThrow();
    cluster.node(1).moves.office().start(plan, "test");
    // Between any two messages of the nodes somebody writes or deletes.
    cluster.beforeArrival =
        (node, message) -> {
          if (message.topic().name().startsWith("kernel.") && random.nextInt(4) == 0) {
            var hook = cluster.beforeArrival;
            cluster.beforeArrival = (other, inner) -> {};
            try {
              touch(random);
            } finally {
              cluster.beforeArrival = hook;
            }
          }
        };

    cluster.until(plan, PlanState.DONE);
    cluster.beforeArrival = (node, message) -> {};
    cluster.round();

    assertThat(waiting).isEmpty();
    requireAllThere();
  }

  /** A change that has to wait is let in later; until then its key is left alone. */
  private void touch(Random random) {
    String key = "key-" + (10 + random.nextInt(60));
    if (!waiting.add(key)) {
      return;
    }
    String text = "text " + random.nextInt();
    boolean deleting = model.containsKey(key) && random.nextInt(3) == 0;
    CompletableFuture<Reply> answer =
        cluster.begin(
            owner(key),
            deleting ? MovingCluster.deleting(key) : MovingCluster.writing(key, text),
            key);
    answer.whenComplete(
        (reply, failure) -> {
          waiting.remove(key);
          if (failure == null && deleting) {
            model.remove(key);
          } else if (failure == null) {
            model.put(key, text);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void nodesMayBeStartedAgainInTheMiddle(int seed) {
    Random random = new Random(seed);
    fill();
    String plan = change("range", "{'splits': ['key-2', 'key-4']}").orElseThrow();
    cluster.node(1).moves.office().start(plan, "test");

    for (int i = 0; i < 12; i++) {
      cluster.round();
      cluster.node(1 + random.nextInt(3)).restart();
    }
    cluster.until(plan, PlanState.DONE);

    requireAllThere();
  }

  @Test
  void planThatDoesNotFitAnyMoreIsRefused() {
    fill();
    String first = change("directory", DIRECTORY).orElseThrow();
    String second = change("none", "{}").orElseThrow();
    cluster.node(1).moves.office().start(second, "test");
    cluster.until(second, PlanState.DONE);

    assertThatThrownBy(() -> cluster.node(1).moves.office().start(first, "test"))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code().name()).isEqualTo("TOPOLOGY_CHANGED"));
    requireAllThere();
  }
}
