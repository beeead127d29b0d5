package io.datawarehouse.kernel.cluster.infinispan;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.MembershipChange;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MembershipTableTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration DEAD_AFTER = Duration.ofSeconds(30);
  private static final Duration FORGET_AFTER = Duration.ofHours(1);
  private static final NodeId B = new NodeId("b");

  private final ManualClock clock = new ManualClock(START);
  private long nanos;
  private final MembershipTable table =
      new MembershipTable(descriptor("a", 1), clock, () -> nanos, DEAD_AFTER, FORGET_AFTER);
  private final List<NodeState> heard = new ArrayList<>();

  @Test
  void nodeThatIsThereIsWhatItSays() {
    settle(Set.of("b/1"), says("b", 1, NodeState.JOINING));
    settle(Set.of("b/1"), says("b", 1, NodeState.ACTIVE));
    settle(Set.of("b/1"), says("b", 1, NodeState.DRAINING));
    settle(Set.of(), says("b", 1, NodeState.LEFT));

    assertThat(statesOfB())
        .containsExactly(NodeState.JOINING, NodeState.ACTIVE, NodeState.DRAINING, NodeState.LEFT);
    assertThat(b().reason()).isEqualTo("b says LEFT");
  }

  @Test
  void nodeThatIsFirstSeenActiveIsJoiningBefore() {
    settle(Set.of("b/1"), says("b", 1, NodeState.ACTIVE));

    assertThat(statesOfB()).containsExactly(NodeState.JOINING, NodeState.ACTIVE);
  }

  @Test
  void nothingHappensWhereNothingChanged() {
    settle(Set.of("b/1"), says("b", 1, NodeState.ACTIVE));
    long topology = table.view().topologyId();

    settle(Set.of("b/1"), says("b", 1, NodeState.ACTIVE));

    assertThat(table.view().topologyId()).isEqualTo(topology);
  }

  @Test
  void vanishedNodeIsSuspectAndThenDead() {
    settle(Set.of("b/1"), says("b", 1, NodeState.ACTIVE));
    settle(Set.of(), says("b", 1, NodeState.ACTIVE));
    assertThat(b().state()).isEqualTo(NodeState.SUSPECT);

    pass(DEAD_AFTER.minusMillis(1));
    settle(Set.of(), says("b", 1, NodeState.ACTIVE));
    assertThat(b().state()).isEqualTo(NodeState.SUSPECT);

    pass(Duration.ofMillis(1));
    settle(Set.of(), says("b", 1, NodeState.ACTIVE));
    assertThat(b().state()).isEqualTo(NodeState.DEAD);
    assertThat(b().reason()).isEqualTo("it was not heard for 30 s");
  }

  @Test
  void nobodyIsDeadWhileTheBrakeIsHeld() {
    settle(Set.of("b/1"), says("b", 1, NodeState.ACTIVE));
    table.settle(List.of(says("b", 1, NodeState.ACTIVE)), Set.of(), false);
    pass(DEAD_AFTER.multipliedBy(10));

    table.settle(List.of(says("b", 1, NodeState.ACTIVE)), Set.of(), false);

    assertThat(b().state()).isEqualTo(NodeState.SUSPECT);
    table.settle(List.of(says("b", 1, NodeState.ACTIVE)), Set.of(), true);
    assertThat(b().state()).isEqualTo(NodeState.DEAD);
  }

  @Test
  void suspectThatIsHeardAgainIsNotNearerToItsDeathTheNextTime() {
    settle(Set.of("b/1"), says("b", 1, NodeState.ACTIVE));
    settle(Set.of(), says("b", 1, NodeState.ACTIVE));
    pass(DEAD_AFTER.minusSeconds(1));
    settle(Set.of("b/1"), says("b", 1, NodeState.ACTIVE));
    assertThat(b().state()).isEqualTo(NodeState.ACTIVE);
    assertThat(b().reason()).isEqualTo("it is heard again");

    settle(Set.of(), says("b", 1, NodeState.ACTIVE));
    pass(Duration.ofSeconds(2));
    settle(Set.of(), says("b", 1, NodeState.ACTIVE));

    assertThat(b().state()).isEqualTo(NodeState.SUSPECT);
  }

  @Test
  void deadNodeThatIsHeardAgainInTheSameRunJoinsAnew() {
    settle(Set.of("b/1"), says("b", 1, NodeState.ACTIVE));
    die();

    settle(Set.of("b/1"), says("b", 1, NodeState.DRAINING));

    assertThat(statesOfB())
        .endsWith(NodeState.DEAD, NodeState.JOINING, NodeState.ACTIVE, NodeState.DRAINING);
  }

  @Test
  void newRunFollowsTheDeathOfTheOneBefore() {
    settle(Set.of("b/1"), says("b", 1, NodeState.ACTIVE));

    settle(Set.of("b/2"), says("b", 2, NodeState.JOINING));

    assertThat(statesOfB()).endsWith(NodeState.ACTIVE, NodeState.DEAD, NodeState.JOINING);
    assertThat(b().incarnation()).isEqualTo(2);
  }

  @Test
  void newsOfAnEarlierRunChangeNothing() {
    settle(Set.of("b/2"), says("b", 2, NodeState.ACTIVE));
    long topology = table.view().topologyId();

    settle(Set.of("b/1", "b/2"), says("b", 1, NodeState.LEFT));

    assertThat(table.view().topologyId()).isEqualTo(topology);
  }

  @Test
  void earlierRunInTheViewDoesNotMakeTheLaterOneThere() {
    settle(Set.of("b/1"), says("b", 2, NodeState.ACTIVE));

    assertThat(b().state()).isEqualTo(NodeState.SUSPECT);
  }

  @Test
  void orderToDrainCountsBeforeTheNodeItselfSaysSo() {
    NodeStatement ordering =
        says("a", 1, NodeState.ACTIVE)
            .ordering(B, new NodeStatement.DrainOrder(1, START, "too old"));

    settle(Set.of("b/1"), says("b", 1, NodeState.ACTIVE), ordering);

    assertThat(b().state()).isEqualTo(NodeState.DRAINING);
    assertThat(b().reason()).isEqualTo("too old");
  }

  @Test
  void orderToDrainIsForOneRun() {
    NodeStatement ordering =
        says("a", 1, NodeState.ACTIVE)
            .ordering(B, new NodeStatement.DrainOrder(1, START, "too old"));

    settle(Set.of("b/2"), says("b", 2, NodeState.ACTIVE), ordering);

    assertThat(b().state()).isEqualTo(NodeState.ACTIVE);
  }

  @Test
  void nodeThatIsGoneForLongIsForgottenAndDoesNotComeBackByItsOldWords() {
    settle(Set.of("b/1"), says("b", 1, NodeState.ACTIVE));
    die();
    pass(FORGET_AFTER);

    Set<NodeId> forgotten = table.settle(List.of(says("b", 1, NodeState.ACTIVE)), Set.of(), true);

    assertThat(forgotten).containsExactly(B);
    assertThat(table.view().find(B)).isEmpty();
    assertThat(table.history(B)).isEmpty();
    settle(Set.of(), says("b", 1, NodeState.ACTIVE));
    assertThat(table.view().find(B)).isEmpty();
    settle(Set.of("b/2"), says("b", 2, NodeState.ACTIVE));
    assertThat(b().state()).isEqualTo(NodeState.ACTIVE);
  }

  @Test
  void atLeastSixteenChangesAreRemembered() {
    for (int i = 0; i < 50; i++) {
      settle(Set.of("b/1"), says("b", 1, NodeState.ACTIVE));
      settle(Set.of(), says("b", 1, NodeState.ACTIVE));
    }

    assertThat(table.history(B)).hasSizeBetween(16, 64);
  }

  @Test
  void thisNodeIsAlwaysThere() {
    settle(Set.of(), says("a", 1, NodeState.ACTIVE));

    assertThat(table.view().find(new NodeId("a")).orElseThrow().state())
        .isEqualTo(NodeState.ACTIVE);
  }

  @Test
  void changedDescriptionIsShownWithoutAChangeOfState() {
    settle(Set.of("b/1"), says("b", 1, NodeState.ACTIVE));
    int changes = table.history(B).size();
    NodeStatement before = says("b", 1, NodeState.ACTIVE);
    NodeStatement now =
        new NodeStatement(
            before.descriptor().weighing(5), before.state(), START, before.reason(), Map.of());

    settle(Set.of("b/1"), now);

    assertThat(b().descriptor().weight()).isEqualTo(5);
    assertThat(table.history(B)).hasSize(changes);
  }

  @ParameterizedTest
  @EnumSource(NodeState.class)
  void everyStepOfEveryRouteIsAllowed(NodeState from) {
    for (NodeState to : NodeState.values()) {
      NodeState at = from;
      for (NodeState step : MembershipTable.route(from, to)) {
        assertThat(step.predecessors()).contains(at);
        at = step;
      }
    }
  }

  private void die() {
    settle(Set.of(), says("b", 1, NodeState.ACTIVE));
    pass(DEAD_AFTER);
    settle(Set.of(), says("b", 1, NodeState.ACTIVE));
    assertThat(b().state()).isEqualTo(NodeState.DEAD);
  }

  private void pass(Duration time) {
    clock.advance(time);
    nanos += time.toNanos();
  }

  private void settle(Set<String> present, NodeStatement... statements) {
    Set<NodeTag> tags = new HashSet<>();
    for (String tag : present) {
      String[] parts = tag.split("/");
      tags.add(new NodeTag(new NodeId(parts[0]), Long.parseLong(parts[1])));
    }
    table.settle(List.of(statements), tags, true);
    table.tell();
  }

  private ClusterNode b() {
    return table.view().find(B).orElseThrow();
  }

  private List<NodeState> statesOfB() {
    heard.clear();
    for (MembershipChange change : table.history(B)) {
      heard.add(change.node().state());
    }
    return heard;
  }

  private static NodeStatement says(String id, long incarnation, NodeState state) {
    return new NodeStatement(
        descriptor(id, incarnation), state, START, id + " says " + state, Map.of());
  }

  private static NodeDescriptor descriptor(String id, long incarnation) {
    NodeDescriptor first = NodeDescriptor.of(new NodeId(id), id + ":8080", "1.0", START);
    return new NodeDescriptor(
        first.id(),
        incarnation,
        first.address(),
        first.endpoints(),
        first.zone(),
        first.rack(),
        first.weight(),
        first.version(),
        first.startedAt(),
        first.capabilities(),
        first.labels());
  }
}
