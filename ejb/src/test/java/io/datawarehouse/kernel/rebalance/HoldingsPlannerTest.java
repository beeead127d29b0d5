package io.datawarehouse.kernel.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.sharding.Residency;
import io.datawarehouse.sdk.sharding.Shard;
import io.datawarehouse.sdk.sharding.Spread;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Plans for nodes, tables and own segments that are drawn from a seed. */
class HoldingsPlannerTest {

  private static final NodeId ONE = new NodeId("node-1");
  private static final NodeId TWO = new NodeId("node-2");
  private static final NodeId THREE = new NodeId("node-3");

  private static ClusterNode node(String name, String zone, double weight, NodeState state) {
    NodeDescriptor plain =
        NodeDescriptor.of(new NodeId(name), name + ":9000", "test", Instant.EPOCH);
    return new ClusterNode(
        new NodeDescriptor(
            plain.id(),
            1,
            plain.address(),
            Map.of(),
            zone,
            "",
            weight,
            "test",
            Instant.EPOCH,
            Set.of(),
            Map.of()),
        state,
        Instant.EPOCH,
        "drawn");
  }

  private static List<ClusterNode> three() {
    return List.of(
        node("node-1", "a", 1, NodeState.ACTIVE),
        node("node-2", "a", 1, NodeState.ACTIVE),
        node("node-3", "b", 1, NodeState.ACTIVE));
  }

  private static OwnSegment own(int segment, NodeId owner, Residency residency, long bytes) {
    return new OwnSegment(
        new BucketName("logs"),
        segment,
        owner,
        new Shard("shard " + segment, "rule of " + segment, residency, Spread.own(1)),
        bytes);
  }

  private static List<Long> nothing() {
    return Collections.nCopies(SegmentTable.SEGMENTS, 0L);
  }

  private static HoldingsPlanner.Plan plan(
      List<ClusterNode> nodes, List<Long> bytes, List<OwnSegment> own) {
    SegmentTable even =
        SegmentTable.spread(nodes.stream().filter(n -> n.state() == NodeState.ACTIVE).toList());
    return HoldingsPlanner.plan(
        new HoldingsPlanner.Input(even, nodes, bytes, own, OptionalLong.empty()));
  }

  // ---- laws ------------------------------------------------------------------------------------

  /** What is drawn, and what must hold of every plan that is made of it. */
  private static final class Draw {

    private final Random random;
    private final List<ClusterNode> nodes = new ArrayList<>();
    private final List<OwnSegment> own = new ArrayList<>();
    private final SegmentTable table;
    private final List<Long> bytes;

    Draw(int seed) {
      this.random = new Random(seed);
      int count = 2 + random.nextInt(5);
      for (int i = 1; i <= count; i++) {
        nodes.add(node("node-" + i, "z" + random.nextInt(3), 1 + random.nextInt(3), state()));
      }
      Map<Integer, NodeId> owners = new HashMap<>();
      IntStream.range(0, SegmentTable.SEGMENTS).forEach(s -> owners.put(s, any().id()));
      this.table = SegmentTable.allTo(any().id()).with(owners);
      this.bytes = random.longs(SegmentTable.SEGMENTS, 0, 1_000_000).boxed().toList();
      for (int bucket = 0; bucket < 3; bucket++) {
        int segments = random.nextInt(30);
        for (int segment = 256; segment < 256 + segments; segment++) {
          own.add(draw("bucket-" + bucket, segment));
        }
      }
    }

    private NodeState state() {
      return switch (random.nextInt(8)) {
        case 0 -> NodeState.DRAINING;
        case 1 -> NodeState.SUSPECT;
        case 2 -> NodeState.DEAD;
        default -> NodeState.ACTIVE;
      };
    }

    private ClusterNode any() {
      return nodes.get(random.nextInt(nodes.size()));
    }

