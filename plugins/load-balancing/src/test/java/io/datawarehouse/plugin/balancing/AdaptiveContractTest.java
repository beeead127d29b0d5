package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.testkit.balance.LoadBalancerStrategyContract;

class AdaptiveContractTest extends LoadBalancerStrategyContract {

  @Override
  protected LoadBalancerStrategy strategy() {
    return new Adaptive(1);
  }

  @Override
  protected Spread spread() {
    return Spread.BY_WEIGHT;
  }

  @Override
  protected double tolerance() {
    return 0.05;
  }
}
