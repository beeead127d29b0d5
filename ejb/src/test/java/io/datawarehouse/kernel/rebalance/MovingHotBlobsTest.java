package io.datawarehouse.kernel.rebalance;

import static io.datawarehouse.kernel.rebalance.MovingCluster.BUCKET;
import static io.datawarehouse.kernel.rebalance.MovingCluster.GRACE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.datawarehouse.kernel.heat.ReadCopies;
import io.datawarehouse.kernel.heat.SegmentCensus;
import io.datawarehouse.kernel.heat.SegmentStock.Stock;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.kernel.rebalance.MovingCluster.Node;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardingChoice;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.StorageMessages.ChangeSharding;
import io.datawarehouse.sdk.blob.StorageMessages.ShardingChanged;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * What is hot moves while other nodes serve copies of it; what segments hold is told throughout.
 */
class MovingHotBlobsTest {

  private static final NodeId FIRST = new NodeId("node-1");
  private static final NodeId SECOND = new NodeId("node-2");
  private static final NodeId THIRD = new NodeId("node-3");

  private final MovingCluster cluster = MovingCluster.withCopies(3, 10);
  private NodeId owner = FIRST;
  private Node holder = cluster.node(2);
  private String key = keyOn(FIRST, "hot");
  private int segment = cluster.segment(key);

  private String keyOn(NodeId node, String prefix) {
    for (int i = 0; i < 10_000; i++) {
      if (cluster.owner(prefix + i).equals(node)) {
        return prefix + i;
      }
    }
    throw new AssertionError("no key on " + node);
  }

  private static ReadCopies copies(Node node) {
    return node.copies.orElseThrow();
  }