    private OwnSegment draw(String bucket, int segment) {
      ClusterNode owner = any();
      // Now and then a node stands elsewhere by now than when it got the segment.
      ClusterNode bound = random.nextInt(10) == 0 ? any() : owner;
      Residency residency =
          switch (random.nextInt(4)) {
            case 0 -> Residency.on(bound.id());
            case 1 -> Residency.inZones(Set.of(bound.descriptor().zone()));
            default -> Residency.ANYWHERE;
          };
      long size = random.nextInt(3) == 0 ? 0 : (long) (Math.exp(random.nextDouble() * 18));
      return new OwnSegment(
          new BucketName(bucket),
          segment,
          owner.id(),
          new Shard("shard " + segment, "rule " + segment, residency, Spread.own(1)),
          size);
    }

    HoldingsPlanner.Input input(OptionalLong budget) {
      return new HoldingsPlanner.Input(table, nodes, bytes, own, budget);
    }

    HoldingsPlanner.Input shuffled(OptionalLong budget) {
      List<ClusterNode> otherNodes = new ArrayList<>(nodes);
      List<OwnSegment> otherOwn = new ArrayList<>(own);
      Collections.shuffle(otherNodes, random);
      Collections.shuffle(otherOwn, random);
      return new HoldingsPlanner.Input(table, otherNodes, bytes, otherOwn, budget);
    }

    HoldingsPlanner.Input after(HoldingsPlanner.Plan plan) {
      Map<OwnSegment, NodeId> owners = new HashMap<>();
      plan.own().forEach(move -> owners.put(move.segment(), move.to()));
      return new HoldingsPlanner.Input(
          plan.table(),
          nodes,
          bytes,
          own.stream()
              .map(
                  each ->
                      new OwnSegment(
                          each.bucket(),
                          each.segment(),
                          owners.getOrDefault(each, each.owner()),
                          each.shard(),
                          each.bytes()))
              .toList(),
          OptionalLong.empty());
    }

    ClusterNode find(NodeId id) {
      return nodes.stream().filter(node -> node.id().equals(id)).findFirst().orElseThrow();
    }

    boolean mayHold(OwnSegment each, ClusterNode node) {
      return node.state() == NodeState.ACTIVE && each.shard().residency().admits(node.descriptor());
    }

    boolean mustLeave(OwnSegment each) {
      return !mayHold(each, find(each.owner()));
    }

    boolean canLeave(OwnSegment each) {
      return find(each.owner()).state().member()
          && nodes.stream()
              .anyMatch(node -> !node.id().equals(each.owner()) && mayHold(each, node));
    }

