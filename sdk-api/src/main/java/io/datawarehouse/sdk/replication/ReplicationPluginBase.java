package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.plugin.StrategyPluginBase;

/**
 * The root of replication plugins. The subclass implements {@link ReplicationStrategy}; buckets
 * select it by its strategy's name.
 *
 * @since 0.1
 */
public abstract class ReplicationPluginBase extends StrategyPluginBase<ReplicationStrategy>
    implements ReplicationStrategy {

  /**
   * Makes a replication plugin.
   *
   * @param manifest what it says of itself
   * @param strategyName the name by which buckets select it
   */
  protected ReplicationPluginBase(PluginManifest manifest, String strategyName) {
    super(manifest, CAPABILITY, strategyName);
  }
}
