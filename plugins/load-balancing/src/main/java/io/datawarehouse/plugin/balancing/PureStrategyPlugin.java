package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.LoadBalancingPluginBase;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.plugin.PluginManifest;
import java.security.SecureRandom;
import java.util.function.LongFunction;

/** A plugin that does what a pure strategy does; its chance comes from where nobody knows. */
abstract class PureStrategyPlugin extends LoadBalancingPluginBase {

  /** A strategy and how to make another like it from a seed. */
  private record Made(LongFunction<LoadBalancerStrategy> maker, LoadBalancerStrategy strategy) {
    static Made of(LongFunction<LoadBalancerStrategy> maker) {
      return new Made(maker, maker.apply(new SecureRandom().nextLong()));
    }
  }

  private volatile Made made;

  PureStrategyPlugin(String title, LongFunction<LoadBalancerStrategy> maker) {
    this(title, Made.of(maker));
  }

  private PureStrategyPlugin(String title, Made made) {
    super(
        PluginManifest.of(
            "balance-" + made.strategy.strategyName(), title, "0.1.0", "load-balancing"),
        made.strategy.strategyName());
    this.made = made;
  }

  /** Has another strategy from now on, of the same name; for settings. */
  void become(LongFunction<LoadBalancerStrategy> maker) {
    made = Made.of(maker);
  }

  @Override
  public boolean followsKeys() {
    return made.strategy.followsKeys();
  }

  @Override
  public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
    return made.strategy.prepare(table, config);
  }

  @Override
  public LoadBalancerStrategy seeded(long seed) {
    return made.maker.apply(seed);
  }
}
