package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds few segments that, moved, even out what nodes hold, and says whether that is worth a plan.
 * Pure: the same input gives the same outcome. Confined to one thread.
 *
 * <p>A segment weighs its bytes and a sixteenth of their mean for the keys that are to come, so
 * that empty ones are shared too. A node's share of all is by its weight. There are two thresholds,
 * as in Schmitt's trigger (1938): nothing is done until some node is {@link #STARTS} off its share,
 * and then it is done until all are within {@link #ENDS}. Each move makes the sum of squared
 * distances from the shares smaller, as in steepest descent, so that the same bytes never move to
 * and fro; and what would make hardly a difference is left.
 */
final class BytesPlanner {

  /** How far off its share a node must be, as a part of that share. */
  static final double STARTS = 0.2;

  /** How far off nodes may be in the end. */
  static final double ENDS = 0.05;

  /** With less at the wrong nodes it is a matter of how many segments they own. */
  static final long LEAST_BYTES = 64L << 10;

  /** A segment weighs that part of their mean beyond its bytes. */
  private static final double KEYS_TO_COME = 1.0 / 16;

  /** What part of all that is at the wrong node must move to the right one. */
  private static final double WORTH = 0.25;

  /**
   * What is planned with. Immutable.
   *
   * @param table who owns what now; all owners are among the weights
   * @param weights the nodes that are to own something, with their weights
   * @param bytes how much is in each segment
   * @param budget how many bytes may move at most
   * @param resting segments that must not move
   */
  record Input(
      SegmentTable table,
      SortedMap<NodeId, Double> weights,
      List<Long> bytes,
      long budget,
      Set<Integer> resting) {
    /** Copies. */
    Input {
      bytes = List.copyOf(bytes);
      resting = Set.copyOf(resting);
    }
  }

  /**
   * What was found. Immutable.
   *
   * @param imbalance how far the node furthest off its share is off, as a part of its share
   * @param uneven whether it is time to do something
   * @param moves the new owners, by segment; empty where there is nothing to do or to be done
   * @param movedBytes how much that is
   * @param nodes what each node holds and should hold
   */
  record Outcome(
      double imbalance,
      boolean uneven,
      SortedMap<Integer, NodeId> moves,
      long movedBytes,
      List<PlanDecision.Holding> nodes) {}

  private final Input input;
  private final SortedMap<NodeId, Double> shares = new TreeMap<>();
  private final Map<NodeId, Double> off = new HashMap<>();
  private final Map<NodeId, Integer> counts = new HashMap<>();
  private final Map<NodeId, Double> countShares = new HashMap<>();
  private final SortedMap<Integer, NodeId> moves = new TreeMap<>();
  private final double keysToCome;
  private long moved;

  private BytesPlanner(Input input) {
    this.input = input;
    double mean = input.bytes.stream().mapToLong(Long::longValue).average().orElse(0);
    this.keysToCome = Math.max(1, mean * KEYS_TO_COME);
    double weights = input.weights.values().stream().mapToDouble(Double::doubleValue).sum();
    double all = 0;
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      all += cost(segment);
    }
    for (Map.Entry<NodeId, Double> node : input.weights.entrySet()) {
      double part = node.getValue() / weights;
      shares.put(node.getKey(), part * all);
      off.put(node.getKey(), -part * all);
      counts.put(node.getKey(), 0);
      countShares.put(node.getKey(), part * SegmentTable.SEGMENTS);
    }
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      off.merge(input.table.owner(segment), cost(segment), Double::sum);
      counts.merge(input.table.owner(segment), 1, Integer::sum);
    }
  }

  /** Returns what is to be moved. */
  static Outcome plan(Input input) {
    return new BytesPlanner(input).run();
  }

  private Outcome run() {
    double imbalance = imbalance();
    double before = excess();
    boolean uneven = imbalance >= STARTS && (before >= LEAST_BYTES || isUnevenByNumber());
    List<PlanDecision.Holding> nodes = holdings();
    if (uneven) {
      boolean more = true;
      while (more && imbalance() > ENDS) {
        more = moveOne();
      }
      double gain = before - excess();
      if (gain < Math.min(before * WORTH, input.budget / 2.0)) {
        moves.clear();
        moved = 0;
      }
    }
    return new Outcome(imbalance, uneven, moves, moved, nodes);
  }

  private boolean isUnevenByNumber() {
    return countShares.entrySet().stream()
        .anyMatch(
            share ->
                Math.abs(counts.getOrDefault(share.getKey(), 0) - share.getValue())
                    > Math.max(1, share.getValue() * STARTS));
  }

  private double cost(int segment) {
    return (double) input.bytes.get(segment) + keysToCome;
  }

  private double imbalance() {
    return shares.keySet().stream().mapToDouble(this::relative).map(Math::abs).max().orElse(0);
  }

  private double relative(NodeId node) {
    return off(node) / shares.getOrDefault(node, 1.0);
  }

  private double off(NodeId node) {
    return off.getOrDefault(node, 0.0);
  }

  /** How much is at a node that has too much. */
  private double excess() {
    return off.values().stream().mapToDouble(each -> Math.max(0, each)).sum();
  }

  private List<PlanDecision.Holding> holdings() {
    Map<NodeId, Long> held = new HashMap<>();
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      held.merge(input.table.owner(segment), input.bytes.get(segment), Long::sum);
    }
    long all = input.bytes.stream().mapToLong(Long::longValue).sum();
    List<PlanDecision.Holding> nodes = new ArrayList<>();
    countShares.forEach(
        (node, share) ->
            nodes.add(
                new PlanDecision.Holding(
                    node,
                    counts.getOrDefault(node, 0),
                    held.getOrDefault(node, 0L),
                    Math.round(share / SegmentTable.SEGMENTS * all))));
    nodes.sort(Comparator.comparing(PlanDecision.Holding::node));
    return nodes;
  }

  // ---- moving ----------------------------------------------------------------------------------

  /** From the node furthest over its share, to the one furthest under that something fits. */
  private boolean moveOne() {
    List<NodeId> byNeed =
        shares.keySet().stream().sorted(Comparator.comparingDouble(this::off)).toList();
    for (int from = byNeed.size() - 1; from >= 0 && off(byNeed.get(from)) > 0; from--) {
      for (int to = 0; to < from && off(byNeed.get(to)) < 0; to++) {
        int segment = choose(byNeed.get(from), byNeed.get(to));
        if (segment >= 0) {
          move(segment, byNeed.get(from), byNeed.get(to));
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Returns the segment that weighs about what one has too much or the other lacks; -1 for none.
   */
  private int choose(NodeId giver, NodeId receiver) {
    double over = off(giver);
    double under = -off(receiver);
    double aim = Math.min(over, under);
    int best = -1;
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      if (mayMove(segment, giver, receiver)
          && cost(segment) <= (over + under) / 2
          && (best < 0 || Math.abs(cost(segment) - aim) < Math.abs(cost(best) - aim))) {
        best = segment;
      }
    }
    return best;
  }

  private boolean mayMove(int segment, NodeId giver, NodeId receiver) {
    return input.table.owner(segment).equals(giver)
        && !moves.containsKey(segment)
        && !input.resting.contains(segment)
        && input.bytes.get(segment) <= input.budget - moved
        && (input.bytes.get(segment) > 0 || mayMoveEmpty(giver, receiver));
  }

  /** Nodes that hold nothing give away by number, to the same end: one must not undo the other. */
  private boolean mayMoveEmpty(NodeId giver, NodeId receiver) {
    return counts.getOrDefault(giver, 0) > Math.ceil(countShares.getOrDefault(giver, 0.0))
        && counts.getOrDefault(receiver, 0) < Math.floor(countShares.getOrDefault(receiver, 0.0));
  }

  private void move(int segment, NodeId giver, NodeId receiver) {
    moves.put(segment, receiver);
    moved += input.bytes.get(segment);
    off.merge(giver, -cost(segment), Double::sum);
    off.merge(receiver, cost(segment), Double::sum);
    counts.merge(giver, -1, Integer::sum);
    counts.merge(receiver, 1, Integer::sum);
  }
}
