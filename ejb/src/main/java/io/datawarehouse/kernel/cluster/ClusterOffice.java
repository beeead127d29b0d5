package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What operators see and do of the cluster, beside what plugins see of it. Thread-safe. */
public interface ClusterOffice {

  /** The reason of a drain that an operator asked for: the node is not meant to come back soon. */
  String RETIRED = "an operator retires it";

  /** Returns the cluster's name. */
  String clusterName();

  /**
   * Has a node hand over what it leads and take no new requests, until it is started again; returns
   * when it was told. Does nothing where it drains already. A node that is gone is given up: its
   * vote does not count any more, until it comes back. So is one that is forgotten, or was not met
   * since this node started, and still has a vote.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code NOT_FOUND} for a node that is not
   *     known and has no vote, {@code UNAVAILABLE} for one that joins, or is gone while no majority
   *     can agree
   */
  void drain(NodeId node, String reason);

  /**
   * Tells where a message would go and why, without sending anything.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code INVALID_ARGUMENT} for a key or
   *     headers that no message may have
   */
  RouteAnswer explain(RouteQuestion question);

  /** Returns the circuits between this node and others. */
  PeerCircuits circuits();

  /**
   * Returns why this node takes no part in what the cluster agrees on, in words: its log failed.
   */
  default Optional<String> withoutCoordinator() {
    return Optional.empty();
  }

  /**
   * Returns why this node cannot tell yet who owns what, in words, while it is about to learn it.
   */
  default Optional<String> withoutOwners() {
    return Optional.empty();
  }

  /** Returns the nodes that have a vote in what the cluster agrees on, sorted. */
  List<NodeId> voters();

  /**
   * Returns which version of who owns the cluster's segments is in force: the one that a plan for
   * them has to be made against. The same on all nodes that know the latest; 0 before there is any.
   */
  long topologyId();

  /**
   * Returns the same for the segments that a bucket has for itself; empty where it is not known.
   */
  default OptionalLong topologyId(BucketName bucket) {
    return OptionalLong.empty();
  }

  /** Returns what is wrong with the cluster as this node sees it, in words; none as a rule. */
  List<String> problems();
}
