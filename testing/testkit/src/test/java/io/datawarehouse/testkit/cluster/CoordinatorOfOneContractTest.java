package io.datawarehouse.testkit.cluster;

import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.SortedMap;

/** The same contract holds for a node that is alone. */
class CoordinatorOfOneContractTest extends ClusterCoordinatorContract {

  private final SampleQuorum quorum = new SampleQuorum("alone");

  @Override
  protected SortedMap<NodeId, ClusterCoordinator> coordinators() {
    return quorum.coordinators();
  }
}
