package io.datawarehouse.testkit.replication;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.replication.EventualConsistency;
import io.datawarehouse.sdk.replication.VersionVector;

class SampleTrackingContractTest extends EventualConsistencyContract {

  @Override
  protected EventualConsistency tracking(NodeId node) {
    return new SampleTracking(node, VersionVector.empty());
  }

  @Override
  protected EventualConsistency restarted(NodeId node, EventualConsistency before) {
    return new SampleTracking(node, before.seen());
  }

  @Override
  protected int mostWaiting() {
    return SampleTracking.MOST_WAITING;
  }
}
