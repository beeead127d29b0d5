package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Topic;
import java.util.List;
import java.util.Optional;

/** What operators see and do of the cluster, beside what plugins see of it. Thread-safe. */
public interface ClusterOffice {

  /** Returns the cluster's name. */
  String clusterName();

  /**
   * Has a node hand over what it leads and take no new requests; returns when it has begun. Does
   * nothing where it drains already.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code NOT_FOUND} for a node that is not
   *     known, {@code UNAVAILABLE} where it cannot be reached
   */
  void drain(NodeId node, String reason);

  /**
   * Has a node that drains take requests again; fails like {@link #drain}. Does nothing where it is
   * active already.
   */
  void activate(NodeId node, String reason);

  /** Tells where a message would go and why, without sending anything. */
  RouteAnswer explain(Topic topic, Optional<String> affinityKey);

  /** Returns what is wrong with the cluster as this node sees it, in words; none as a rule. */
  List<String> problems();
}
