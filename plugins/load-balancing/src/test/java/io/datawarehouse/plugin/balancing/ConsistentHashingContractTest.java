package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.testkit.balance.LoadBalancerStrategyContract;

class ConsistentHashingContractTest extends LoadBalancerStrategyContract {

  @Override
  protected LoadBalancerStrategy strategy() {
    return new ConsistentHashing(1, 128, ConsistentHashing.NO_BOUND);
  }

  @Override
  protected Spread spread() {
    return Spread.BY_WEIGHT;
  }

  @Override
  protected double tolerance() {
    return 0.12;
  }
}
