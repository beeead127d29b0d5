package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.plugin.StrategyPluginBase;

/**
 * The root of conflict resolving plugins. The subclass implements {@link ConflictResolver}; buckets
 * select it by its strategy's name.
 *
 * @since 0.1
 */
public abstract class ConflictResolverPluginBase extends StrategyPluginBase<ConflictResolver>
    implements ConflictResolver {

  /**
   * Makes a conflict resolving plugin.
   *
   * @param manifest what it says of itself
   * @param strategyName the name by which buckets select it
   */
  protected ConflictResolverPluginBase(PluginManifest manifest, String strategyName) {
    super(manifest, CAPABILITY, strategyName);
  }
}
