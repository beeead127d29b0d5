package io.datawarehouse.testkit.balance;

import io.datawarehouse.sdk.balance.LoadBalancerStrategy;

class TurnsContractTest extends LoadBalancerStrategyContract {

  @Override
  protected LoadBalancerStrategy strategy() {
    return SampleStrategies.turns();
  }

  @Override
  protected Spread spread() {
    return Spread.EVEN;
  }
}
