package io.datawarehouse.sdk.cluster;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The whole cluster as one node knows it at one moment: a snapshot, replaced as a whole when
 * something changes, never changed itself. Immutable. Whoever decides something reads it once.
 *
 * @param topologyId grows with every change, on this node; 0 or more
 * @param nodes every node that is known, also those that left or died lately, sorted by identity
 * @since 0.1
 */
public record ClusterView(long topologyId, List<ClusterNode> nodes) {

  /** Checks and sorts. */
  public ClusterView {
    if (topologyId < 0) {
      throw WarehouseException.invalid("topologyId", topologyId, "must not be negative");
    }
    nodes = nodes.stream().sorted(Comparator.comparing(ClusterNode::id)).toList();
    Set<NodeId> seen = new HashSet<>();
    for (ClusterNode node : nodes) {
      if (!seen.add(node.id())) {
        throw WarehouseException.invalid("nodes", node.id(), "a node stands in a view once");
      }
    }
  }

  /** Returns the node, if it is known. */
  public Optional<ClusterNode> find(NodeId id) {
    return nodes.stream().filter(node -> node.id().equals(id)).findFirst();
  }

  /** Returns the nodes that belong to the cluster, sorted by identity. */
  public List<ClusterNode> members() {
    return nodes.stream().filter(node -> node.state().member()).toList();
  }

  /** Returns the nodes that own segments and take requests, sorted by identity. */
  public List<ClusterNode> active() {
    return nodes.stream().filter(node -> node.state().takesRequests()).toList();
  }
}
