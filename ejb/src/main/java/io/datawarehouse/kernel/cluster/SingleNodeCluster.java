package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.NodeHealthMonitor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import java.time.Clock;

/** The cluster of one that a kernel working alone is. Thread-safe. */
public final class SingleNodeCluster implements ClusterContext {

  private final ClusterMembership membership;
  private final NodeHealthMonitor health;
  private final Leadership leadership;
  private final Placement placement;

  /** Makes a cluster of the one node of that membership. */
  public SingleNodeCluster(InMemoryClusterMembership membership, Clock clock) {
    this.membership = new ReadOnlyMembership(membership);
    this.health = new SingleNodeHealth(membership.localNodeId(), clock);
    this.leadership = Leadership.alone(membership.localNodeId());
    this.placement = new SingleNodePlacement(membership.localNodeId());
  }

  @Override
  public NodeId localNodeId() {
    return membership.localNodeId();
  }

  @Override
  public boolean clustered() {
    return false;
  }

  @Override
  public ClusterMembership membership() {
    return membership;
  }

  @Override
  public NodeHealthMonitor health() {
    return health;
  }

  @Override
  public Leadership leadership() {
    return leadership;
  }

  @Override
  public Placement placement() {
    return placement;
  }
}
