package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.plugin.Plugin;
import java.security.SecureRandom;

/** The strategy {@link WeightedRoundRobin}. */
@Plugin
public class WeightedRoundRobinPlugin extends PureStrategyPlugin {

  /** Makes the plugin. */
  public WeightedRoundRobinPlugin() {
    super("Weighted round robin", new WeightedRoundRobin(new SecureRandom().nextLong()));
  }
}
