package io.datawarehouse.sdk.balance;

import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.plugin.StrategyPluginBase;

/**
 * The root of load balancing plugins. The subclass implements {@link LoadBalancerStrategy}; the
 * settings select it by its strategy's name.
 *
 * @since 0.1
 */
public abstract class LoadBalancingPluginBase extends StrategyPluginBase<LoadBalancerStrategy>
    implements LoadBalancerStrategy {

  /**
   * Makes a load balancing plugin.
   *
   * @param manifest what it says of itself
   * @param strategyName the name by which settings select it
   */
  protected LoadBalancingPluginBase(PluginManifest manifest, String strategyName) {
    super(manifest, CAPABILITY, strategyName);
  }
}
