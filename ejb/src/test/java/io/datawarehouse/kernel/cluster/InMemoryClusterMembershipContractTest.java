package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.JoinRequest;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.cluster.ClusterMembershipContract;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.time.Duration;
import java.util.List;

class InMemoryClusterMembershipContractTest extends ClusterMembershipContract {

  private final ManualClock clock = new ManualClock();
  private final NodeDescriptor descriptor =
      NodeDescriptor.of(new NodeId("self"), "local", "1.0", clock.instant());
  private final InMemoryClusterMembership membership =
      new InMemoryClusterMembership(descriptor, clock);

  @Override
  protected ClusterMembership.Member member() {
    return membership;
  }

  @Override
  protected JoinRequest requestOf(ClusterMembership.Member member) {
    return new JoinRequest("dw", descriptor, List.of(), Duration.ofSeconds(1));
  }
}
