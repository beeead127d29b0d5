package io.datawarehouse.testkit.replication;

import io.datawarehouse.sdk.replication.ReplicationStrategy;

class EveryOwnerContractTest extends ReplicationStrategyContract {

  @Override
  protected ReplicationStrategy strategy() {
    return new EveryOwner();
  }
}
