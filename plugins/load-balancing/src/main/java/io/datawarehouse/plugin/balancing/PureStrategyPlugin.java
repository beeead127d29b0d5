package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.LoadBalancingPluginBase;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.StrategySetting;
import io.datawarehouse.sdk.balance.StrategyValues;
import io.datawarehouse.sdk.plugin.PluginManifest;
import java.util.List;
import java.util.function.LongFunction;

/** A plugin that does what a pure strategy does. */
abstract class PureStrategyPlugin extends LoadBalancingPluginBase {

  private volatile SeededStrategy strategy;

  PureStrategyPlugin(String title, LongFunction<LoadBalancerStrategy> maker) {
    this(title, List.of(), (seed, values) -> maker.apply(seed));
  }

  PureStrategyPlugin(String title, List<StrategySetting> settings, SeededStrategy.Recipe recipe) {
    this(title, new SeededStrategy(recipe, settings, StrategyValues.usual(settings)));
  }

  private PureStrategyPlugin(String title, SeededStrategy strategy) {
    super(
        PluginManifest.of("balance-" + strategy.strategyName(), title, "0.1.0", "load-balancing"),
        strategy.strategyName());
    this.strategy = strategy;
  }

  @Override
  protected void onStart() {
    strategy = strategy.with(StrategyValues.of(settings(), configured()));
  }

  @Override
  public boolean followsKeys() {
    return strategy.followsKeys();
  }

  @Override
  public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
    return strategy.prepare(table, config);
  }

  @Override
  public LoadBalancerStrategy seeded(long seed) {
    return strategy.seeded(seed);
  }

  @Override
  public List<StrategySetting> settings() {
    return strategy.settings();
  }

  @Override
  public LoadBalancerStrategy with(StrategyValues values) {
    return strategy.with(values);
  }
}
