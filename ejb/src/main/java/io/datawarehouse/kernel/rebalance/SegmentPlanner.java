package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds the table that gives every node its share with the fewest segments moved, and of the
 * segments of a node those that even out the bytes. Pure: the same input gives the same table.
 *
 * <p>A node's share is what its weight makes of all segments, rounded down, or up for the nodes
 * that have the most over what is rounded down, among equals those that own most already. From the
 * node furthest over its share a segment goes to the node furthest below, until none is over and
 * none below, or nothing more fits into the budget.
 */
final class SegmentPlanner {

  /**
   * What is planned with. Immutable.
   *
   * @param table who owns what now
   * @param weights the nodes that are to own something, with their weights; all others give
   *     everything away
   * @param bytes how much is in each segment
   * @param budget how many bytes may move at most; empty for any number
   */
  record Input(
      SegmentTable table,
      SortedMap<NodeId, Double> weights,
      List<Long> bytes,
      OptionalLong budget) {
    /** Copies. */
    Input {
      bytes = List.copyOf(bytes);
    }
  }

  private final Input input;
  private final Map<NodeId, Integer> counts = new HashMap<>();
  private final Map<NodeId, Long> held = new HashMap<>();
  private final Map<Integer, NodeId> moved = new TreeMap<>();
  private final SortedMap<NodeId, Integer> shares;
  private long left;

  private SegmentPlanner(Input input) {
    this.input = input;
    this.left = input.budget.orElse(Long.MAX_VALUE);
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      counts.merge(input.table.owner(segment), 1, Integer::sum);
      held.merge(input.table.owner(segment), input.bytes.get(segment), Long::sum);
    }
    this.shares = shares();
  }

  /** Returns the table to come; the present one where nothing is to be moved. */
  static SegmentTable plan(Input input) {
    return input.weights.isEmpty() ? input.table : new SegmentPlanner(input).run();
  }

  private SortedMap<NodeId, Integer> shares() {
    double all = input.weights.values().stream().mapToDouble(Double::doubleValue).sum();
    SortedMap<NodeId, Integer> rounded = new TreeMap<>();
    SortedMap<NodeId, Double> rest = new TreeMap<>();
    int given = 0;
    for (Map.Entry<NodeId, Double> node : input.weights.entrySet()) {
      double exact = node.getValue() / all * SegmentTable.SEGMENTS;
      int whole = (int) exact;
      rounded.put(node.getKey(), whole);
      rest.put(node.getKey(), exact - whole);
      given += whole;
    }
    while (given < SegmentTable.SEGMENTS && !rest.isEmpty()) {
      NodeId next = largest(rest);
      rounded.merge(next, 1, Integer::sum);
      rest.remove(next);
      given++;
    }
    return rounded;
  }

  private NodeId largest(SortedMap<NodeId, Double> rest) {
    NodeId best = rest.firstKey();
    for (Map.Entry<NodeId, Double> node : rest.entrySet()) {
      double more = node.getValue() - rest.getOrDefault(best, 0.0);
      boolean sameButRicher =
          Math.abs(more) < 1e-9
              && counts.getOrDefault(node.getKey(), 0) > counts.getOrDefault(best, 0);
      if (more >= 1e-9 || sameButRicher) {
        best = node.getKey();
      }
    }
    return best;
  }

  private SegmentTable run() {
    while (true) {
      Optional<NodeId> receiver = furthest(false);
      Optional<NodeId> giver = furthest(true);
      if (receiver.isEmpty() || giver.isEmpty()) {
        break;
      }
      Optional<Integer> segment = choose(giver.get(), receiver.get());
      if (segment.isEmpty()) {
        break;
      }
      move(segment.get(), giver.get(), receiver.get());
    }
    return input.table.with(moved);
  }

  private int over(NodeId node) {
    return counts.getOrDefault(node, 0) - shares.getOrDefault(node, 0);
  }

  private Optional<NodeId> furthest(boolean above) {
    SortedMap<NodeId, Integer> all = new TreeMap<>();
    counts.keySet().forEach(node -> all.put(node, over(node)));
    shares.keySet().forEach(node -> all.put(node, over(node)));
    NodeId best = null;
    int most = 0;
    for (Map.Entry<NodeId, Integer> node : all.entrySet()) {
      int far = above ? node.getValue() : -node.getValue();
      if (far > most) {
        most = far;
        best = node.getKey();
      }
    }
    return Optional.ofNullable(best);
  }

  /** Returns the segment whose bytes come closest to what each move must carry on the average. */
  private Optional<Integer> choose(NodeId giver, NodeId receiver) {
    long average = Math.max(0, held.getOrDefault(giver, 0L) - wanted(giver)) / over(giver);
    long missing =
        Math.max(0, wanted(receiver) - held.getOrDefault(receiver, 0L)) / -over(receiver);
    long aim = Math.min(average, missing);
    int best = -1;
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      boolean candidate =
          owner(segment).equals(giver)
              && !moved.containsKey(segment)
              && input.bytes.get(segment) <= left;
      if (candidate
          && (best < 0
              || Math.abs(input.bytes.get(segment) - aim)
                  < Math.abs(input.bytes.get(best) - aim))) {
        best = segment;
      }
    }
    return best < 0 ? Optional.empty() : Optional.of(best);
  }

  private long wanted(NodeId node) {
    long all = 0;
    for (long each : input.bytes) {
      all += each;
    }
    return (long) ((double) all * shares.getOrDefault(node, 0) / SegmentTable.SEGMENTS);
  }

  private NodeId owner(int segment) {
    return moved.getOrDefault(segment, input.table.owner(segment));
  }

  private void move(int segment, NodeId giver, NodeId receiver) {
    moved.put(segment, receiver);
    left -= input.bytes.get(segment);
    counts.merge(giver, -1, Integer::sum);
    counts.merge(receiver, 1, Integer::sum);
    held.merge(giver, -input.bytes.get(segment), Long::sum);
    held.merge(receiver, input.bytes.get(segment), Long::sum);
  }
}
