package io.datawarehouse.sdk.cluster;

/**
 * What a plugin may know of the cluster that its kernel belongs to. Thread-safe; every answer comes
 * from a local snapshot, never from the network.
 *
 * <p>On a node that works alone it is there too and describes a cluster of one: the one node is
 * ACTIVE, leads, and owns everything. A plugin need not tell the two apart.
 *
 * <p>It holds no strategy: how a node is chosen is the kernel's business, and a plugin that wants
 * something of another node sends a message with an affinity key.
 *
 * @since 0.1
 */
public interface ClusterContext {

  /** Returns the identity of the node that asks. */
  NodeId localNodeId();

  /** Returns whether the node runs as a member of a cluster. */
  boolean clustered();

  /** Returns who belongs to the cluster; always the same object. */
  ClusterMembership membership();

  /** Returns who judges the nodes' health; always the same object. */
  NodeHealthMonitor health();

  /** Returns who leads, as far as this node knows. */
  Leadership leadership();

  /** Returns who owns which key now; a new snapshot after every change of topology. */
  Placement placement();

  /** Returns whether this node is the primary owner of a key, as far as it knows. */
  default boolean isPrimary(CharSequence affinityKey) {
    return placement().primary(affinityKey).equals(localNodeId());
  }
}
