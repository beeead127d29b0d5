package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.plugin.Plugin;
import java.security.SecureRandom;

/** The strategy {@link LeastConnections}. */
@Plugin
public class LeastConnectionsPlugin extends PureStrategyPlugin {

  /** Makes the plugin. */
  public LeastConnectionsPlugin() {
    super("Least connections", new LeastConnections(new SecureRandom().nextLong()));
  }
}
