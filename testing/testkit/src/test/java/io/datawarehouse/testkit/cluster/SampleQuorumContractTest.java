package io.datawarehouse.testkit.cluster;

import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.SortedMap;

class SampleQuorumContractTest extends ClusteredCoordinatorContract {

  private final SampleQuorum quorum = new SampleQuorum("a", "b", "c");

  @Override
  protected SortedMap<NodeId, ClusterCoordinator> coordinators() {
    return quorum.coordinators();
  }

  @Override
  protected void isolate(NodeId node) {
    quorum.isolate(node);
  }

  @Override
  protected void heal() {
    quorum.heal();
  }

  @Override
  protected void restartAll() {
    quorum.restartAll();
  }
}
