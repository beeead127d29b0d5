package io.datawarehouse.kernel.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.blob.OwnSegmentsChange;
import io.datawarehouse.kernel.heat.SegmentCensus;
import io.datawarehouse.kernel.heat.SegmentStock.Stock;
import io.datawarehouse.kernel.placement.Territory;
import io.datawarehouse.kernel.rebalance.MovingCluster.Node;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Segments that a bucket has for itself move while it is read and written to. */
class MovingOwnSegmentsTest {

  private static final BucketName BUCKET = MovingCluster.BUCKET;
  private static final NodeId FIRST = new NodeId("node-1");
  private static final NodeId SECOND = new NodeId("node-2");
  private static final NodeId THIRD = new NodeId("node-3");
  private static final String RANGES = "{'splits': ['key-2', 'key-3', 'key-4', 'key-5']}";

  private final MovingCluster cluster = new MovingCluster(3);
  private final Map<String, String> model = new TreeMap<>();
  private final Set<String> waiting = new HashSet<>();

  private RebalanceOffice office() {
    return cluster.node(1).moves.office();
  }

  private void fill() {
    for (int i = 10; i < 60; i++) {
      write("key-" + i, "first of " + i);
    }
  }

  private void write(String key, String text) {
    cluster.writeByMap(key, text);
    model.put(key, text);
  }

  private void sharded(String scheme, String options) {
    assertThat(cluster.reshard(scheme, options)).as("an empty bucket needs no plan").isEmpty();
    fill();
  }

  private RebalancePlan begun(RebalancePlan preview) {
    return office().start(preview.id(), "test");
  }

  private void done(RebalancePlan preview) {
    begun(preview);
    cluster.until(preview.id(), PlanState.DONE);
  }

  private void requireAllThere() {
    for (Node node : cluster.nodes.values()) {
      assertThat(cluster.list(node)).containsExactlyElementsOf(model.keySet());
      assertThat(cluster.count(node)).isEqualTo(model.size());
      model.forEach((key, text) -> assertThat(cluster.read(node.id, key)).as(key).contains(text));
    }
    for (String key : model.keySet()) {
      assertThat(
              cluster
                  .nodes
                  .get(cluster.ownerByMap(FIRST, key))
                  .store
                  .findManifest(new BlobKey(BUCKET, key)))
          .as(key)
          .isPresent();
    }
  }

  private void requireNothingIsLeft() {
    cluster.clock.advance(MovingCluster.GRACE.multipliedBy(2));
    for (int i = 0; i < 10; i++) {
      cluster.round();
    }
    assertThat(cluster.nodes.values().stream().mapToLong(MovingCluster::stored).sum())
        .as("copies that stay for ever")
        .isEqualTo(model.size());
    requireAllThere();
  }

