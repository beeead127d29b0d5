package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.cluster.NodeHealthMonitor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.cluster.NodeHealthMonitorContract;
import io.datawarehouse.testkit.kernel.ManualClock;

class SingleNodeHealthContractTest extends NodeHealthMonitorContract {

  private final SingleNodeHealth health =
      new SingleNodeHealth(new NodeId("self"), new ManualClock());

  @Override
  protected NodeHealthMonitor monitor() {
    return health;
  }

  @Override
  protected NodeId self() {
    return new NodeId("self");
  }
}
