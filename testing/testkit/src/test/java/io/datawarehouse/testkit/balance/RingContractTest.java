package io.datawarehouse.testkit.balance;

import io.datawarehouse.sdk.balance.LoadBalancerStrategy;

class RingContractTest extends LoadBalancerStrategyContract {

  @Override
  protected LoadBalancerStrategy strategy() {
    return SampleStrategies.ring();
  }

  @Override
  protected Spread spread() {
    return Spread.EVEN;
  }
}
