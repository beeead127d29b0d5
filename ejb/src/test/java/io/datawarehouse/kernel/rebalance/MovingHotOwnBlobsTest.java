package io.datawarehouse.kernel.rebalance;

import static io.datawarehouse.kernel.rebalance.MovingCluster.BUCKET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.heat.ReadCopies;
import io.datawarehouse.kernel.rebalance.MovingCluster.Node;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardMaps;
import io.datawarehouse.kernel.sharding.ShardingChoice;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * What is hot in the own segments of a bucket: other nodes serve copies of it where its rules let
 * them, and none that is older than what was acknowledged, whatever moves meanwhile.
 */
final class MovingHotOwnBlobsTest {

  private static final NodeId FIRST = new NodeId("node-1");
  private static final NodeId SECOND = new NodeId("node-2");
  private static final NodeId THIRD = new NodeId("node-3");

  private static final String ANYWHERE = "{'residency': {'zones': ['default']}, 'ways': 12}";

  private final MovingCluster cluster = MovingCluster.withCopies(3, 10);
  private String key = "";

  /** Divides the bucket, finds a key on the first node and writes it. */
  private void sharded(String scheme, String options) {
    assertThat(cluster.reshard(scheme, options)).as("an empty bucket needs no plan").isEmpty();
    key = keyOn(FIRST);
    assertThat(ShardMap.isOwn(segment())).isTrue();
    cluster.writeByMap(key, "old");
  }

  private String keyOn(NodeId node) {
    for (int i = 0; i < 10_000; i++) {
      if (cluster.ownerByMap(FIRST, "hot" + i).equals(node)) {
        return "hot" + i;
      }
    }
    throw new AssertionError("no key on " + node);
  }

  private int segment() {
    return cluster.map(1).segmentOf(BUCKET, key);
  }

  private ReadCopies copies(int node) {
    return cluster.node(node).copies.orElseThrow();
  }

  private boolean serves(int node) {
    return copies(node).serves(new BlobKey(BUCKET, key));
  }

