package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.plugin.Plugin;
import java.security.SecureRandom;

/** The strategy {@link LatencyBased}. */
@Plugin
public class LatencyBasedPlugin extends PureStrategyPlugin {

  /** Makes the plugin. */
  public LatencyBasedPlugin() {
    super("Latency based", new LatencyBased(new SecureRandom().nextLong()));
  }
}
