package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds new owners for segments of buckets' own. A node that is not active gives all of them away,
 * and one gives away what it may not hold; of the others those move that even out the bytes. Where
 * no active node may hold a segment it stays, and that is said. Confined to one thread; the same
 * input gives the same moves.
 *
 * <p>What evens out is found greedily, a step at a time: of all segments of the node that holds
 * most for its weight the one goes to another node after which the fuller of both holds least; when
 * there is none that betters anything, from the node that holds second most, and so on. The larger
 * of two loads falls with every step, so that it ends. A segment may take several steps; what is
 * planned is one move, from where it lies to where the steps have brought it.
 */
final class OwnSegmentPlanner {

  /** How far nodes may be apart, as a share of what each would hold: less is not worth a move. */
  static final double SLACK = 0.05;

  /** How many own segments move by one plan; a plan has to fit into an entry. */
  static final int MOST_MOVES = 500;

  private static final int MOST_STEPS = 4 * MOST_MOVES;

  private static final Comparator<OwnSegment> LARGEST_FIRST =
      Comparator.comparingLong(OwnSegment::bytes)
          .reversed()
          .thenComparing(OwnSegment::bucket)
          .thenComparing(OwnSegment::segment);

  private final SortedMap<NodeId, ClusterNode> members = new TreeMap<>();
  private final SortedMap<NodeId, ClusterNode> active = new TreeMap<>();
  private final List<OwnSegment> segments;
  private final Map<NodeId, Long> bytes = new HashMap<>();
  private final Map<NodeId, Integer> counts = new HashMap<>();

  /** Who is to own what moves, in the order in which it was found. */
  private final Map<OwnSegment, NodeId> targets = new LinkedHashMap<>();

  /**
   * Makes a planner.
   *
   * @param nodes who is there; those that are active may get something
   * @param own all own segments that have an owner
   */
  OwnSegmentPlanner(List<ClusterNode> nodes, List<OwnSegment> own) {
    for (ClusterNode node : nodes) {
      if (node.state().member()) {
        members.put(node.id(), node);
      }
      if (node.state() == NodeState.ACTIVE) {
        active.put(node.id(), node);
      }
    }
    this.segments = own.stream().sorted(LARGEST_FIRST).toList();
    for (OwnSegment each : segments) {
      bytes.merge(each.owner(), each.bytes(), Long::sum);
      counts.merge(each.owner(), 1, Integer::sum);
    }
  }

  /** Returns how much of own segments a node holds after what has been planned so far. */
  long bytesOn(NodeId node) {
    return bytes.getOrDefault(node, 0L);
  }

  /** Returns what has been planned so far, what must leave first. */
  List<OwnSegment.Move> moves() {
    return targets.entrySet().stream().map(move -> move.getKey().to(move.getValue())).toList();
  }

  private void move(OwnSegment own, NodeId to) {
    NodeId from = targets.getOrDefault(own, own.owner());
    bytes.merge(from, -own.bytes(), Long::sum);
    bytes.merge(to, own.bytes(), Long::sum);
    counts.merge(from, -1, Integer::sum);
    counts.merge(to, 1, Integer::sum);
    if (to.equals(own.owner())) {
      targets.remove(own);
    } else {
      targets.put(own, to);
    }
  }

  // ---- what must move
  // ----------------------------------------------------------------------------

  /**
   * Plans moves of what must leave its owner.
   *
   * @param budget how many bytes may move; empty for any number
   * @param stays takes what cannot
   */
  void leave(OptionalLong budget, StayList stays) {
    long left = budget.orElse(Long.MAX_VALUE);
    for (OwnSegment each : segments) {
      if (!mustLeave(each)) {
        continue;
      }
      Optional<NodeId> to = lightest(each);
      if (!members.containsKey(each.owner())) {
        stays.add(each, "its owner is not there");
      } else if (to.isEmpty()) {
        stays.add(each, "no other active node may hold it: " + each.shard().rule());
      } else if (each.bytes() > left) {
        stays.add(each, "it does not fit into what may move by one plan");
      } else if (targets.size() == MOST_MOVES) {
        stays.add(each, "a plan moves " + MOST_MOVES + " own segments at most");
      } else {
        left -= each.bytes();
        move(each, to.get());
      }
    }
  }

