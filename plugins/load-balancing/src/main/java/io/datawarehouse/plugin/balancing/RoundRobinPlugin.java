package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.plugin.Plugin;

/** The strategy {@link RoundRobin}. */
@Plugin
public class RoundRobinPlugin extends PureStrategyPlugin {

  /** Makes the plugin. */
  public RoundRobinPlugin() {
    super("Round robin", RoundRobin::new);
  }
}
