package io.datawarehouse.kernel.rebalance;

import static io.datawarehouse.kernel.rebalance.MovingCluster.INTERVAL;
import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.kernel.rebalance.PlanDecision.Verdict;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Plans that the cluster makes by itself. */
class PlanInitiativeTest {

  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final NodeId SECOND = new NodeId("node-2");
  private static final String CONTENT = "x".repeat(20_000);

  private final MovingCluster cluster = new MovingCluster(3);

  @BeforeEach
  void allAtTheFirst() {
    Map<Integer, NodeId> all = new HashMap<>();
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      all.put(segment, new NodeId("node-1"));
    }
    cluster.agreement.propose(
        new ClusterCommand.Put(
            SegmentTable.ADDRESS, cluster.table().with(all).toText(), OptionalLong.empty()),
        LIMIT);
    for (int i = 0; i < 120; i++) {
      cluster.write("key-" + i, CONTENT);
    }
    cluster.actsByItself = true;
  }

  private List<RebalancePlan> plans() {
    return cluster.node(2).moves.office().plans();
  }

  private PlanDecision decision() {
    return cluster.node(2).moves.decisions().decision();
  }

  private void rounds(int count) {
    for (int i = 0; i < count; i++) {
      cluster.round();
    }
  }

  /** Lets an interval pass, and the leader look. */
  private void interval() {
    cluster.round();
    cluster.pass(INTERVAL.plusSeconds(1));
    rounds(40);
  }

  @Test
  void nodesThatHoldNothingGetTheirShareWithoutAnybodyAsking() {
    interval();

    assertThat(plans())
        .singleElement()
        .satisfies(
            plan -> {
              assertThat(plan.state()).isEqualTo(PlanState.DONE);
              assertThat(plan.createdBy()).isEqualTo(PlanInitiative.NAME);
            });
    for (NodeId node : cluster.nodes.keySet()) {
      assertThat(bytesOf(node)).as("bytes of " + node).isBetween(700_000L, 900_000L);
    }
    for (int i = 0; i < 120; i++) {
      assertThat(cluster.read(SECOND, "key-" + i)).contains(CONTENT);
    }
    assertThat(decision().verdict()).isEqualTo(Verdict.WAITING);
    assertThat(cluster.audit).anyMatch(said -> said.contains("plan started by the cluster itself"));
    cluster.pass(INTERVAL.plusSeconds(1));
    rounds(40);
    assertThat(decision().verdict()).isEqualTo(Verdict.BALANCED);
    assertThat(decision().figures().orElseThrow().imbalance()).isLessThan(BytesPlanner.STARTS);
    assertThat(plans()).hasSize(1);
    assertThat(cluster.node(1).metrics.count("rebalance.decisions", Map.of("verdict", "made")))
        .isEqualTo(1);
  }

  private long bytesOf(NodeId node) {
    long bytes = 0;
    for (int i = 0; i < 400; i++) {
      if (cluster.owner("key-" + i).equals(node)) {
        bytes += cluster.read(node, "key-" + i).map(String::length).orElse(0);
      }
    }
    return bytes;
  }

  @Test
  void ownSegmentsOfBucketsAreEvenedOutToo() {
    cluster.actsByItself = false;
    String divided =
        cluster.reshard("composite", "{'ways': 9, 'options': {'splits': ['key-5']}}").orElseThrow();
    RebalanceOffice office = cluster.node(1).moves.office();
    office.start(divided, "test");
    cluster.until(divided, PlanState.DONE);
    String gathered =
        office
            .preview(
                cluster.map(1).own().stream()
                    .map(
                        own ->
                            new WantedMove(
                                Optional.of(MovingCluster.BUCKET),
                                own.segment(),
                                new NodeId("node-1")))
                    .toList(),
                "test")
            .id();
    office.start(gathered, "test");
    cluster.until(gathered, PlanState.DONE);
    cluster.actsByItself = true;

    interval();

    RebalancePlan made = plans().get(0);
    assertThat(made.createdBy()).isEqualTo(PlanInitiative.NAME);
    assertThat(made.state()).isEqualTo(PlanState.DONE);
    assertThat(made.moves()).filteredOn(move -> move.bucket().isPresent()).isNotEmpty();
    Map<NodeId, Long> held = new HashMap<>();
    for (int i = 0; i < 120; i++) {
      held.merge(cluster.ownerByMap(SECOND, "key-" + i), (long) CONTENT.length(), Long::sum);
    }
    assertThat(held.values()).hasSize(3).allMatch(bytes -> bytes > 600_000 && bytes < 1_000_000);

    cluster.pass(INTERVAL.multipliedBy(5));
    rounds(40);
    assertThat(plans().get(0).id()).as("nothing is to be done any more").isEqualTo(made.id());
    assertThat(decision().verdict()).isEqualTo(Verdict.BALANCED);
  }

  @Test
  void planMovesNoMoreThanItMay() {
    cluster.mostMovedPercent = 10;

    interval();

    assertThat(plans())
        .singleElement()
        .satisfies(plan -> assertThat(plan.totalBytes()).isBetween(120_000L, 240_000L));
    assertThat(cluster.node(1).moves.decisions().recent())
        .filteredOn(decision -> decision.verdict() == Verdict.MADE)
        .singleElement()
        .satisfies(
            made -> {
              PlanDecision.Figures figures = made.figures().orElseThrow();
              assertThat(figures.totalBytes()).isEqualTo(2_400_000);
              assertThat(figures.budgetBytes()).isEqualTo(240_000);
              assertThat(figures.movedBytes()).isEqualTo(plans().get(0).totalBytes());
              assertThat(made.plan()).contains(plans().get(0).id());
            });
  }

  @Test
  void bytesAreEvenedOutWhereTheNumbersOfSegmentsAreEven() {
    cluster.agreement.propose(
        new ClusterCommand.Put(
            SegmentTable.ADDRESS,
            SegmentTable.spread(cluster.node(1).cluster.membership().view().active()).toText(),
            OptionalLong.empty()),
        LIMIT);
    for (int i = 0; i < 400; i++) {
      if (cluster.owner("key-" + i).equals(SECOND)) {
        cluster.write("key-" + i, CONTENT + CONTENT);
      }
    }
    long before = bytesOf(SECOND);

    interval();

    assertThat(plans()).hasSize(1);
    assertThat(bytesOf(SECOND)).isLessThan(before * 3 / 4);
  }

  @Test
  void planIsNotMadeBeforeAnIntervalAfterTheStart() {
    rounds(40);
    cluster.pass(INTERVAL.minusMinutes(2));
    rounds(40);

    assertThat(plans()).isEmpty();
    assertThat(decision().verdict()).isEqualTo(Verdict.WAITING);
    assertThat(decision().next()).isPresent();

    cluster.pass(Duration.ofMinutes(2));
    rounds(40);
    assertThat(plans()).hasSize(1);
  }

  @Test
  void whoComesToLeadWaitsForAnInterval() {
    cluster.round();
    cluster.pass(INTERVAL.plusSeconds(1));
    cluster.agreement.lead(SECOND);
    rounds(40);

    assertThat(plans()).isEmpty();
    assertThat(cluster.node(1).moves.decisions().by()).isEqualTo(SECOND);
    assertThat(cluster.node(1).moves.decisions().decision().verdict()).isEqualTo(Verdict.WAITING);

    // Who leads again has not led meanwhile.
    cluster.agreement.lead(new NodeId("node-1"));
    rounds(40);
    assertThat(plans()).isEmpty();
  }

  @Test
  void restartedLeaderWaitsForAnInterval() {
    cluster.round();
    cluster.pass(INTERVAL.plusSeconds(1));
    cluster.node(1).restart();
    rounds(40);

    assertThat(plans()).isEmpty();
  }

  @Test
  void planIsNotMadeWhileNodesAreAwayOrGo() {
    for (NodeState state :
        List.of(NodeState.SUSPECT, NodeState.DRAINING, NodeState.DEAD, NodeState.LEFT)) {
      owning(SECOND);
      cluster.nodes.values().forEach(node -> node.cluster.move("node-2", state, "the test"));
      interval();

      assertThat(plans()).as(state.name()).isEmpty();
      assertThat(decision().verdict()).isEqualTo(Verdict.UNSETTLED);
      assertThat(decision().because()).contains("node-2", state.name());
    }
    cluster
        .nodes
        .values()
        .forEach(node -> node.cluster.move("node-2", NodeState.ACTIVE, "the test"));
    rounds(10);
    assertThat(plans()).as("it is only just back").isEmpty();
    rounds(40);
    assertThat(plans()).hasSize(1);
  }

  private void owning(NodeId node) {
    cluster.agreement.propose(
        new ClusterCommand.Put(
            SegmentTable.ADDRESS,
            cluster.table().with(Map.of(0, node)).toText(),
            OptionalLong.empty()),
        LIMIT);
  }

  @Test
  void deadNodeThatOwnsNothingHoldsNothingUp() {
    cluster.nodes.values().forEach(node -> node.cluster.move("node-3", NodeState.DEAD, "the test"));

    interval();

    assertThat(plans()).hasSize(1);
    assertThat(cluster.table().owns(new NodeId("node-3"))).isFalse();
    assertThat(cluster.table().owns(SECOND)).isTrue();
  }

  @Test
  void planIsNotMadeWhileTheBrakeIsOn() {
    cluster.brake = Optional.of("2 of 2 others look dead");
    interval();

    assertThat(plans()).isEmpty();
    assertThat(decision().verdict()).isEqualTo(Verdict.BRAKED);
    assertThat(decision().because()).contains("2 of 2");
  }

  @Test
  void planIsNotMadeInTheModeManual() {
    cluster.actsByItself = false;
    interval();

    assertThat(plans()).isEmpty();
    assertThat(decision().verdict()).isEqualTo(Verdict.MANUAL);
  }

  @Test
  void planIsNotMadeWhereItIsNotKnownHowMuchNodesHold() {
    cluster.counted = false;
    interval();

    assertThat(plans()).isEmpty();
    assertThat(decision().verdict()).isEqualTo(Verdict.UNKNOWN);

    cluster.counted = true;
    rounds(40);
    assertThat(plans()).hasSize(1);
  }

  @Test
  void planOfAnOperatorIsWaitedForAndAnIntervalAfterIt() {
    RebalanceOffice office = cluster.node(2).moves.office();
    String plan = office.preview(Map.of(cluster.segment("key-1"), SECOND), "tester").id();
    office.start(plan, "tester");
    office.pause(plan, "tester");
    interval();

    assertThat(decision().verdict()).isEqualTo(Verdict.RUNNING);
    assertThat(decision().plan()).contains(plan);

    office.abort(plan, "tester");
    rounds(40);
    assertThat(decision().verdict()).isEqualTo(Verdict.WAITING);
    assertThat(plans()).hasSize(1);

    interval();
    assertThat(plans()).hasSize(2);
  }

  @Test
  void planThatCouldNotBeMadeIsToldAndTriedAgain() {
    cluster.round();
    cluster.pass(INTERVAL.plusSeconds(1));
    cluster.beforeArrival =
        (node, message) -> {
          if (message.topic().equals(NodeMoves.SIZES)) {
            throw PlanErrors.notNow("the test");
          }
        };
    cluster.until(() -> decision().verdict() == Verdict.WAITING);

    assertThat(cluster.node(1).moves.decisions().recent().get(0).verdict())
        .isEqualTo(Verdict.REFUSED);
    assertThat(cluster.node(1).moves.decisions().recent().get(0).because()).contains("the test");
    assertThat(plans()).isEmpty();

    cluster.beforeArrival = (node, message) -> {};
    cluster.pass(Duration.ofMinutes(5));
    rounds(40);
    assertThat(plans()).hasSize(1);
  }

  @Test
  void nodeThatCannotAskTheLeaderTellsWhatItKnows() {
    interval();
    cluster.away.add(new NodeId("node-1"));

    PlanDecisions told = cluster.node(2).moves.decisions();

    assertThat(told.by()).isEqualTo(SECOND);
    assertThat(told.leader()).contains(new NodeId("node-1"));
    assertThat(told.decision().verdict()).isEqualTo(Verdict.FOLLOWING);
  }

  @Test
  void whatIsWrittenAndDeletedMeanwhileSendsNothingToAndFro() {
    long seed = Long.getLong("seed", 11);
    Random random = new Random(seed);
    cluster.mostMovedPercent = 10;
    Map<Integer, Integer> moved = new HashMap<>();
    Set<String> seen = new HashSet<>();
    int last = 0;
    for (int round = 0; round < 24; round++) {
      for (int i = 0; i < 12; i++) {
        String key = "key-" + random.nextInt(160);
        cluster.write(key, CONTENT.substring(random.nextInt(6_000)));
      }
      interval();
      for (RebalancePlan plan : plans()) {
        if (seen.add(plan.id())) {
          last = round;
          assertThat(plan.state()).as("seed " + seed).isEqualTo(PlanState.DONE);
          plan.moves().forEach(move -> moved.merge(move.segment(), 1, Integer::sum));
        }
      }
    }

    assertThat(seen.size()).as("plans with seed " + seed).isBetween(3, 12);
    assertThat(last).as("the last plan with seed " + seed).isLessThan(18);
    assertThat(moved.values()).as("seed " + seed).allMatch(times -> times == 1);
    for (NodeId node : cluster.nodes.keySet()) {
      assertThat(bytesOf(node)).as(node + " with seed " + seed).isGreaterThan(500_000);
    }
  }
}
