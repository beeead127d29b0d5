package io.datawarehouse.sdk.storage;

import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.plugin.StrategyPluginBase;

/**
 * The root of storage plugins. The subclass implements {@link StorageProvider}, opens its store in
 * {@code onStart} and closes it in {@code onStop}; {@code dw.storage.provider} selects it by its
 * strategy's name.
 */
public abstract class StoragePluginBase extends StrategyPluginBase<StorageProvider>
    implements StorageProvider {

  /**
   * Makes a storage plugin.
   *
   * @param manifest what it says of itself
   * @param strategyName the name by which {@code dw.storage.provider} selects it
   */
  protected StoragePluginBase(PluginManifest manifest, String strategyName) {
    super(manifest, CAPABILITY, strategyName);
  }
}
