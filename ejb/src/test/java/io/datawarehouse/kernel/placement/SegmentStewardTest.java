package io.datawarehouse.kernel.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.cluster.FakeAgreement;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.testkit.cluster.FakeCluster;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class SegmentStewardTest {

  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");

  private final FakeCluster cluster =
      new FakeCluster(A, new ManualClock(Instant.parse("2026-01-01T00:00:00Z")));
  private final FakeAgreement agreement = new FakeAgreement(A);
  private final PlacementBoard board = new PlacementBoard(cluster.membership());
  private final InMemoryKernelStorage disk = new InMemoryKernelStorage();
  private final SegmentGate gate = new SegmentGate(A, board, disk);
  private final Map<NodeId, Long> blobs = new ConcurrentHashMap<>();
  private final Set<NodeId> foreign = new HashSet<>();
  private final AtomicBoolean idle = new AtomicBoolean(true);
  private long nanos;
  private Runnable whenAsked = () -> {};

  SegmentStewardTest() {
    board.follow(agreement);
  }

  private SegmentSteward steward(int foundingNodes) {
    return steward(foundingNodes, board);
  }

  private SegmentSteward steward(int foundingNodes, PlacementBoard known) {
    return steward(foundingNodes, known, gate);
  }

  private SegmentSteward steward(int foundingNodes, PlacementBoard known, SegmentGate kept) {
    return new SegmentSteward(
        new SegmentSteward.Options(
            cluster.membership(),
            agreement,
            known,
            kept,
            new SegmentSteward.Inventory() {
              @Override
              public CompletionStage<Long> blobsOn(NodeId node) {
                whenAsked.run();
                return CompletableFuture.completedFuture(blobs.getOrDefault(node, 0L));
              }

              @Override
              public CompletionStage<Boolean> foreignOn(NodeId node) {
                return CompletableFuture.completedFuture(foreign.contains(node));
              }
            },
            foundingNodes,
            Duration.ofSeconds(1),
            idle::get,
            () -> nanos));
  }

  @Test
  void foundsTheTableOnceAllFoundersAreThere() {
    SegmentSteward steward = steward(3);
    steward.tick();
    assertThat(board.table()).isEmpty();
    assertThat(steward.problem()).hasValueSatisfying(p -> assertThat(p).contains("1 of 3"));

    cluster.add("b", "c");
    steward.tick();

    assertThat(board.table().orElseThrow().nodes()).containsExactlyInAnyOrder(A, B, C);
    assertThat(steward.problem()).isEmpty();
  }

  @Test
  void leaderThatFoundsNothingSharesNothingAndSaysSo() {
    cluster.add("b", "c");
    SegmentSteward steward = steward(0);

    steward.tick();

    assertThat(board.table()).isEmpty();
    assertThat(steward.problem())
        .hasValueSatisfying(p -> assertThat(p).contains("dw.cluster.founding-nodes"));
  }

  @Test
  void nodeThatHoldsBlobsFromBeforeGetsAll() {
    cluster.add("b");
    blobs.put(B, 7L);

    steward(2).tick();

    assertThat(board.table()).contains(SegmentTable.allTo(B));
  }

  @Test
  void twoNodesThatHoldBlobsAreAProblemForPeople() {
    cluster.add("b");
    blobs.putAll(Map.of(A, 1L, B, 7L));
    SegmentSteward steward = steward(2);

    steward.tick();

    assertThat(board.table()).isEmpty();
    assertThat(steward.problem()).hasValueSatisfying(p -> assertThat(p).contains("[a, b]"));
  }

  @Test
  void leaderThatHasNotHeardOfTheTableReadsItAndFoundsNoOther() {
    cluster.add("b");
    steward(2).tick();
    SegmentTable agreed = board.table().orElseThrow();
    blobs.putAll(Map.of(A, 1L, B, 7L));
    PlacementBoard afterARestart = new PlacementBoard(cluster.membership());
    SegmentSteward steward = steward(2, afterARestart);

    steward.tick();

    assertThat(afterARestart.table()).contains(agreed);
    assertThat(steward.problem()).isEmpty();
  }

  @Test
  void emptyNodeSharesWithNewcomers() {
    SegmentSteward steward = steward(1);
    steward.tick();
    assertThat(board.table()).contains(SegmentTable.allTo(A));

    cluster.add("b");
    steward.tick();

    assertThat(board.table().orElseThrow().nodes()).containsExactlyInAnyOrder(A, B);
    int own = ownSegment();
    gate.enter(own).close();
  }

  @Test
  void nodeThatHoldsBlobsGivesNothingAway() {
    SegmentSteward steward = steward(1);
    steward.tick();
    blobs.put(A, 1L);
    cluster.add("b");

    steward.tick();

    assertThat(board.table()).contains(SegmentTable.allTo(A));
    gate.enter(0).close();
  }

  @Test
  void nothingIsGivenToANodeThatMayHaveCopiesFromBeforeNorWhileAPlanRuns() {
    SegmentSteward steward = steward(1);
    steward.tick();
    cluster.add("b");
    foreign.add(B);
    steward.tick();
    assertThat(board.table()).contains(SegmentTable.allTo(A));

    foreign.clear();
    idle.set(false);
    steward.tick();
    assertThat(board.table()).contains(SegmentTable.allTo(A));
    gate.enter(0).close();

    idle.set(true);
    steward.tick();
    assertThat(board.table().orElseThrow().owns(B)).isTrue();
  }

  @Test
  void nothingIsGivenAwayWhileAChangeIsUnderWay() {
    SegmentSteward steward = steward(1);
    steward.tick();
    cluster.add("b");
    Territory.Passage change = gate.enter(3);

    steward.tick();
    assertThat(board.table()).contains(SegmentTable.allTo(A));

    change.close();
    steward.tick();
    assertThat(board.table().orElseThrow().owns(B)).isTrue();
  }

  @Test
  void lostAnswerKeepsWhatWasOfferedShutUntilItIsKnownWhatStands() {
    SegmentSteward steward = offerWhoseAnswerIsLost();
    int offered = offeredSegment();

    assertThatThrownBy(() -> gate.enter(offered)).hasMessageContaining("giving segments");
    assertThatThrownBy(() -> gate.requireOwned(offered)).hasMessageContaining("is not known");
    assertThat(gate.asking()).isTrue();
    gate.enter(keptSegment()).close();
    assertThat(steward.problem()).hasValueSatisfying(p -> assertThat(p).contains("left this node"));
    agreement.available(false);
    steward.tick();
    assertThatThrownBy(() -> gate.enter(offered)).hasMessageContaining("giving segments");

    agreement.available(true);
    steward.tick();
    assertThatThrownBy(() -> gate.enter(offered)).hasMessageContaining("owned by b");
    assertThat(steward.problem()).isEmpty();
    assertThat(gate.asking()).isFalse();
    steward.tick();
    assertThat(disk.keys("")).isEmpty();
  }

  @Test
  void nodeThatIsStartedAgainDoesNotTakeWhatItOfferedForItsOwn() {
    SegmentSteward unused = offerWhoseAnswerIsLost();
    int offered = offeredSegment();
    PlacementBoard before = boardOfThePresent();
    agreement.available(false);
    SegmentGate restarted = new SegmentGate(A, before, disk);
    SegmentSteward steward = steward(1, before, restarted);

    steward.tick();

    assertThat(steward.problem()).isPresent();
    assertThatThrownBy(() -> restarted.enter(offered)).hasMessageContaining("giving segments");
    assertThatThrownBy(() -> restarted.requireOwned(offered)).hasMessageContaining("not known");
    restarted.enter(keptSegment()).close();
    restarted.requireOwned(keptSegment());

    agreement.available(true);
    steward.tick();
    assertThatThrownBy(() -> restarted.requireOwned(offered)).hasMessageContaining("owned by b");
  }

  @Test
  void offerThatWasNotTakenUpIsWithdrawnBeforeTheNodeAnswersAgain() {
    SegmentSteward founder = steward(1);
    founder.tick();
    cluster.add("b");
    long offered = board.tableVersion();
    SegmentTable next = SegmentTable.spread(cluster.membership().view().active());
    gate.offer(offered, next);
    int leaves = segmentOf(next, B);
    assertThatThrownBy(() -> gate.requireOwned(leaves)).isInstanceOf(WarehouseException.class);

    founder.tick();

    assertThat(board.tableVersion()).isGreaterThan(offered);
    gate.requireOwned(leaves);
    gate.enter(leaves).close();
    assertThat(
            agreement.propose(
                new ClusterCommand.Put(
                    SegmentTable.ADDRESS, next.toText(), OptionalLong.of(offered)),
                Duration.ofSeconds(1)))
        .as("what was on its way")
        .isCompletedWithValueMatching(result -> !result.applied());
  }

  @Test
  void offerReplacesTheTableThatItWasMadeFromAndNoLaterOne() {
    SegmentSteward steward = steward(1);
    steward.tick();
    cluster.add("b", "c");
    SegmentTable other = SegmentTable.allTo(A).with(Map.of(0, C));
    whenAsked =
        () ->
            agreement.propose(
                new ClusterCommand.Put(SegmentTable.ADDRESS, other.toText(), OptionalLong.empty()),
                Duration.ofSeconds(1));

    steward.tick();

    assertThat(board.table()).contains(other);
    gate.enter(1).close();
  }

  @Test
  void nodeIsNotReadyBeforeItHasAskedALeaderInReachAndIsWithoutOneAfterAWhile() {
    agreement.available(false);
    SegmentSteward steward = steward(2);
    steward.tick();
    assertThat(steward.unready().orElseThrow()).contains("who owns which segment");

    nanos = Duration.ofSeconds(1).toNanos();
    assertThat(steward.unready()).as("nobody to ask").isEmpty();

    agreement.available(true);
    assertThat(steward.unready()).isPresent();
    steward.tick();
    assertThat(board.table()).isEmpty();
    assertThat(steward.unready()).as("there is no table").isEmpty();
  }

  @Test
  void nodeThatKnowsTheTableIsReadyWithoutALeader() {
    steward(1).tick();
    agreement.available(false);

    assertThat(steward(1).unready()).isEmpty();
  }

  private SegmentSteward offerWhoseAnswerIsLost() {
    SegmentSteward steward = steward(1);
    steward.tick();
    cluster.add("b");
    agreement.quiet(true);
    agreement.loseAnswers(true);
    steward.tick();
    agreement.loseAnswers(false);
    return steward;
  }

  /** What a node knows after a restart that knew of nothing but the first table. */
  private PlacementBoard boardOfThePresent() {
    PlacementBoard known = new PlacementBoard(cluster.membership());
    known.accept(
        new RegistryEntry(
            SegmentTable.ADDRESS, board.table().orElseThrow().toText(), board.tableVersion()));
    return known;
  }

  private int offeredSegment() {
    return segmentOf(gate.leaving().orElseThrow().next(), B);
  }

  private int keptSegment() {
    return segmentOf(gate.leaving().orElseThrow().next(), A);
  }

  @Test
  void withoutAMajorityNothingIsFounded() {
    agreement.available(false);
    SegmentSteward steward = steward(1);

    steward.tick();

    assertThat(board.table()).isEmpty();
    assertThat(steward.problem()).hasValueSatisfying(p -> assertThat(p).contains("majority"));
  }

  private int ownSegment() {
    return segmentOf(board.table().orElseThrow(), A);
  }

  private static int segmentOf(SegmentTable table, NodeId owner) {
    int segment = 0;
    while (!table.owner(segment).equals(owner)) {
      segment++;
    }
    return segment;
  }
}
