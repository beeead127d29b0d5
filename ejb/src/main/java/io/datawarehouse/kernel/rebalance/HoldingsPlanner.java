package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Plans for all that nodes own: the cluster's segments and those that buckets have for themselves.
 * What must leave a node moves first; then the cluster's segments; then own segments that even out
 * the bytes. Pure: the same input gives the same plan.
 *
 * <p>Some own segments are bound to a place, so that own segments alone cannot always even out.
 * Where a node holds more or less of them than its weight makes, its share of the cluster's
 * segments is less or more by that, but not under half of what its weight makes: the cluster's
 * segments spread requests, too, and not only bytes.
 */
final class HoldingsPlanner {

  private static final double LEAST_SHARE = 0.5;

  /**
   * What is planned with. Immutable.
   *
   * @param table who owns the cluster's segments now
   * @param nodes who is there; those that are active are to own something, others nothing
   * @param bytes how much is in each segment of the cluster
   * @param own the own segments that have an owner
   * @param budget how many bytes may move at most; empty for any number
   */
  record Input(
      SegmentTable table,
      List<ClusterNode> nodes,
      List<Long> bytes,
      List<OwnSegment> own,
      OptionalLong budget) {
    /** Copies. */
    Input {
      nodes = List.copyOf(nodes);
      bytes = List.copyOf(bytes);
      own = List.copyOf(own);
    }
  }

  /**
   * What is to be done. Immutable.
   *
   * @param table who is to own the cluster's segments
   * @param own the own segments that move
   * @param stays what ought to move and does not
   */
  record Plan(SegmentTable table, List<OwnSegment.Move> own, List<PlanStay> stays) {
    /** Copies. */
    Plan {
      own = List.copyOf(own);
      stays = List.copyOf(stays);
    }
  }

  private final Input input;
  private final SortedMap<NodeId, Double> weights;
  private final OwnSegmentPlanner planner;
  private final StayList stays = new StayList();
  private final long clusterBytes;
  private final long ownBytes;

  private HoldingsPlanner(Input input) {
    this.input = input;
    this.weights = weights(input.nodes);
    this.planner = new OwnSegmentPlanner(input.nodes, input.own);
    this.clusterBytes = input.bytes.stream().mapToLong(Long::longValue).sum();
    this.ownBytes = input.own.stream().mapToLong(OwnSegment::bytes).sum();
  }

  /** Returns the plan. */
  static Plan plan(Input input) {
    return new HoldingsPlanner(input).run();
  }

  private static SortedMap<NodeId, Double> weights(List<ClusterNode> nodes) {
    SortedMap<NodeId, Double> weights = new TreeMap<>();
    nodes.stream()
        .filter(node -> node.state() == NodeState.ACTIVE)
        .forEach(node -> weights.put(node.id(), node.descriptor().weight()));
    return weights;
  }

  private Plan run() {
    planner.leave(input.budget, stays);
    int leaving = planner.moves().size();
    OptionalLong left = less(input.budget, bytesOf(planner.moves()));
    if (!weights.isEmpty()) {
      planner.even(clusterBytes + ownBytes);
    }
    SegmentTable table =
        SegmentPlanner.plan(
            new SegmentPlanner.Input(input.table, clusterWeights(), input.bytes, left));
    left = less(left, moved(table));
    List<OwnSegment.Move> found = planner.moves();
    List<OwnSegment.Move> own = new ArrayList<>(found.subList(0, leaving));
    for (OwnSegment.Move move : found.subList(leaving, found.size())) {
      if (left.isEmpty() || move.segment().bytes() <= left.getAsLong()) {
        own.add(move);
        left = less(left, move.segment().bytes());
      }
    }
    nameWhatStays(table);
    return new Plan(table, own, stays.toList());
  }

  private static OptionalLong less(OptionalLong budget, long bytes) {
    return budget.isEmpty() ? budget : OptionalLong.of(budget.getAsLong() - bytes);
  }

  private static long bytesOf(List<OwnSegment.Move> moves) {
    return moves.stream().mapToLong(move -> move.segment().bytes()).sum();
  }

  private long moved(SegmentTable next) {
    long moved = 0;
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      moved += input.table.owner(segment).equals(next.owner(segment)) ? 0 : bytes(segment);
    }
    return moved;
  }

  private long bytes(int segment) {
    return input.bytes.get(segment);
  }

  private void nameWhatStays(SegmentTable next) {
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      NodeId owner = next.owner(segment);
      if (!weights.containsKey(owner)) {
        stays.add(
            segment,
            owner,
            bytes(segment),
            weights.isEmpty()
                ? "no node is active"
                : "it does not fit into what may move by one plan");
      }
    }
  }

  /**
   * Returns by which weights the cluster's segments are shared: those of the nodes, unless what
   * these hold in own segments makes up for it.
   */
  private SortedMap<NodeId, Double> clusterWeights() {
    double sum = weights.values().stream().mapToDouble(Double::doubleValue).sum();
    SortedMap<NodeId, Double> wanted = new TreeMap<>();
    SortedMap<NodeId, Double> least = new TreeMap<>();
    boolean apart = false;
    for (Map.Entry<NodeId, Double> node : weights.entrySet()) {
      double part = node.getValue() / sum;
      double all = part * (clusterBytes + ownBytes);
      double left = all - planner.bytesOn(node.getKey());
      wanted.put(node.getKey(), left);
      least.put(node.getKey(), part * clusterBytes * LEAST_SHARE);
      apart |= Math.abs(left - part * clusterBytes) > all * OwnSegmentPlanner.SLACK;
    }
    return apart && clusterBytes > 0 ? shared(wanted, least) : weights;
  }

  /** Shares the cluster's bytes as they are wanted, but gives nobody less than the least. */
  private SortedMap<NodeId, Double> shared(
      SortedMap<NodeId, Double> wanted, SortedMap<NodeId, Double> least) {
    SortedMap<NodeId, Double> shares = new TreeMap<>();
    Set<NodeId> open = new TreeSet<>(wanted.keySet());
    boolean again = true;
    while (again) {
      double left = clusterBytes - shares.values().stream().mapToDouble(each -> each).sum();
      double asked = open.stream().mapToDouble(node -> wanted.getOrDefault(node, 0.0)).sum();
      again = false;
      for (NodeId node : List.copyOf(open)) {
        double share = wanted.getOrDefault(node, 0.0) * left / asked;
        double atLeast = least.getOrDefault(node, 0.0);
        if (share < atLeast) {
          shares.put(node, atLeast);
          open.remove(node);
          again = true;
        }
      }
      if (!again) {
        open.forEach(node -> shares.put(node, wanted.getOrDefault(node, 0.0) * left / asked));
      }
    }
    return shares;
  }
}