  /** Returns whether something must leave its owner, and can. */
  boolean leaves() {
    return segments.stream()
        .anyMatch(
            each ->
                mustLeave(each) && members.containsKey(each.owner()) && lightest(each).isPresent());
  }

  private boolean mustLeave(OwnSegment own) {
    ClusterNode owner = active.get(own.owner());
    return owner == null || !mayHold(own, owner);
  }

  private static boolean mayHold(OwnSegment own, ClusterNode node) {
    return own.shard().residency().admits(node.descriptor());
  }

  private Optional<NodeId> lightest(OwnSegment own) {
    return active.values().stream()
        .filter(node -> !node.id().equals(own.owner()) && mayHold(own, node))
        .min(
            Comparator.comparingDouble((ClusterNode node) -> load(node, own.bytes()))
                .thenComparingDouble(
                    node -> (counts.getOrDefault(node.id(), 0) + 1) / node.descriptor().weight())
                .thenComparing(ClusterNode::id))
        .map(ClusterNode::id);
  }

  private double load(ClusterNode node, long more) {
    return (bytesOn(node.id()) + more) / node.descriptor().weight();
  }

  // ---- what evens out
  // ----------------------------------------------------------------------------

  /**
   * Plans moves that even out the bytes.
   *
   * @param all how many bytes there are in the cluster's segments and in own ones
   */
  void even(long all) {
    double weights = active.values().stream().mapToDouble(n -> n.descriptor().weight()).sum();
    double slack = all / weights * SLACK;
    Map<NodeId, SortedSet<OwnSegment>> held = held();
    for (int step = 0; step < MOST_STEPS; step++) {
      Optional<OwnSegment.Move> next = best(held, slack);
      if (next.isEmpty()) {
        return;
      }
      OwnSegment own = next.get().segment();
      held.values().forEach(segmentsOfOne -> segmentsOfOne.remove(own));
      held.computeIfAbsent(next.get().to(), node -> new TreeSet<>(LARGEST_FIRST)).add(own);
      move(own, next.get().to());
    }
  }

  /** Returns by node what it holds and may hold, and what is not empty. */
  private Map<NodeId, SortedSet<OwnSegment>> held() {
    Map<NodeId, SortedSet<OwnSegment>> held = new HashMap<>();
    for (OwnSegment each : segments) {
      ClusterNode node = active.get(targets.getOrDefault(each, each.owner()));
      if (each.bytes() > 0 && node != null && mayHold(each, node)) {
        held.computeIfAbsent(node.id(), id -> new TreeSet<>(LARGEST_FIRST)).add(each);
      }
    }
    return held;
  }

  private Optional<OwnSegment.Move> best(Map<NodeId, SortedSet<OwnSegment>> held, double slack) {
    List<ClusterNode> fullestFirst =
        active.values().stream()
            .sorted(
                Comparator.comparingDouble((ClusterNode node) -> load(node, 0))
                    .reversed()
                    .thenComparing(ClusterNode::id))
            .toList();
    for (ClusterNode giver : fullestFirst) {
      List<ClusterNode> receivers =
          active.values().stream()
              .filter(node -> load(giver, 0) - load(node, 0) > slack)
              .sorted(
                  Comparator.comparingDouble((ClusterNode node) -> load(node, 0))
                      .thenComparing(ClusterNode::id))
              .toList();
      Optional<OwnSegment.Move> move =
          best(giver, receivers, held.getOrDefault(giver.id(), Collections.emptySortedSet()));
      if (move.isPresent()) {
        return move;
      }
    }
    return Optional.empty();
  }

  /** Returns the move after which the fuller of both nodes holds least, where that is less. */
  private Optional<OwnSegment.Move> best(
      ClusterNode giver, List<ClusterNode> lightestFirst, SortedSet<OwnSegment> given) {
    double least = load(giver, 0);
    OwnSegment.Move best = null;
    for (OwnSegment own : given) {
      if (targets.size() == MOST_MOVES && !targets.containsKey(own)) {
        continue;
      }
      for (ClusterNode receiver : lightestFirst) {
        double fuller = Math.max(load(giver, -own.bytes()), load(receiver, own.bytes()));
        if (fuller < least && mayHold(own, receiver)) {
          least = fuller;
          best = own.to(receiver.id());
        }
      }
    }
    return Optional.ofNullable(best);
  }
}
