package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.plugin.Plugin;

/** The strategy {@link LeastConnections}. */
@Plugin
public class LeastConnectionsPlugin extends PureStrategyPlugin {

  /** Makes the plugin. */
  public LeastConnectionsPlugin() {
    super("Least connections", LeastConnections::new);
  }
}