    long moved(HoldingsPlanner.Plan plan) {
      long moved = plan.own().stream().mapToLong(move -> move.segment().bytes()).sum();
      for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
        moved += table.owner(segment).equals(plan.table().owner(segment)) ? 0 : bytes.get(segment);
      }
      return moved;
    }
  }

  private static Set<String> names(List<PlanStay> stays) {
    Set<String> names = new HashSet<>();
    stays.forEach(
        stay ->
            stay.segments()
                .forEach(
                    segment ->
                        names.add(stay.bucket().map(BucketName::value).orElse("") + segment)));
    return names;
  }

  @RepeatedTest(60)
  void lawsHoldOfEveryPlan(RepetitionInfo info) {
    Draw draw = new Draw(info.getCurrentRepetition());
    for (OptionalLong budget :
        List.of(OptionalLong.empty(), OptionalLong.of(draw.random.nextInt(50_000_000)))) {
      HoldingsPlanner.Plan plan = HoldingsPlanner.plan(draw.input(budget));

      Set<String> stays = names(plan.stays());
      Set<OwnSegment> moved = new HashSet<>();
      for (OwnSegment.Move move : plan.own()) {
        assertThat(moved.add(move.segment())).as("moves once: %s", move).isTrue();
        assertThat(move.to()).as("moves: %s", move).isNotEqualTo(move.segment().owner());
        assertThat(draw.mayHold(move.segment(), draw.find(move.to())))
            .as("may lie there: %s", move)
            .isTrue();
      }
      budget.ifPresent(
          limit -> assertThat(draw.moved(plan)).as("budget").isLessThanOrEqualTo(limit));
      assertThat(new OwnSegmentPlanner(draw.nodes, draw.own).leaves())
          .isEqualTo(
              draw.own.stream().anyMatch(each -> draw.mustLeave(each) && draw.canLeave(each)));
      for (OwnSegment each : draw.own) {
        boolean named = stays.contains(each.bucket().value() + each.segment());
        assertThat(named)
            .as("what must leave moves or is named, and nothing else: %s", each)
            .isEqualTo(draw.mustLeave(each) && !moved.contains(each));
        if (budget.isEmpty() && draw.mustLeave(each)) {
          assertThat(moved.contains(each)).as("leaves: %s", each).isEqualTo(draw.canLeave(each));
        }
      }
      assertThat(HoldingsPlanner.plan(draw.shuffled(budget)))
          .as("the same in any order")
          .isEqualTo(plan);
    }
  }

  @RepeatedTest(30)
  void nothingMoreIsToBeDoneAfterwards(RepetitionInfo info) {
    Draw draw = new Draw(1_000 + info.getCurrentRepetition());
    HoldingsPlanner.Plan plan = HoldingsPlanner.plan(draw.input(OptionalLong.empty()));

    HoldingsPlanner.Plan again = HoldingsPlanner.plan(draw.after(plan));

    assertThat(again.own()).isEmpty();
    assertThat(again.table()).isEqualTo(plan.table());
    assertThat(names(again.stays())).isEqualTo(names(plan.stays()));
  }

  @RepeatedTest(20)
  void bytesAreEvenWhereNothingIsBound(RepetitionInfo info) {
    Random random = new Random(info.getCurrentRepetition());
    List<OwnSegment> own = new ArrayList<>();
    for (int segment = 256; segment < 456; segment++) {
      own.add(own(segment, ONE, Residency.ANYWHERE, 500 + random.nextInt(1_000)));
    }
    long largest = own.stream().mapToLong(OwnSegment::bytes).max().orElseThrow();

    HoldingsPlanner.Plan plan = plan(three(), nothing(), own);

    Map<NodeId, Long> held = held(own, plan);
    double mean = held.values().stream().mapToLong(Long::longValue).sum() / 3.0;
    assertThat(held.values())
        .hasSize(3)
        .allSatisfy(
            bytes ->
                assertThat(Math.abs(bytes - mean))
                    .isLessThanOrEqualTo(mean * OwnSegmentPlanner.SLACK + largest));
  }

  private static Map<NodeId, Long> held(List<OwnSegment> own, HoldingsPlanner.Plan plan) {
    Map<OwnSegment, NodeId> owners = new HashMap<>();
    own.forEach(each -> owners.put(each, each.owner()));
    plan.own().forEach(move -> owners.put(move.segment(), move.to()));
    Map<NodeId, Long> held = new TreeMap<>();
    owners.forEach((each, node) -> held.merge(node, each.bytes(), Long::sum));
    return held;
  }

  // ---- cases -----------------------------------------------------------------------------------

  @Test
  void nodeThatIsDrainedGivesAllAwayThatOthersMayHold() {
    List<ClusterNode> nodes =
        List.of(
            node("node-1", "a", 1, NodeState.DRAINING),
            node("node-2", "a", 1, NodeState.ACTIVE),
            node("node-3", "b", 1, NodeState.ACTIVE));
    OwnSegment anywhere = own(256, ONE, Residency.ANYWHERE, 0);
    OwnSegment inZone = own(257, ONE, Residency.inZones(Set.of("a")), 7);
    OwnSegment pinned = own(258, ONE, Residency.on(ONE), 9);

    HoldingsPlanner.Plan plan = plan(nodes, nothing(), List.of(anywhere, inZone, pinned));

    assertThat(plan.own()).contains(inZone.to(TWO)).hasSize(2);
    assertThat(plan.own()).anyMatch(move -> move.segment().equals(anywhere));
    assertThat(plan.stays())
        .containsExactly(
            new PlanStay(
                Optional.of(new BucketName("logs")),
                Optional.of("shard 258"),
                ONE,
                List.of(258),
                9,
                "no other active node may hold it: rule of 258"));
  }

  @Test
  void nodeThatMayNotHoldASegmentAnyMoreGivesItAway() {
    OwnSegment elsewhere = own(256, ONE, Residency.inZones(Set.of("b")), 7);

    assertThat(plan(three(), nothing(), List.of(elsewhere)).own())
        .containsExactly(elsewhere.to(THREE));
  }

  @Test
  void whatIsBoundIsMadeUpForByTheClustersSegments() {
    List<Long> bytes = Collections.nCopies(SegmentTable.SEGMENTS, 300L);
    OwnSegment pinned = own(256, ONE, Residency.on(ONE), 18_000);

    SegmentTable table = plan(three(), bytes, List.of(pinned)).table();

    // All is 94,800, so a third is 31,600: 13,600 of it in segments of 300 bytes.
    assertThat(counts(table).get(ONE)).isBetween(44, 46);
    assertThat(counts(table).get(TWO)).isBetween(104, 106);
  }

  @Test
  void noNodeGoesWithoutItsPartOfTheClustersSegments() {
    List<Long> bytes = Collections.nCopies(SegmentTable.SEGMENTS, 3L);
    OwnSegment pinned = own(256, ONE, Residency.on(ONE), 18_000_000);

    SegmentTable table = plan(three(), bytes, List.of(pinned)).table();

    assertThat(counts(table).get(ONE)).isBetween(42, 43);
  }

  private static Map<NodeId, Integer> counts(SegmentTable table) {
    Map<NodeId, Integer> counts = new TreeMap<>();
    IntStream.range(0, SegmentTable.SEGMENTS)
        .forEach(segment -> counts.merge(table.owner(segment), 1, Integer::sum));
    return counts;
  }

  @Test
  void littleIsNotWorthAMove() {
    List<OwnSegment> own =
        List.of(
            own(256, ONE, Residency.ANYWHERE, 10),
            own(257, ONE, Residency.ANYWHERE, 1_000),
            own(258, TWO, Residency.ANYWHERE, 1_000),
            own(259, THREE, Residency.ANYWHERE, 1_000));

    assertThat(plan(three(), nothing(), own).own()).isEmpty();
  }

  @Test
  void whatDoesNotFitIntoAPlanIsNamed() {
    List<ClusterNode> nodes =
        List.of(
            node("node-1", "a", 1, NodeState.DRAINING), node("node-2", "a", 1, NodeState.ACTIVE));
    List<OwnSegment> own = new ArrayList<>();
    for (int segment = 256; segment < 256 + OwnSegmentPlanner.MOST_MOVES + 200; segment++) {
      own.add(own(segment, ONE, Residency.ANYWHERE, 1));
    }

    HoldingsPlanner.Plan plan = plan(nodes, nothing(), own);

    assertThat(plan.own()).hasSize(OwnSegmentPlanner.MOST_MOVES);
    assertThat(plan.stays()).hasSize(StayList.MOST + 1);
    assertThat(plan.stays().get(StayList.MOST).because()).startsWith("100 more segments");
    assertThat(plan.stays().stream().mapToLong(PlanStay::bytes).sum()).isEqualTo(200);
  }

  @Test
  void whatADrainedNodeKeepsForWantOfBudgetIsNamed() {
    List<ClusterNode> nodes =
        List.of(
            node("node-1", "a", 1, NodeState.DRAINING), node("node-2", "a", 1, NodeState.ACTIVE));
    HoldingsPlanner.Plan plan =
        HoldingsPlanner.plan(
            new HoldingsPlanner.Input(
                SegmentTable.allTo(ONE),
                nodes,
                Collections.nCopies(SegmentTable.SEGMENTS, 10L),
                List.of(own(256, ONE, Residency.ANYWHERE, 5)),
                OptionalLong.of(105)));

    assertThat(plan.own()).hasSize(1);
    assertThat(counts(plan.table()).get(TWO)).isEqualTo(10);
    assertThat(plan.stays()).hasSize(1);
    assertThat(plan.stays().get(0).segments()).hasSize(246);
    assertThat(plan.stays().get(0).bucket()).isEmpty();
  }
}
