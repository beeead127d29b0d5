package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 *
 * <p>Segments of buckets' own weigh their bytes, and go where they may. A node that holds some
 * keeps half of its number of the cluster's segments: these spread requests, too, and not only
 * bytes.
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

  /** What part of its number of the cluster's segments a node keeps that holds own ones. */
  private static final double LEAST_SHARE = 0.5;

  /** What part of all that is at the wrong node must move to the right one. */
  private static final double WORTH = 0.25;

  /**
   * A segment of a bucket's own. Immutable.
   *
   * @param segment which, and how much is in it; its owner is among the weights
   * @param places who may get it
   */
  record Own(OwnSegment segment, Set<NodeId> places) {
    /** Copies. */
    Own {
      places = Set.copyOf(places);
    }
  }

  /**
   * What is planned with. Immutable.
   *
   * @param table who owns what now; all owners are among the weights
   * @param weights the nodes that are to own something, with their weights
   * @param bytes how much is in each segment
   * @param own the segments of buckets' own
   * @param budget how many bytes may move at most
   * @param resting segments of the cluster that must not move
   */
  record Input(
      SegmentTable table,
      SortedMap<NodeId, Double> weights,
      List<Long> bytes,
      List<Own> own,
      long budget,
      Set<Integer> resting) {
    /** Copies. */
    Input {
      bytes = List.copyOf(bytes);
      own = List.copyOf(own);
      resting = Set.copyOf(resting);
    }
  }

  /**
   * What was found. Immutable.
   *
   * @param imbalance how far the node furthest off its share is off, as a part of its share
   * @param uneven whether it is time to do something
   * @param moves the new owners, by segment; empty where there is nothing to do or to be done
   * @param own those of buckets' own segments
   * @param movedBytes how much that is
   * @param nodes what each node holds and should hold
   */
  record Outcome(
      double imbalance,
      boolean uneven,
      SortedMap<Integer, NodeId> moves,
      List<OwnSegment.Move> own,
      long movedBytes,
      List<PlanDecision.Holding> nodes) {

    /** Returns all that is to move. */
    List<WantedMove> wanted() {
      List<WantedMove> wanted = new ArrayList<>();
      moves.forEach((segment, to) -> wanted.add(new WantedMove(Optional.empty(), segment, to)));
      own.forEach(
          move ->
              wanted.add(
                  new WantedMove(
                      Optional.of(move.segment().bucket()), move.segment().segment(), move.to())));
      return wanted;
    }
  }

  private final Input input;
  private final SortedMap<NodeId, Double> shares = new TreeMap<>();
  private final Map<NodeId, Double> off = new HashMap<>();
  private final Map<NodeId, Integer> counts = new HashMap<>();
  private final Map<NodeId, Double> countShares = new HashMap<>();
  private final Set<NodeId> holders = new HashSet<>();

  /** By numbers; those of buckets' own come after the cluster's, in the order of the input. */
  private final SortedMap<Integer, NodeId> moves = new TreeMap<>();

  private final int pieces;
  private final double keysToCome;
  private long moved;

  private BytesPlanner(Input input) {
    this.input = input;
    double mean = input.bytes.stream().mapToLong(Long::longValue).average().orElse(0);
    this.keysToCome = Math.max(1, mean * KEYS_TO_COME);
    double weights = input.weights.values().stream().mapToDouble(Double::doubleValue).sum();
    this.pieces = SegmentTable.SEGMENTS + input.own.size();
    double all = 0;
    for (int piece = 0; piece < pieces; piece++) {
      all += cost(piece);
    }
    for (Map.Entry<NodeId, Double> node : input.weights.entrySet()) {
      double part = node.getValue() / weights;
      shares.put(node.getKey(), part * all);
      off.put(node.getKey(), -part * all);
      counts.put(node.getKey(), 0);
      countShares.put(node.getKey(), part * SegmentTable.SEGMENTS);
    }
    for (int piece = 0; piece < pieces; piece++) {
      off.merge(owner(piece), cost(piece), Double::sum);
      if (isOfCluster(piece)) {
        counts.merge(owner(piece), 1, Integer::sum);
      } else if (bytes(piece) > 0) {
        holders.add(owner(piece));
      }
    }
  }

  private static boolean isOfCluster(int piece) {
    return piece < SegmentTable.SEGMENTS;
  }

  private Own own(int piece) {
    return input.own.get(piece - SegmentTable.SEGMENTS);
  }

  private NodeId owner(int piece) {
    return isOfCluster(piece) ? input.table.owner(piece) : own(piece).segment.owner();
  }

  private long bytes(int piece) {
    return isOfCluster(piece) ? input.bytes.get(piece) : own(piece).segment.bytes();
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
    List<OwnSegment.Move> own = new ArrayList<>();
    moves.tailMap(SegmentTable.SEGMENTS).forEach((piece, to) -> own.add(own(piece).segment.to(to)));
    return new Outcome(
        imbalance, uneven, new TreeMap<>(moves.headMap(SegmentTable.SEGMENTS)), own, moved, nodes);
  }

  private boolean isUnevenByNumber() {
    return countShares.entrySet().stream()
        .anyMatch(
            share ->
                Math.abs(counts.getOrDefault(share.getKey(), 0) - share.getValue())
                    > Math.max(1, share.getValue() * STARTS));
  }

  private double cost(int piece) {
    return isOfCluster(piece) ? bytes(piece) + keysToCome : bytes(piece);
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
    long all = 0;
    for (int piece = 0; piece < pieces; piece++) {
      held.merge(owner(piece), bytes(piece), Long::sum);
      all += bytes(piece);
    }
    long sum = all;
    List<PlanDecision.Holding> nodes = new ArrayList<>();
    countShares.forEach(
        (node, share) ->
            nodes.add(
                new PlanDecision.Holding(
                    node,
                    counts.getOrDefault(node, 0),
                    held.getOrDefault(node, 0L),
                    Math.round(share / SegmentTable.SEGMENTS * sum))));
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
    for (int piece = 0; piece < pieces; piece++) {
      if (mayMove(piece, giver, receiver)
          && cost(piece) <= (over + under) / 2
          && (best < 0 || Math.abs(cost(piece) - aim) < Math.abs(cost(best) - aim))) {
        best = piece;
      }
    }
    return best;
  }

  private boolean mayMove(int piece, NodeId giver, NodeId receiver) {
    return owner(piece).equals(giver)
        && !moves.containsKey(piece)
        && bytes(piece) <= input.budget - moved
        && (isOfCluster(piece)
            ? mayMoveOfCluster(piece, giver, receiver)
            : mayMoveOwn(piece, receiver));
  }

  private boolean mayMoveOfCluster(int segment, NodeId giver, NodeId receiver) {
    return !input.resting.contains(segment)
        && (!holders.contains(giver)
            || counts.getOrDefault(giver, 0) > countShares.getOrDefault(giver, 0.0) * LEAST_SHARE)
        && (bytes(segment) > 0 || mayMoveEmpty(giver, receiver));
  }

  private boolean mayMoveOwn(int piece, NodeId receiver) {
    return bytes(piece) > 0
        && own(piece).places.contains(receiver)
        && moves.tailMap(SegmentTable.SEGMENTS).size() < OwnSegmentPlanner.MOST_MOVES;
  }

  /** Nodes that hold nothing give away by number, to the same end: one must not undo the other. */
  private boolean mayMoveEmpty(NodeId giver, NodeId receiver) {
    return counts.getOrDefault(giver, 0) > Math.ceil(countShares.getOrDefault(giver, 0.0))
        && counts.getOrDefault(receiver, 0) < Math.floor(countShares.getOrDefault(receiver, 0.0));
  }

  private void move(int piece, NodeId giver, NodeId receiver) {
    moves.put(piece, receiver);
    moved += bytes(piece);
    off.merge(giver, -cost(piece), Double::sum);
    off.merge(receiver, cost(piece), Double::sum);
    if (isOfCluster(piece)) {
      counts.merge(giver, -1, Integer::sum);
      counts.merge(receiver, 1, Integer::sum);
    }
  }
}
