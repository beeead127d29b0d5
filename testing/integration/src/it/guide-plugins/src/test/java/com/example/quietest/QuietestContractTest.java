package com.example.quietest;

import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.testkit.balance.LoadBalancerStrategyContract;

class QuietestContractTest extends LoadBalancerStrategyContract {

  @Override
  protected LoadBalancerStrategy strategy() {
    return new QuietestPlugin();
  }

  @Override
  protected Spread spread() {
    return Spread.BY_WEIGHT;
  }
}
