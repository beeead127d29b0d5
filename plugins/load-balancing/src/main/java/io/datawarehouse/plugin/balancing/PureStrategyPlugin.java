package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.LoadBalancingPluginBase;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.plugin.PluginManifest;

/** A plugin that does what a pure strategy does. */
abstract class PureStrategyPlugin extends LoadBalancingPluginBase {

  private volatile LoadBalancerStrategy strategy;

  PureStrategyPlugin(String title, LoadBalancerStrategy strategy) {
    super(
        PluginManifest.of("balance-" + strategy.strategyName(), title, "0.1.0", "load-balancing"),
        strategy.strategyName());
    this.strategy = strategy;
  }

  /** Has another strategy from now on, of the same name; for settings. */
  void become(LoadBalancerStrategy other) {
    strategy = other;
  }

  @Override
  public boolean followsKeys() {
    return strategy.followsKeys();
  }

  @Override
  public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
    return strategy.prepare(table, config);
  }
}
