package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.NodeHealthMonitor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import java.util.function.Supplier;

/** A cluster of several nodes, as plugins see it. Thread-safe. */
public final class SharedCluster implements ClusterContext {

  private final ClusterMembership membership;
  private final NodeHealthMonitor health;
  private final Supplier<Leadership> leadership;
  private final Supplier<Placement> placement;

  /** Shows those parts. */
  public SharedCluster(
      ClusterMembership membership,
      NodeHealthMonitor health,
      Supplier<Leadership> leadership,
      Supplier<Placement> placement) {
    this.membership = new ReadOnlyMembership(membership);
    this.health = health;
    this.leadership = leadership;
    this.placement = placement;
  }

  @Override
  public NodeId localNodeId() {
    return membership.localNodeId();
  }

  @Override
  public boolean clustered() {
    return true;
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
    return leadership.get();
  }

  @Override
  public Placement placement() {
    return placement.get();
  }
}
