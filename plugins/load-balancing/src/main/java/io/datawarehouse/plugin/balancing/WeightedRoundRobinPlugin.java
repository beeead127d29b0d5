package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.plugin.Plugin;

/** The strategy {@link WeightedRoundRobin}. */
@Plugin
public class WeightedRoundRobinPlugin extends PureStrategyPlugin {

  /** Makes the plugin. */
  public WeightedRoundRobinPlugin() {
    super("Weighted round robin", WeightedRoundRobin::new);
  }
}
