package io.datawarehouse.testkit.balance;

import io.datawarehouse.sdk.balance.LoadBalancerStrategy;

class MostRoomContractTest extends LoadBalancerStrategyContract {

  @Override
  protected LoadBalancerStrategy strategy() {
    return SampleStrategies.mostRoom();
  }

  @Override
  protected Spread spread() {
    return Spread.NONE;
  }
}
