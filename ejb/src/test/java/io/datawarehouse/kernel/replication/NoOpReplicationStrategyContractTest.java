package io.datawarehouse.kernel.replication;

import io.datawarehouse.sdk.replication.ReplicationStrategy;
import io.datawarehouse.testkit.replication.ReplicationStrategyContract;

class NoOpReplicationStrategyContractTest extends ReplicationStrategyContract {

  @Override
  protected ReplicationStrategy strategy() {
    return new NoOpReplicationStrategy();
  }
}
