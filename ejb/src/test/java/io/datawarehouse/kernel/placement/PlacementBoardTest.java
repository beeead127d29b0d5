package io.datawarehouse.kernel.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.cluster.FakeAgreement;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.testkit.cluster.FakeCluster;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PlacementBoardTest {

  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");

  private final FakeCluster cluster =
      new FakeCluster(A, new ManualClock(Instant.parse("2026-01-01T00:00:00Z")));
  private final PlacementBoard board = new PlacementBoard(cluster.membership());

  @Test
  void withoutATableKeysAreSpreadOverTheActive() {
    cluster.add("b", "c");

    Placement placement = board.placement();

    assertThat(board.table()).isEmpty();
    for (int segment = 0; segment < placement.segments(); segment++) {
      assertThat(placement.owners(segment)).hasSize(3).doesNotHaveDuplicates();
    }
  }

  @Test
  void agreedOwnerComesFirstAlsoWhenItIsGone() {
    cluster.add("b", "c");
    board.accept(entry(SegmentTable.allTo(B), 1));

    cluster.move("b", NodeState.DEAD, "killed");

    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      assertThat(board.placement().owners(segment)).startsWith(B).hasSize(3);
    }
  }

  @Test
  void whatFallsToOthersFallsToAllOfThem() {
    cluster.add("b", "c", "d");
    board.accept(entry(SegmentTable.allTo(A), 1));
    AtomicInteger toB = new AtomicInteger();
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      if (board.placement().owners(segment).get(1).equals(B)) {
        toB.incrementAndGet();
      }
    }

    assertThat(toB.get()).isBetween(55, 115);
  }

  @Test
  void placementNumbersGrowAndListenersHear() {
    AtomicInteger heard = new AtomicInteger();
    board.watch(heard::incrementAndGet);
    long before = board.placement().topologyId();

    cluster.add("b");
    board.accept(entry(SegmentTable.allTo(A), 1));

    assertThat(board.placement().topologyId()).isEqualTo(before + 2);
    assertThat(heard).hasValue(2);
  }

  @Test
  void olderTablesAndOnesThatCannotBeReadChangeNothing() {
    board.accept(entry(SegmentTable.allTo(A), 5));
    board.accept(entry(SegmentTable.allTo(B), 4));
    board.accept(new RegistryEntry(SegmentTable.ADDRESS, "nonsense", 6));

    assertThat(board.table()).contains(SegmentTable.allTo(A));
    assertThat(board.tableVersion()).isEqualTo(5);
  }

  @Test
  void followsWhatIsAgreedOn() {
    FakeAgreement agreement = new FakeAgreement(A);
    board.follow(agreement);

    agreement.propose(
        new ClusterCommand.Put(
            SegmentTable.ADDRESS, SegmentTable.allTo(B).toText(), OptionalLong.empty()),
        Duration.ofSeconds(1));

    assertThat(board.table()).contains(SegmentTable.allTo(B));
  }

  @Test
  void gateLetsInOnlyWhatTheNodeOwns() {
    SegmentGate gate = new SegmentGate(A, board, new InMemoryKernelStorage());
    assertThatThrownBy(() -> gate.requireOwned(0)).isInstanceOf(WarehouseException.class);

    board.accept(entry(SegmentTable.allTo(A), 1));
    gate.requireOwned(0);
    Territory.Passage passage = gate.enter(0);
    assertThat(gate.tryShut()).as("a change is under way").isFalse();
    passage.close();
    assertThat(gate.tryShut()).isTrue();
    assertThatThrownBy(() -> gate.enter(0)).hasMessageContaining("giving segments away");
    gate.requireOwned(0);

    gate.open();
    gate.enter(0).close();
    board.accept(entry(SegmentTable.allTo(B), 2));
    assertThatThrownBy(() -> gate.enter(0)).hasMessageContaining("owned by b");
  }

  private static RegistryEntry entry(SegmentTable table, long version) {
    return new RegistryEntry(SegmentTable.ADDRESS, table.toText(), version);
  }
}
