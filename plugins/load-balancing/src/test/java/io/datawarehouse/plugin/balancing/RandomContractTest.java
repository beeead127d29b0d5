package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.testkit.balance.LoadBalancerStrategyContract;

class RandomContractTest extends LoadBalancerStrategyContract {

  @Override
  protected LoadBalancerStrategy strategy() {
    return new RandomChoice(1, 2);
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
