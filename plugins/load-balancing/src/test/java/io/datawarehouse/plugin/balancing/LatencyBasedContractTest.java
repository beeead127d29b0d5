package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.testkit.balance.LoadBalancerStrategyContract;

class LatencyBasedContractTest extends LoadBalancerStrategyContract {

  @Override
  protected LoadBalancerStrategy strategy() {
    return new LatencyBased(1);
  }

  @Override
  protected Spread spread() {
    return Spread.BY_WEIGHT;
  }

  @Override
  protected double tolerance() {
    return 0.15;
  }
}
