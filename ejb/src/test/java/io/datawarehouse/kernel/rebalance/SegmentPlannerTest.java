package io.datawarehouse.kernel.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Plans for tables, weights and sizes that are drawn from a seed. */
class SegmentPlannerTest {

  private static final NodeId ONE = new NodeId("node-1");
  private static final NodeId TWO = new NodeId("node-2");

  private static SortedMap<NodeId, Double> weights(double... values) {
    SortedMap<NodeId, Double> weights = new TreeMap<>();
    for (int i = 0; i < values.length; i++) {
      weights.put(new NodeId("node-" + (i + 1)), values[i]);
    }
    return weights;
  }

  private static List<Long> listed(long[] bytes) {
    return Arrays.stream(bytes).boxed().toList();
  }

  private static Map<NodeId, Integer> counts(SegmentTable table) {
    Map<NodeId, Integer> counts = new HashMap<>();
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      counts.merge(table.owner(segment), 1, Integer::sum);
    }
    return counts;
  }

  private static int moves(SegmentTable before, SegmentTable after) {
    int moves = 0;
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      moves += before.owner(segment).equals(after.owner(segment)) ? 0 : 1;
    }
    return moves;
  }

  @RepeatedTest(30)
  void everyNodeGetsItsShareWithTheFewestMoves(RepetitionInfo info) {
    Random random = new Random(info.getCurrentRepetition());
    SegmentTable table = SegmentTable.allTo(ONE);
    Map<Integer, NodeId> drawn = new HashMap<>();
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      drawn.put(segment, new NodeId("node-" + (1 + random.nextInt(5))));
    }
    table = table.with(drawn);
    SortedMap<NodeId, Double> weights =
        weights(1 + random.nextInt(4), 1 + random.nextInt(4), 1 + random.nextInt(4));
    long[] bytes = random.longs(SegmentTable.SEGMENTS, 0, 1_000_000).toArray();

    SegmentPlanner.Input input =
        new SegmentPlanner.Input(table, weights, listed(bytes), OptionalLong.empty());
    SegmentTable planned = SegmentPlanner.plan(input);

    double all = weights.values().stream().mapToDouble(Double::doubleValue).sum();
    int needed = 0;
    for (Map.Entry<NodeId, Integer> owned : counts(planned).entrySet()) {
      assertThat(weights).as("who owns something").containsKey(owned.getKey());
      double share = weights.get(owned.getKey()) / all * SegmentTable.SEGMENTS;
      assertThat(owned.getValue()).isBetween((int) Math.floor(share), (int) Math.ceil(share));
      needed += Math.max(0, owned.getValue() - counts(table).getOrDefault(owned.getKey(), 0));
    }
    assertThat(moves(table, planned)).as("moves").isEqualTo(needed);
    assertThat(SegmentPlanner.plan(input)).as("the same again").isEqualTo(planned);
    assertThat(
            SegmentPlanner.plan(
                new SegmentPlanner.Input(planned, weights, listed(bytes), OptionalLong.empty())))
        .as("nothing more is to be done")
        .isEqualTo(planned);
  }

  @Test
  void movesNoMoreThanTheBudget() {
    long[] bytes = new long[SegmentTable.SEGMENTS];
    Arrays.fill(bytes, 10);
    SegmentTable table = SegmentTable.allTo(ONE);

    SegmentTable planned =
        SegmentPlanner.plan(
            new SegmentPlanner.Input(table, weights(1, 1), listed(bytes), OptionalLong.of(105)));

    assertThat(moves(table, planned)).isEqualTo(10);
  }

  @Test
  void evensOutBytes() {
    long[] bytes = new long[SegmentTable.SEGMENTS];
    for (int segment = 0; segment < bytes.length; segment++) {
      bytes[segment] = segment % 2 == 0 ? 1_000 : 10;
    }

    SegmentTable planned =
        SegmentPlanner.plan(
            new SegmentPlanner.Input(
                SegmentTable.allTo(ONE), weights(1, 1), listed(bytes), OptionalLong.empty()));

    long moved = 0;
    for (int segment = 0; segment < bytes.length; segment++) {
      moved += planned.owner(segment).equals(TWO) ? bytes[segment] : 0;
    }
    long half = 128 * 1_010 / 2;
    assertThat(moved).isBetween(half * 9 / 10, half * 11 / 10);
  }

  @Test
  void nothingMovesWhereNobodyIsThereToTakeIt() {
    SegmentTable table = SegmentTable.allTo(ONE);

    assertThat(
            SegmentPlanner.plan(
                new SegmentPlanner.Input(
                    table,
                    weights(),
                    listed(new long[SegmentTable.SEGMENTS]),
                    OptionalLong.empty())))
        .isEqualTo(table);
  }
}
