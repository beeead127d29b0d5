package io.datawarehouse.sdk.provision;

import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.plugin.StrategyPluginBase;

/**
 * The root of plugins that start nodes. The subclass implements {@link NodeProvisioner}; {@code
 * dw.provisioning.provider} selects it by its strategy's name.
 *
 * @since 0.1
 */
public abstract class ProvisionerPluginBase extends StrategyPluginBase<NodeProvisioner>
    implements NodeProvisioner {

  /**
   * Makes a provisioner plugin.
   *
   * @param manifest what it says of itself
   * @param strategyName the name by which {@code dw.provisioning.provider} selects it
   */
  protected ProvisionerPluginBase(PluginManifest manifest, String strategyName) {
    super(manifest, CAPABILITY, strategyName);
  }
}
