package io.datawarehouse.testkit.balance;

import io.datawarehouse.sdk.balance.LoadBalancerStrategy;

class TurnsByWeightContractTest extends LoadBalancerStrategyContract {

  @Override
  protected LoadBalancerStrategy strategy() {
    return SampleStrategies.turnsByWeight();
  }

  @Override
  protected Spread spread() {
    return Spread.BY_WEIGHT;
  }
}
