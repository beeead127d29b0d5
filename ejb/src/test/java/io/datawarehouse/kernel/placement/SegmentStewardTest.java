package io.datawarehouse.kernel.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.cluster.FakeAgreement;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.cluster.FakeCluster;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
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
  private final SegmentGate gate = new SegmentGate(A, board);
  private final Map<NodeId, Long> blobs = new ConcurrentHashMap<>();
  private final Set<NodeId> foreign = new HashSet<>();
  private final AtomicBoolean idle = new AtomicBoolean(true);

  SegmentStewardTest() {
    board.follow(agreement);
  }

  private SegmentSteward steward(int foundingNodes) {
    return steward(foundingNodes, board);
  }

  private SegmentSteward steward(int foundingNodes, PlacementBoard known) {
    return new SegmentSteward(
        new SegmentSteward.Options(
            cluster.membership(),
            agreement,
            known,
            gate,
            new SegmentSteward.Inventory() {
              @Override
              public CompletionStage<Long> blobsOn(NodeId node) {
                return CompletableFuture.completedFuture(blobs.getOrDefault(node, 0L));
              }

              @Override
              public CompletionStage<Boolean> foreignOn(NodeId node) {
                return CompletableFuture.completedFuture(foreign.contains(node));
              }
            },
            foundingNodes,
            Duration.ofSeconds(1),
            idle::get));
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
  void lostAnswerKeepsTheGateShutUntilItIsKnownWhatStands() {
    SegmentSteward steward = steward(1);
    steward.tick();
    cluster.add("b");
    agreement.loseAnswers(true);

    steward.tick();
    assertThatThrownBy(() -> gate.enter(ownSegment())).hasMessageContaining("giving segments");
    agreement.available(false);
    steward.tick();
    assertThatThrownBy(() -> gate.enter(ownSegment())).hasMessageContaining("giving segments");

    agreement.available(true);
    steward.tick();
    gate.enter(ownSegment()).close();
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
    SegmentTable table = board.table().orElseThrow();
    int segment = 0;
    while (!table.owner(segment).equals(A)) {
      segment++;
    }
    return segment;
  }
}
