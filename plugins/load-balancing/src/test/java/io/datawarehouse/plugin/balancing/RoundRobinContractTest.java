package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.testkit.balance.LoadBalancerStrategyContract;

class RoundRobinContractTest extends LoadBalancerStrategyContract {

  @Override
  protected LoadBalancerStrategy strategy() {
    return new RoundRobin(1);
  }

  @Override
  protected Spread spread() {
    return Spread.EVEN;
  }

  @Override
  protected double tolerance() {
    return 0.01;
  }
}