  /** Reads at the owner, often, until others may have copies. */
  private void heatUp() {
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 50; j++) {
        assertThat(cluster.read(FIRST, key)).isPresent();
      }
      cluster.round();
    }
  }

  /** Makes a node read the key, and shows that it has it in its own memory then. */
  private void keep(NodeId node, String text) {
    assertThat(cluster.read(node, key)).contains(text);
    cluster.away.add(FIRST);
    assertThat(cluster.read(node, key)).contains(text);
    cluster.away.remove(FIRST);
  }

  private void write(NodeId at, String text) {
    MovingCluster.await(cluster.begin(at, MovingCluster.writing(key, text), key));
  }

  @Test
  void othersServeCopiesAndNoneThatIsOlderThanAChange() {
    sharded("geographic", ANYWHERE);
    heatUp();
    keep(SECOND, "old");
    keep(THIRD, "old");

    write(FIRST, "new");

    assertThat(cluster.read(SECOND, key)).contains("new");
    assertThat(cluster.read(THIRD, key)).contains("new");
    MovingCluster.await(cluster.begin(FIRST, MovingCluster.deleting(key), key));
    cluster.nodes.keySet().forEach(node -> assertThat(cluster.read(node, key)).isEmpty());
  }

  @Test
  void nodesThatMayNotHoldAKeyGetNoCopies() {
    cluster.see("node-1", "east");
    cluster.see("node-2", "east");
    cluster.see("node-3", "west");
    sharded("geographic", "{'residency': {'zones': ['east']}, 'ways': 12}");
    heatUp();
    keep(SECOND, "old");

    assertThat(serves(3)).isFalse();
    assertThat(copies(3).leases()).isEmpty();
  }

  @Test
  void aCopyIsNotServedFromWhenItsNodeMayNotHoldItAnyMore() {
    cluster.see("node-1", "east");
    cluster.see("node-2", "east");
    cluster.see("node-3", "west");
    sharded("geographic", "{'residency': {'zones': ['east']}, 'ways': 12}");
    heatUp();
    keep(SECOND, "old");

    cluster.see("node-2", "west");

    assertThat(serves(2)).isFalse();
    cluster.away.add(FIRST);
    assertThatThrownBy(() -> cluster.read(SECOND, key)).isInstanceOf(WarehouseException.class);
  }

  @Test
  void aKeyThatIsBoundToOneNodeHasNoCopies() {
    assertThat(cluster.reshard("directory", "{'entries': [{'prefix': 'hot', 'node': 'node-1'}]}"))
        .isEmpty();
    key = "hot";
    cluster.writeByMap(key, "old");
    heatUp();

    assertThat(serves(2)).isFalse();
    assertThat(serves(3)).isFalse();
    assertThat(cluster.read(SECOND, key)).contains("old");
  }

  @Test
  void noCopyIsServedOfWhatHasMovedByAPlan() {
    sharded("geographic", ANYWHERE);
    heatUp();
    keep(SECOND, "old");
    int moved = segment();
    // From the seal on nobody hears what is agreed on but the node that leads and gets the keys.
    cluster.agreement.lead(THIRD);
    cluster.beforeArrival =
        (node, message) -> {
          if (message.topic().equals(NodeMoves.SEAL)) {
            cluster.agreement.quiet(true);
          }
        };
    RebalanceOffice office = cluster.node(3).moves.office();
    String plan =
        office.preview(List.of(new WantedMove(Optional.of(BUCKET), moved, THIRD)), "test").id();
    office.start(plan, "test");

    cluster.until(() -> cluster.agreedOwner(key).equals(THIRD));
    assertThat(cluster.map(2).owner(moved)).as("what the holder knows").isEqualTo(FIRST);
    write(THIRD, "new");

    assertThat(cluster.read(SECOND, key)).contains("new");
    cluster.agreement.quiet(false);
    cluster.until(() -> office.plan(plan).state() == PlanState.DONE);
    cluster.nodes.keySet().forEach(node -> assertThat(cluster.read(node, key)).contains("new"));
  }

  @Test
  void anOwnerThatFollowsADeadOneWaitsForTheLeasesThatItGave() {
    sharded("geographic", ANYWHERE);
    heatUp();
    keep(SECOND, "old");
    cluster.away.add(FIRST);
    cluster.putMap(cluster.map(1).withOwner(segment(), THIRD));
    assertThat(cluster.map(3).owner(segment())).isEqualTo(THIRD);
    long before = cluster.node(3).ticker.get();

    write(THIRD, "new");

    assertThat(Duration.ofNanos(cluster.node(3).ticker.get() - before))
        .isBetween(Duration.ofMillis(1), Duration.ofSeconds(2));
    assertThat(cluster.read(SECOND, key)).contains("new");
    long after = cluster.node(3).ticker.get();
    write(THIRD, "newer");
    assertThat(cluster.node(3).ticker.get()).as("once only").isEqualTo(after);
  }

  @Test
  void copiesOfARangeAreRecalledAlsoWhenItHasBeenDividedSince() {
    sharded("range", "{'splits': ['hot2', 'hot3', 'hot4', 'hot5', 'hot6', 'hot7']}");
    key = key + "-upper";
    cluster.writeByMap(key, "old");
    heatUp();
    keep(SECOND, "old");
    int before = segment();
    cluster.putMap(cluster.map(1).split(key));
    assertThat(segment()).isNotEqualTo(before);
    assertThat(cluster.ownerByMap(FIRST, key)).isEqualTo(FIRST);
    assertThat(serves(2)).isTrue();

    write(FIRST, "new");

    assertThat(cluster.read(SECOND, key)).contains("new");
  }

  @Test
  void ownersThatGotNothingDoNotWait() {
    sharded("geographic", ANYWHERE);
    int moved = segmentOn(SECOND);
    cluster.round();
    long before = cluster.node(1).ticker.get();

    cluster.putMap(cluster.map(1).withOwner(moved, THIRD));
    write(FIRST, "new");

    assertThat(cluster.node(1).ticker.get()).isEqualTo(before);
  }

  private int segmentOn(NodeId node) {
    return cluster.map(1).own().stream()
        .filter(own -> own.owner().equals(Optional.of(node)))
        .findFirst()
        .orElseThrow()
        .segment();
  }

  /** Makes a bucket that lies in one segment of the cluster as a whole, and copies of a key. */
  private NodeId wholeAndCopied() {
    assertThat(cluster.reshard("none", "{}")).isEmpty();
    key = "hot";
    NodeId owner = cluster.ownerByMap(FIRST, key);
    for (int i = 0; !cluster.owner(key).equals(owner); i++) {
      key = "hot" + i;
    }
    cluster.writeByMap(key, "old");
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 50; j++) {
        assertThat(cluster.read(owner, key)).isPresent();
      }
      cluster.round();
    }
    for (NodeId holder : cluster.nodes.keySet()) {
      assertThat(cluster.read(holder, key)).contains("old");
      cluster.away.add(owner);
      if (!holder.equals(owner)) {
        assertThat(cluster.read(holder, key)).as("from its own memory").contains("old");
      }
      cluster.away.remove(owner);
    }
    return owner;
  }

  @Test
  void othersServeCopiesOfABucketThatLiesInOneSegmentAsAWhole() {
    NodeId owner = wholeAndCopied();

    write(owner, "new");

    cluster.nodes.keySet().forEach(node -> assertThat(cluster.read(node, key)).contains("new"));
  }

  @Test
  void copiesOfABucketAsAWholeAreRecalledAlsoWhenAHashSpreadsItSince() {
    NodeId owner = wholeAndCopied();
    int before = segment();
    // Nobody but the owner hears of it, and the key stays with it.
    cluster.agreement.quiet(true);
    cluster.putMap(
        cluster
            .map(1)
            .relaid(
                BUCKET,
                ShardingChoice.of("hash", Optional.empty()),
                cluster.node(1).cluster.membership().view().active()));
    ShardMaps maps = cluster.nodes.get(owner).maps;
    maps.refresh().toCompletableFuture().join();
    assertThat(maps.find(BUCKET).orElseThrow().segmentOf(BUCKET, key)).isNotEqualTo(before);
    assertThat(cluster.ownerByMap(owner, key)).isEqualTo(owner);

    write(owner, "new");

    cluster.nodes.keySet().forEach(node -> assertThat(cluster.read(node, key)).contains("new"));
    cluster.agreement.quiet(false);
  }

  @Test
  void aBucketThatChangesMuchGetsNoCopies() {
    sharded("geographic", ANYWHERE);
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 30; j++) {
        assertThat(cluster.read(FIRST, key)).isPresent();
        if (j % 3 == 0) {
          write(FIRST, "change " + j);
        }
      }
      cluster.round();
    }

    assertThat(serves(2)).isFalse();
  }

  @Test
  void whatIsReadFromCopiesKeepsASegmentHot() {
    sharded("geographic", ANYWHERE);
    heatUp();
    keep(SECOND, "old");
    // From now on the owner itself is asked for nothing.
    for (int i = 0; i < 60; i++) {
      for (int j = 0; j < 50; j++) {
        assertThat(cluster.read(SECOND, key)).isPresent();
      }
      cluster.round();
    }

    assertThat(serves(2)).isTrue();
    for (int i = 0; i < 1_200 && serves(2); i++) {
      cluster.round();
    }
    assertThat(serves(2)).as("nobody asks any more").isFalse();
  }

  @Test
  void anotherShardingIsPlannedWhileCopiesAreOut() {
    sharded("geographic", ANYWHERE);
    heatUp();
    keep(SECOND, "old");
    String plan = cluster.reshard("hash", "{}").orElseThrow();
    cluster.node(1).moves.office().start(plan, "test");
    cluster.until(plan, PlanState.DONE);

    cluster.writeByMap(key, "new");

    for (Node node : cluster.nodes.values()) {
      assertThat(cluster.read(node.id, key)).contains("new");
    }
  }
}