  /** Reads at the owner, often, until the others may have copies. */
  private void heatUp() {
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 50; j++) {
        assertThat(cluster.read(owner, key)).isPresent();
      }
      cluster.round();
    }
    assertThat(copies(holder).serves(new BlobKey(MovingCluster.BUCKET, key))).isTrue();
  }

  /** Makes the holder read the key, and shows that it has it in its own memory then. */
  private void keep(String text) {
    assertThat(cluster.read(holder.id, key)).contains(text);
    cluster.away.add(owner);
    assertThat(cluster.read(holder.id, key)).contains(text);
    cluster.away.remove(owner);
  }

  private NodeId agreedOwner() {
    return SegmentTable.parse(
            cluster
                .agreement
                .read(SegmentTable.ADDRESS, new ReadConsistency.Latest())
                .toCompletableFuture()
                .join()
                .orElseThrow()
                .value())
        .owner(segment);
  }

  /**
   * From the seal on nobody hears what is agreed on but the node that leads and gets the keys: the
   * holder of copies does not, nor does the old owner, who goes on as it did.
   */
  private AtomicBoolean deafenAllButThird() {
    AtomicBoolean sealed = new AtomicBoolean();
    cluster.agreement.lead(THIRD);
    cluster.beforeArrival =
        (node, message) -> {
          if (message.topic().equals(NodeMoves.SEAL)) {
            sealed.set(true);
            cluster.agreement.quiet(true);
          }
        };
    return sealed;
  }

  @Test
  void noCopyIsServedOfWhatHasMovedByAPlan() {
    cluster.write(key, "old");
    heatUp();
    keep("old");
    AtomicBoolean sealed = deafenAllButThird();
    String plan = started(Map.of(segment, THIRD));

    cluster.until(() -> agreedOwner().equals(THIRD));
    assertThat(sealed).isTrue();
    for (NodeId node : List.of(FIRST, SECOND)) {
      assertThat(cluster.nodes.get(node).board.table().orElseThrow().owner(segment))
          .as("the owner as %s knows it", node)
          .isEqualTo(FIRST);
    }
    MovingCluster.await(cluster.begin(THIRD, MovingCluster.writing(key, "new"), key));

    assertThat(cluster.read(SECOND, key)).contains("new");
    cluster.agreement.quiet(false);
    cluster.until(plan, PlanState.DONE);
    cluster.nodes.keySet().forEach(at -> assertThat(cluster.read(at, key)).contains("new"));
  }

  private String started(Map<Integer, NodeId> moves) {
    RebalanceOffice office = cluster.node(1).moves.office();
    String plan = office.preview(moves, "tester").id();
    office.start(plan, "tester");
    return plan;
  }

  @Test
  void noCopyIsServedOfWhatHasMovedToASegmentOfItsBucket() {
    cluster.write(key, "old");
    heatUp();
    keep("old");
    AtomicBoolean sealed = deafenAllButThird();
    String plan = resharded("directory", "{'entries': [{'prefix': 'hot', 'node': 'node-3'}]}");

    cluster.until(() -> agreedScheme().contains("directory"));
    assertThat(sealed).isTrue();
    MovingCluster.await(cluster.begin(THIRD, MovingCluster.writing(key, "new"), key));

    assertThat(cluster.read(SECOND, key)).contains("new");
    cluster.agreement.quiet(false);
    cluster.until(plan, PlanState.DONE);
    cluster.nodes.keySet().forEach(at -> assertThat(cluster.read(at, key)).contains("new"));
  }

  private String agreedScheme() {
    return cluster
        .agreement
        .read(new RegistryEntry.Address("buckets", BUCKET.value()), new ReadConsistency.Latest())
        .toCompletableFuture()
        .join()
        .map(entry -> mapIn(entry.value()))
        .orElseThrow();
  }

  private static String mapIn(String entry) {
    return Json.read(entry.getBytes(StandardCharsets.UTF_8), JsonNode.class)
        .path("shards")
        .path("scheme")
        .asText();
  }

  private String resharded(String scheme, String options) {
    String plan =
        cluster
            .node(1)
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
            .plan()
            .orElseThrow();
    cluster.node(1).moves.office().start(plan, "tester");
    return plan;
  }

  @Test
  void aKeyThatStaysWithItsOwnerUnderAnotherMapIsStillRecalled() {
    ShardMap next =
        mapOf(holder)
            .relaid(
                BUCKET,
                ShardingChoice.of("range", Optional.empty()),
                holder.cluster.membership().view().active());
    owner = Objects.requireNonNull(next.owner(256));
    holder = cluster.nodes.get(owner.equals(THIRD) ? SECOND : THIRD);
    key = keyOn(owner, "hot");
    segment = cluster.segment(key);
    cluster.write(key, "old");
    heatUp();
    keep("old");
    cluster.beforeArrival =
        (node, message) -> {
          if (message.topic().equals(NodeMoves.SEAL)) {
            cluster.agreement.quiet(true);
          }
        };
    String plan = resharded("range", "{}");
    cluster.until(() -> agreedScheme().contains("range"));
    cluster.nodes.get(owner).maps.refresh().toCompletableFuture().join();
    assertThat(mapOf(cluster.nodes.get(owner))).isEqualTo(next);
    assertThat(mapOf(holder)).as("what the holder knows").isEqualTo(ShardMap.HASHED);
    keep("old");

    MovingCluster.await(cluster.begin(owner, MovingCluster.writing(key, "new"), key));

    assertThat(cluster.read(holder.id, key)).contains("new");
    cluster.agreement.quiet(false);
    cluster.until(plan, PlanState.DONE);
  }

  @Test
  void copiesOfWhatDoesNotMoveGoOnWhileAPlanRuns() {
    String other = otherOnFirst();
    cluster.write(key, "content");
    cluster.write(other, "other");
    heatUp();
    keep("content");
    List<Boolean> served = new ArrayList<>();
    cluster.beforeArrival =
        (node, message) -> {
          if (message.topic().equals(NodeMoves.SEAL)) {
            served.add(copies(cluster.node(2)).serves(new BlobKey(MovingCluster.BUCKET, key)));
          }
        };

    String plan = started(Map.of(cluster.segment(other), THIRD));
    cluster.until(plan, PlanState.DONE);

    assertThat(served).isNotEmpty().doesNotContain(false);
  }

  private String otherOnFirst() {
    for (int i = 0; i < 10_000; i++) {
      String other = "other" + i;
      if (cluster.owner(other).equals(FIRST) && cluster.segment(other) != segment) {
        return other;
      }
    }
    throw new AssertionError("no other segment on " + FIRST);
  }

  @Test
  void copiesAreGivenAgainWhereThePlanIsGivenUp() {
    cluster.write(key, "content");
    heatUp();
    keep("content");
    List<Boolean> served = new ArrayList<>();
    cluster.beforeArrival =
        (node, message) -> {
          if (message.topic().equals(NodeMoves.SEAL)) {
            served.add(copies(cluster.node(2)).serves(new BlobKey(MovingCluster.BUCKET, key)));
            throw new WarehouseException(StandardErrorCode.UNAVAILABLE, "lost");
          }
        };
    String plan = started(Map.of(segment, THIRD));
    for (int i = 0; i < 40 && served.isEmpty(); i++) {
      cluster.round();
    }
    assertThat(served).containsExactly(false);

    cluster.node(1).moves.office().abort(plan, "tester");
    cluster.round();
    cluster.round();

    heatUp();
    keep("content");
  }

  // ---- what segments hold ----------------------------------------------------------------------

  private void countAll() throws InterruptedException {
    for (Node node : cluster.nodes.values()) {
      new SegmentCensus(
              node.store,
              node.heat,
              each -> mapOf(node).segmentOf(each.bucket(), each.key()),
              System::nanoTime,
              time -> {})
          .count();
    }
  }

  private static ShardMap mapOf(Node node) {
    return node.maps.latest(BUCKET).orElse(ShardMap.HASHED);
  }

  private static Optional<Stock> stock(Node node, int segment) {
    return node.heat.ledger().of(segment);
  }

  @Test
  void whatSegmentsHoldIsBookedWhereItComesAndWhereItGoes() throws InterruptedException {
    countAll();
    cluster.write(key, "content");
    assertThat(stock(cluster.node(1), segment)).contains(new Stock(1, 7, 7));

    String plan = started(Map.of(segment, THIRD));
    cluster.until(plan, PlanState.DONE);

    assertThat(stock(cluster.node(3), segment)).contains(new Stock(1, 7, 7));
    cluster.clock.advance(GRACE);
    cluster.round();
    cluster.round();
    assertThat(stock(cluster.node(1), segment)).contains(new Stock(0, 0, 0));
    cluster.delete(key);
    assertThat(stock(cluster.node(3), segment)).contains(new Stock(0, 0, 0));
  }

  @Test
  void whatLiesByAMapOfTheBucketIsNotCountedOnceThatIsInForce() throws InterruptedException {
    countAll();
    cluster.write(key, "content");
    String plan = resharded("directory", "{'entries': [{'prefix': 'hot', 'node': 'node-3'}]}");
    cluster.until(plan, PlanState.DONE);
    assertThat(stock(cluster.node(1), segment)).as("in doubt until counted anew").isEmpty();

    countAll();

    for (Node node : cluster.nodes.values()) {
      assertThat(stock(node, segment)).contains(new Stock(0, 0, 0));
    }
    assertThat(cluster.node(3).store.findManifest(new BlobKey(BUCKET, key))).isPresent();
    Reply unused =
        MovingCluster.await(cluster.begin(THIRD, MovingCluster.writing(key, "longer text"), key));
    for (Node node : cluster.nodes.values()) {
      assertThat(stock(node, segment)).contains(new Stock(0, 0, 0));
    }
  }
}
