package io.datawarehouse.sdk.cluster;

/**
 * What a plugin may know of the cluster that its kernel belongs to. Thread-safe; every answer comes
 * from a local snapshot, never from the network.
 */
public interface ClusterContext {

  /** Returns the identity of the node that asks. */
  NodeId localNodeId();

  /** Returns whether the node runs as a member of a cluster. */
  boolean clustered();
}
