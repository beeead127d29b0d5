package io.datawarehouse.kernel.placement;

import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * For each segment the node that the cluster agreed on, then the other active nodes in an order of
 * the segment's own, so that what falls to others when a node goes away falls to all of them alike,
 * and only that. Immutable.
 *
 * <p>The order is that of rendezvous hashing (Thaler and Ravishankar, "Using name-based mappings to
 * increase hit rates", 1998): each node draws a number from its name and the segment's; the
 * greatest comes first.
 */
final class RankedPlacement implements Placement {

  private final long topologyId;
  private final List<List<NodeId>> owners;

  private RankedPlacement(long topologyId, List<List<NodeId>> owners) {
    this.topologyId = topologyId;
    this.owners = owners;
  }

  /**
   * Ranks the nodes for every segment.
   *
   * @param self who stands in where nobody is active
   */
  static RankedPlacement of(
      long topologyId, Optional<SegmentTable> table, ClusterView view, NodeId self) {
    List<NodeId> active = new ArrayList<>(view.active().stream().map(node -> node.id()).toList());
    if (active.isEmpty()) {
      active.add(self);
    }
    List<List<NodeId>> owners = new ArrayList<>(SegmentTable.SEGMENTS);
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      owners.add(rank(segment, table, active));
    }
    return new RankedPlacement(topologyId, List.copyOf(owners));
  }

  private static List<NodeId> rank(int segment, Optional<SegmentTable> table, List<NodeId> active) {
    List<NodeId> ranked = new ArrayList<>(active.size() + 1);
    active.stream()
        .sorted(
            Comparator.<NodeId>comparingLong(node -> draw(segment, node))
                .reversed()
                .thenComparing(Comparator.naturalOrder()))
        .forEach(ranked::add);
    table.ifPresent(
        agreed -> {
          NodeId owner = agreed.owner(segment);
          ranked.remove(owner);
          ranked.add(0, owner);
        });
    return List.copyOf(ranked);
  }

  private static long draw(int segment, NodeId node) {
    return KeyHash.mix(KeyHash.of(node.value()) + 0x9e3779b97f4a7c15L * (segment + 1));
  }

  @Override
  public long topologyId() {
    return topologyId;
  }

  @Override
  public int segments() {
    return SegmentTable.SEGMENTS;
  }

  @Override
  public List<NodeId> owners(int segment) {
    return owners.get(segment);
  }
}
