package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.MembershipChange;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Watch;
import java.util.List;
import java.util.function.Consumer;

/** What plugins get: no cast makes a member of it. Immutable. */
record ReadOnlyMembership(ClusterMembership source) implements ClusterMembership {

  @Override
  public NodeId localNodeId() {
    return source.localNodeId();
  }

  @Override
  public ClusterView view() {
    return source.view();
  }

  @Override
  public List<MembershipChange> history(NodeId node) {
    return source.history(node);
  }

  @Override
  public Watch watch(Consumer<MembershipChange> listener) {
    return source.watch(listener);
  }
}
