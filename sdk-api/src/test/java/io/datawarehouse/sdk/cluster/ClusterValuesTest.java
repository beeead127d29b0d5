package io.datawarehouse.sdk.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ClusterValuesTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");

  @Test
  void copyOfAnyAgeIsNotOneOfALongTime() {
    assertThat(ReadConsistency.Local.ofAnyAge().anyAge()).isTrue();
    assertThat(new ReadConsistency.Local(Duration.ofSeconds(Long.MAX_VALUE)).anyAge()).isTrue();
    assertThat(new ReadConsistency.Local(Duration.ofDays(3_650)).anyAge()).isFalse();
  }

  @Test
  void everyStateButTheFirstIsReachedFromTheFirst() {
    Set<NodeState> reached = new HashSet<>(Set.of(NodeState.JOINING));
    for (int step = 0; step < NodeState.values().length; step++) {
      for (NodeState state : NodeState.values()) {
        if (state.predecessors().stream().anyMatch(reached::contains)) {
          reached.add(state);
        }
      }
    }
    assertThat(reached).containsExactlyInAnyOrder(NodeState.values());
  }

  @Test
  void onlyActiveNodesTakeRequestsAndOnlyThoseThatWentAreNoMembers() {
    assertThat(List.of(NodeState.values()).stream().filter(NodeState::takesRequests))
        .containsExactly(NodeState.ACTIVE);
    assertThat(List.of(NodeState.values()).stream().filter(state -> !state.member()))
        .containsExactly(NodeState.LEFT, NodeState.DEAD);
  }

  @Test
  void nodeMovesAlongTheTableAndKeepsTheReason() {
    ClusterNode joining = node(A, NodeState.JOINING);

    ClusterNode active = joining.moved(NodeState.ACTIVE, START.plusSeconds(2), "let in");

    assertThat(active.state()).isEqualTo(NodeState.ACTIVE);
    assertThat(active.reason()).isEqualTo("let in");
    assertThat(active.uptime(START.plusSeconds(10))).isEqualTo(Duration.ofSeconds(10));
    assertThat(active.uptime(START.minusSeconds(10))).isZero();
    assertThatThrownBy(() -> joining.moved(NodeState.DRAINING, START, "too early"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("JOINING")
        .hasMessageContaining("DRAINING");
  }

  @Test
  void viewIsSortedAndHoldsANodeOnce() {
    ClusterView view =
        new ClusterView(3, List.of(node(B, NodeState.SUSPECT), node(A, NodeState.ACTIVE)));

    assertThat(view.nodes()).extracting(ClusterNode::id).containsExactly(A, B);
    assertThat(view.active()).extracting(ClusterNode::id).containsExactly(A);
    assertThat(view.members()).hasSize(2);
    assertThat(view.find(new NodeId("c"))).isEmpty();
    assertInvalid(
        "nodes",
        "'a'",
        () -> new ClusterView(0, List.of(node(A, NodeState.ACTIVE), node(A, NodeState.DEAD))));
  }

  @Test
  void wrongValuesAreRefusedWithFieldAndValue() {
    assertInvalid("cpuPercent", "'101.0'", () -> new NodeLoad(101, 0, 0, 0, 0, 0));
    assertInvalid("memoryPercent", "'NaN'", () -> new NodeLoad(0, Double.NaN, 0, 0, 0, 0));
    assertInvalid("activeRequests", "'-1.0'", () -> new NodeLoad(0, 0, 0, -1, 0, 0));
    assertInvalid("weight", "'0.0'", () -> NodeDescriptor.of(A, "a:1", "1", START).weighing(0));
    assertInvalid("zone", "' '", () -> NodeDescriptor.of(A, "a:1", "1", START).inZone(" "));
    assertInvalid(
        "endpoints.grpc",
        "''",
        () ->
            new NodeDescriptor(
                A, 1, "a:1", Map.of("grpc", ""), "z", "", 1, "1", START, Set.of(), Map.of()));
    assertInvalid(
        "incarnation",
        "'0'",
        () ->
            new NodeDescriptor(A, 0, "a:1", Map.of(), "z", "", 1, "1", START, Set.of(), Map.of()));
    assertInvalid("quorum", "'0'", () -> new Leadership(Optional.empty(), 1, 0, false));
    assertInvalid("registry", "'Buckets'", () -> new RegistryEntry.Address("Buckets", "k"));
    assertInvalid(
        "expected",
        "'-1'",
        () ->
            new ClusterCommand.Remove(
                new RegistryEntry.Address("buckets", "k"), OptionalLong.of(-1)));
    assertInvalid("mostAge", "'PT-1S'", () -> new ReadConsistency.Local(Duration.ofSeconds(-1)));
    assertInvalid("latency", "'PT-1S'", () -> new HealthEvidence.Answered(Duration.ofSeconds(-1)));
    assertInvalid(
        "limit",
        "'PT0S'",
        () ->
            new JoinRequest(
                "dw", NodeDescriptor.of(A, "a:1", "1", START), List.of(), Duration.ZERO));
  }

  @Test
  void leadershipOfOneIsItsOwn() {
    Leadership alone = Leadership.alone(A);

    assertThat(alone.leads(A)).isTrue();
    assertThat(alone.leads(B)).isFalse();
    assertThat(alone.available()).isTrue();
    assertThat(alone.quorum()).isEqualTo(1);
  }

  static ClusterNode node(NodeId id, NodeState state) {
    return new ClusterNode(NodeDescriptor.of(id, id + ":1", "1", START), state, START, "test");
  }

  private static void assertInvalid(String field, String value, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(WarehouseException.class)
        .hasMessageStartingWith(field + " is " + value);
  }
}
