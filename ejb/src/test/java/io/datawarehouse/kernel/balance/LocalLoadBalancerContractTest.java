package io.datawarehouse.kernel.balance;

import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.testkit.balance.LoadBalancerStrategyContract;

class LocalLoadBalancerContractTest extends LoadBalancerStrategyContract {

  @Override
  protected LoadBalancerStrategy strategy() {
    return new LocalLoadBalancer();
  }

  @Override
  protected Spread spread() {
    return Spread.NONE;
  }
}
