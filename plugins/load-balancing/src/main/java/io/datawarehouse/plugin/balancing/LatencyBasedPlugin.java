package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.plugin.Plugin;

/** The strategy {@link LatencyBased}. */
@Plugin
public class LatencyBasedPlugin extends PureStrategyPlugin {

  /** Makes the plugin. */
  public LatencyBasedPlugin() {
    super("Latency based", LatencyBased::new);
  }
}
