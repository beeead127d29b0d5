package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.plugin.Plugin;
import java.security.SecureRandom;

/** The strategy {@link RoundRobin}. */
@Plugin
public class RoundRobinPlugin extends PureStrategyPlugin {

  /** Makes the plugin. */
  public RoundRobinPlugin() {
    super("Round robin", new RoundRobin(new SecureRandom().nextLong()));
  }
}
