package io.datawarehouse.testkit.replication;

import io.datawarehouse.sdk.replication.ReplicationStrategy;

class SingleMasterContractTest extends ReplicationStrategyContract {

  @Override
  protected ReplicationStrategy strategy() {
    return new SingleMaster();
  }
}
