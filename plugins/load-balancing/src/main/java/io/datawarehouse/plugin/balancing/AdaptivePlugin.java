package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.plugin.Plugin;

/** The strategy {@link Adaptive}. */
@Plugin
public class AdaptivePlugin extends PureStrategyPlugin {

  /** Makes the plugin. */
  public AdaptivePlugin() {
    super("Adaptive", Adaptive::new);
  }
}