  private static void assertRefused(StandardErrorCode code, String words, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.detail()).contains(words);
            });
  }

  private static WantedMove own(int segment, NodeId to) {
    return new WantedMove(Optional.of(BUCKET), segment, to);
  }

  /** Brings all own segments to one node. */
  private void allTo(NodeId node) {
    done(
        office()
            .preview(
                cluster.map(1).own().stream().map(own -> own(own.segment(), node)).toList(),
                "test"));
  }

  @Test
  void ownSegmentThatIsWrittenToForLongStaysAndTheOthersMove() {
    sharded("range", RANGES);
    allTo(FIRST);
    NodeId owner = cluster.owner("key-1");
    int table = cluster.segment("key-1");
    List<WantedMove> moves = new ArrayList<>();
    moves.add(new WantedMove(Optional.empty(), table, owner.equals(SECOND) ? THIRD : SECOND));
    cluster.map(1).own().forEach(own -> moves.add(own(own.segment(), THIRD)));
    int slow = cluster.map(1).segmentOf(BUCKET, "key-25");
    RebalancePlan plan = office().preview(moves, "test");
    assertThat(plan.parts()).isEqualTo(2);
    begun(plan);
    try (Territory.Passage write = cluster.node(1).gate.enter(new BlobKey(BUCKET, "key-25"))) {
      cluster.pass(Duration.ofSeconds(2));
      write("key-35", "changed meanwhile");

      cluster.until(plan.id(), PlanState.DONE);

      for (ShardMap.Own own : cluster.map(1).own()) {
        assertThat(own.owner()).contains(own.segment() == slow ? FIRST : THIRD);
      }
      assertThat(write).isNotNull();
    }
    RebalancePlan done = office().plan(plan.id());
    assertThat(done.reason())
        .isEqualTo("STAYS: writes go on in segments [" + slow + "] of bucket photos");
    assertThat(done.moves())
        .hasSize(plan.moves().size() - 1)
        .noneMatch(move -> move.bucket().isPresent() && move.segment() == slow);
    write("key-25", "goes on");
    requireNothingIsLeft();

    done(office().preview(List.of(own(slow, THIRD)), "test"));
    requireNothingIsLeft();
  }

  // ---- draining --------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"range", "composite"})
  void drainedNodeIsEmptyAfterwards(String scheme) {
    sharded(
        scheme, scheme.equals("range") ? RANGES : "{'ways': 3, 'options': {'splits': ['key-3']}}");
    assertThat(cluster.map(1).owners()).contains(THIRD);
    cluster.see("node-3", NodeState.DRAINING);

    RebalancePlan plan = office().preview(OptionalInt.empty(), "test");

    assertThat(plan.stays()).isEmpty();
    assertThat(plan.parts()).as("the table and a map").isEqualTo(2);
    assertThat(plan.moves())
        .anyMatch(
            move ->
                move.segment() >= 256
                    && move.from().equals(THIRD)
                    && move.bytes() > 0
                    && move.bucket().equals(Optional.of(BUCKET)))
        .allMatch(move -> move.segment() >= 256 == move.bucket().isPresent());
    assertThat(plan.totalBytes()).isEqualTo(plan.moves().stream().mapToLong(PlanMove::bytes).sum());
    done(plan);
    for (int node = 1; node <= 3; node++) {
      assertThat(cluster.map(node).owners()).doesNotContain(THIRD);
      assertThat(cluster.node(node).board.table().orElseThrow().owns(THIRD)).isFalse();
    }
    requireAllThere();
    requireNothingIsLeft();
    assertThat(MovingCluster.stored(cluster.node(3))).isZero();
  }

  @Test
  void whatMayLieNowhereElseIsNamedAndStays() {
    sharded(
        "directory",
        "{'entries': [{'prefix': 'key-1', 'node': 'node-3'}, {'prefix': 'key-2', 'zones':"
            + " ['default']}]}");
    cluster.see("node-3", NodeState.DRAINING);

    RebalancePlan plan = office().preview(OptionalInt.empty(), "test");

    assertThat(plan.stays()).hasSize(1);
    PlanStay stay = plan.stays().get(0);
    assertThat(stay.bucket()).contains(BUCKET);
    assertThat(stay.shard()).contains("prefix key-1");
    assertThat(stay.node()).isEqualTo(THIRD);
    assertThat(stay.segments()).containsExactly(256);
    assertThat(stay.bytes()).isEqualTo(10 * "first of 10".length());
    assertThat(stay.because()).contains("no other active node", "node-3");
    done(plan);
    assertThat(office().plan(plan.id()).stays()).isEqualTo(plan.stays());
    assertThat(cluster.map(2).owner(256)).isEqualTo(THIRD);
    assertThat(cluster.map(2).own().stream().filter(own -> own.owner().equals(Optional.of(THIRD))))
        .hasSize(1);
    requireAllThere();

    assertRefused(
        StandardErrorCode.PLAN_CONFLICT,
        "bucket 'photos' [256] on node node-3",
        () -> office().preview(OptionalInt.empty(), "test"));
  }

  @Test
  void residencyHoldsInADrain() {
    cluster.see("node-1", "east");
    cluster.see("node-2", "west");
    cluster.see("node-3", "east");
    sharded(
        "geographic",
        "{'residency': {'zones': ['east']}, 'rules': [{'prefix': 'key-1', 'zones': ['east']}],"
            + " 'ways': 4}");
    cluster.see("node-3", NodeState.DRAINING);

    done(office().preview(OptionalInt.empty(), "test"));

    assertThat(cluster.map(3).owners()).containsExactly(FIRST);
    assertThat(MovingCluster.stored(cluster.node(2))).isZero();
    requireAllThere();
  }

  @Test
  void nodeThatMovedToAnotherZoneGivesAwayWhatItMayNotHold() {
    cluster.see("node-1", "east");
    cluster.see("node-2", "west");
    cluster.see("node-3", "east");
    sharded("geographic", "{'residency': {'zones': ['east']}, 'ways': 4}");
    cluster.see("node-3", "west");

    done(office().preview(OptionalInt.empty(), "test"));

    assertThat(cluster.map(3).owners()).containsExactly(FIRST);
    requireAllThere();
  }

  @Test
  void nodeThatIsGoneIsNamedAndKeepsNobodyFromMoving() {
    sharded("range", RANGES);
    allTo(SECOND);
    office().start(office().preview(tableWithout("node-3"), "test").id(), "test");
    cluster.until(office().plans().get(0).id(), PlanState.DONE);
    done(office().preview(List.of(own(256, THIRD)), "test"));
    cluster.away.add(THIRD);
    cluster.see("node-3", NodeState.DEAD);

    RebalancePlan plan = office().preview(OptionalInt.empty(), "test");

    assertThat(plan.stays()).hasSize(1);
    assertThat(plan.stays().get(0).because()).contains("not there");
    assertThat(plan.moves()).noneMatch(move -> move.from().equals(THIRD));
  }

  private Map<Integer, NodeId> tableWithout(String node) {
    Map<Integer, NodeId> moves = new TreeMap<>();
    for (int segment = 0; segment < 256; segment++) {
      if (cluster.table().owner(segment).equals(new NodeId(node))) {
        moves.put(segment, FIRST);
      }
    }
    return moves;
  }

  // ---- evening out -----------------------------------------------------------------------------

  @Test
  void rebalanceEvensOutTheBytesOfOwnSegments() {
    sharded("composite", "{'ways': 12, 'options': {'splits': ['key-3']}}");
    allTo(SECOND);

    RebalancePlan plan = office().preview(OptionalInt.empty(), "test");
    done(plan);

    long all = 50L * "first of 10".length();
    for (NodeId node : cluster.nodes.keySet()) {
      long held =
          model.keySet().stream()
              .filter(key -> cluster.ownerByMap(FIRST, key).equals(node))
              .mapToLong(key -> model.get(key).length())
              .sum();
      assertThat(held).as("on " + node).isBetween(all / 5, all / 2);
    }
    requireAllThere();
    assertRefused(
        StandardErrorCode.PLAN_CONFLICT,
        "every node has its share",
        () -> office().preview(OptionalInt.empty(), "test"));
  }

  @Test
  void budgetCountsOwnSegments() {
    sharded("composite", "{'ways': 12, 'options': {'splits': ['key-3']}}");
    allTo(SECOND);
    long all = 50L * "first of 10".length();

    RebalancePlan plan = office().preview(OptionalInt.of(20), "test");

    assertThat(plan.totalBytes()).isPositive().isLessThanOrEqualTo(all / 5 + 100);
  }

  // ---- certain moves ---------------------------------------------------------------------------

  @Test
  void certainOwnSegmentsMoveTogetherWithOnesOfTheCluster() {
    sharded("range", RANGES);
    NodeId owner = cluster.table().owner(7);
    NodeId other = owner.equals(FIRST) ? SECOND : FIRST;
    NodeId target = cluster.map(1).owner(257).equals(THIRD) ? SECOND : THIRD;

    RebalancePlan plan =
        office()
            .preview(List.of(own(257, target), new WantedMove(Optional.empty(), 7, other)), "test");
    done(plan);

    assertThat(cluster.table().owner(7)).isEqualTo(other);
    assertThat(cluster.map(3).owner(257)).isEqualTo(target);
    assertThat(office().plan(plan.id()).number()).isEqualTo(1);
    requireAllThere();
    requireNothingIsLeft();
  }

  @Test
  void movesThatCannotBeAreRefusedByName() {
    sharded("directory", "{'entries': [{'prefix': 'key-1', 'node': 'node-3'}]}");

    assertRefused(
        StandardErrorCode.INVALID_ARGUMENT,
        "may not hold it",
        () -> office().preview(List.of(own(256, FIRST)), "test"));
    assertRefused(
        StandardErrorCode.INVALID_ARGUMENT,
        "no own segment",
        () -> office().preview(List.of(own(999, FIRST)), "test"));
    assertRefused(
        StandardErrorCode.INVALID_ARGUMENT,
        "no own segment",
        () -> office().preview(List.of(own(7, FIRST)), "test"));
    assertRefused(
        StandardErrorCode.INVALID_ARGUMENT,
        "name the bucket",
        () -> office().preview(List.of(new WantedMove(Optional.empty(), 256, FIRST)), "test"));
    assertRefused(
        StandardErrorCode.INVALID_ARGUMENT,
        "at least one segment must move",
        () -> office().preview(List.of(own(256, THIRD)), "test"));
  }

  // ---- what happens meanwhile ------------------------------------------------------------------

  @Test
  void planGoesOnWhereSomethingElseOfTheBucketChanges() {
    sharded("range", RANGES);
    cluster.see("node-3", NodeState.DRAINING);
    RebalancePlan plan = begun(office().preview(OptionalInt.empty(), "test"));
    cluster.round();
    cluster.editBucket(text -> text.replace("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"));

    cluster.until(plan.id(), PlanState.DONE);

    assertThat(cluster.map(1).owners()).doesNotContain(THIRD);
    requireAllThere();
  }

  @Test
  void planEndsWhereTheKeysAreDividedInAnotherWayAndSaysWhatIsInForce() {
    sharded("range", RANGES);
    cluster.see("node-3", NodeState.DRAINING);
    RebalancePlan plan = begun(office().preview(OptionalInt.empty(), "test"));
    cluster.until(() -> office().plan(plan.id()).number() == 1);
    cluster.putMap(cluster.map(1).split("key-25"));

    cluster.until(plan.id(), PlanState.FAILED);

    assertThat(office().plan(plan.id()).reason())
        .contains("TOPOLOGY_CHANGED", "1 of 2 parts are in force");
    assertThat(cluster.node(2).board.table().orElseThrow().owns(THIRD)).isFalse();
    requireAllThere();
    done(office().preview(OptionalInt.empty(), "test"));
    assertThat(cluster.map(1).owners()).doesNotContain(THIRD);
    requireNothingIsLeft();
  }

  @Test
  void copiesGoAlsoWhereTheKeysWereDividedInAnotherWaySince() {
    sharded("range", RANGES);
    allTo(SECOND);
    allTo(THIRD);
    cluster.putMap(cluster.map(1).split("key-25"));
    cluster.round();

    requireNothingIsLeft();
  }

  @Test
  void planIsTakenBackInTheMiddleOfItsParts() {
    sharded("range", RANGES);
    cluster.see("node-3", NodeState.DRAINING);
    RebalancePlan plan = begun(office().preview(OptionalInt.empty(), "test"));
    cluster.until(() -> office().plan(plan.id()).number() == 1);

    RebalancePlan aborted = office().abort(plan.id(), "test");

    assertThat(aborted.reason()).isEqualTo("1 of 2 parts are in force");
    assertThat(cluster.map(1).owners()).contains(THIRD);
    requireNothingIsLeft();
  }

  @Test
  void planIsPausedAndGoesOnInEachOfItsParts() {
    sharded("range", RANGES);
    cluster.see("node-3", NodeState.DRAINING);
    RebalancePlan plan = begun(office().preview(OptionalInt.empty(), "test"));
    for (int part = 0; part < 2; part++) {
      int wanted = part;
      cluster.until(() -> office().plan(plan.id()).number() == wanted);
      office().pause(plan.id(), "test");
      for (int i = 0; i < 5; i++) {
        cluster.round();
      }
      assertThat(cluster.state(plan.id())).isEqualTo(PlanState.PAUSED);
      assertThat(office().plan(plan.id()).number()).isEqualTo(part);
      office().resume(plan.id(), "test");
    }

    cluster.until(plan.id(), PlanState.DONE);

    assertThat(cluster.map(1).owners()).doesNotContain(THIRD);
    requireAllThere();
  }

  @Test
  void planThatDoesNotFitAnyMoreIsRefused() {
    sharded("range", RANGES);
    NodeId target = cluster.map(1).owner(257).equals(THIRD) ? SECOND : THIRD;
    RebalancePlan first = office().preview(List.of(own(257, target)), "test");
    done(office().preview(List.of(own(257, target)), "test"));

    assertRefused(
        StandardErrorCode.TOPOLOGY_CHANGED,
        "make another one",
        () -> office().start(first.id(), "test"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void whatIsWrittenMeanwhileIsThereAfterwards(int seed) {
    Random random = new Random(seed);
    sharded("range", RANGES);
    cluster.see("node-3", NodeState.DRAINING);
    RebalancePlan plan = begun(office().preview(OptionalInt.empty(), "test"));
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

    cluster.until(plan.id(), PlanState.DONE);
    cluster.beforeArrival = (node, message) -> {};
    cluster.round();

    assertThat(waiting).as("seed " + seed).isEmpty();
    assertThat(cluster.map(2).owners()).doesNotContain(THIRD);
    requireNothingIsLeft();
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
            cluster.ownerByMap(FIRST, key),
            deleting ? MovingCluster.deleting(key) : MovingCluster.writing(key, text),
            key);
    var unused =
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
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void nodesMayBeStartedAgainInTheMiddle(int seed) {
    Random random = new Random(seed);
    sharded("range", RANGES);
    cluster.see("node-3", NodeState.DRAINING);
    RebalancePlan plan = begun(office().preview(OptionalInt.empty(), "test"));

    for (int i = 0; i < 16; i++) {
      cluster.round();
      cluster.node(1 + random.nextInt(3)).restart();
    }
    cluster.until(plan.id(), PlanState.DONE);

    assertThat(cluster.map(2).owners()).as("seed " + seed).doesNotContain(THIRD);
    requireNothingIsLeft();
  }

  @Test
  void nodeThatLeavesTheClusterEndsThePlanInItsPart() {
    sharded("range", RANGES);
    allTo(SECOND);
    RebalancePlan plan =
        begun(
            office()
                .preview(
                    List.of(own(256, THIRD), new WantedMove(Optional.empty(), 7, free())), "test"));
    cluster.until(() -> office().plan(plan.id()).number() == 1);
    cluster.away.add(THIRD);
    cluster.see("node-3", NodeState.DEAD);

    cluster.until(plan.id(), PlanState.FAILED);

    assertThat(office().plan(plan.id()).reason()).contains("node-3", "1 of 2 parts are in force");
    assertThat(cluster.map(1).owner(256)).isEqualTo(SECOND);
    model.forEach((key, text) -> assertThat(cluster.read(FIRST, key)).as(key).contains(text));
  }

  /** Returns a node that segment 7 of the cluster can move to, and that stays. */
  private NodeId free() {
    return cluster.table().owner(7).equals(FIRST) ? SECOND : FIRST;
  }

  // ---- what they hold --------------------------------------------------------------------------

  @Test
  void whatOwnSegmentsHoldIsCountedAlsoAfterMovesAndDivisions() {
    sharded("range", RANGES);
    count();
    requireCounted();
    write("key-10", "longer than the first");
    Reply unused =
        MovingCluster.await(
            cluster.begin(
                cluster.ownerByMap(FIRST, "key-11"), MovingCluster.deleting("key-11"), "key-11"));
    model.remove("key-11");
    requireCounted();

    allTo(SECOND);
    requireCounted();

    cluster.putMap(cluster.map(1).split("key-25"));
    assertThat(cluster.node(2).heat.ownStock(BUCKET, 256)).as("not known just now").isEmpty();
    write("key-26", "meanwhile");
    count();
    requireCounted();
  }

  private void count() {
    for (Node node : cluster.nodes.values()) {
      try {
        new SegmentCensus(
                node.store,
                node.heat,
                key -> cluster.map(1).segmentOf(key.bucket(), key.key()),
                System::nanoTime,
                time -> {})
            .countWhatIsDue();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private void requireCounted() {
    ShardMap map = cluster.map(1);
    for (ShardMap.Own own : map.own()) {
      List<String> texts =
          model.entrySet().stream()
              .filter(blob -> map.segmentOf(BUCKET, blob.getKey()) == own.segment())
              .map(Map.Entry::getValue)
              .toList();
      Optional<Stock> stock =
          cluster.nodes.get(own.owner().orElseThrow()).heat.ownStock(BUCKET, own.segment());
      assertThat(stock.map(Stock::blobs)).as(own.toString()).contains((long) texts.size());
      assertThat(stock.map(Stock::bytes))
          .as(own.toString())
          .contains(texts.stream().mapToLong(String::length).sum());
    }
  }

  // ---- the change itself -----------------------------------------------------------------------

  @Test
  void changeIsTheSameWhenItIsReadAgain() {
    sharded("range", RANGES);
    ShardMap map = cluster.map(1);
    TreeMap<Integer, NodeId> moves = new TreeMap<>();
    for (ShardMap.Own own : map.own()) {
      moves.put(own.segment(), own.owner().orElseThrow().equals(FIRST) ? SECOND : FIRST);
    }

    OwnSegmentsChange change = OwnSegmentsChange.of(BUCKET, map, 7, moves);

    assertThat(OwnSegmentsChange.KIND.parse(change.toText()).toText()).isEqualTo(change.toText());
    assertThat(change.toText().length()).isLessThan(1_000);
    assertThat(change.leavingSegments()).isEmpty();
    assertThatThrownBy(() -> OwnSegmentsChange.of(BUCKET, map, 7, new TreeMap<>()))
        .hasMessageContaining("moves");
  }
}
