package io.datawarehouse.sdk.balance;

import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.plugin.StrategyPluginBase;

/**
 * The root of plugins that say what messages belong together. The subclass implements {@link
 * #keyOf} and {@link #stickiness()}; rules of the settings select it by its name.
 *
 * @since 0.1
 */
public abstract class AffinityPluginBase extends StrategyPluginBase<AffinityProvider>
    implements AffinityProvider {

  /**
   * Makes an affinity plugin.
   *
   * @param manifest what it says of itself
   * @param affinityName the name by which rules select it
   */
  protected AffinityPluginBase(PluginManifest manifest, String affinityName) {
    super(manifest, CAPABILITY, affinityName);
  }

  @Override
  public final String affinityName() {
    return strategyName();
  }
}
