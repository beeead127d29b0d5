package io.datawarehouse.sdk.balance;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelContext;
import io.datawarehouse.sdk.kernel.PluginConfig;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.plugin.StrategyPluginBase;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The root of load balancing plugins. The subclass implements {@link LoadBalancerStrategy}; the
 * settings select it by its strategy's name. Where it declares settings of its own it also
 * implements {@link #with}; what configuration sets of them is read before {@link #onStart()}.
 *
 * @since 0.1
 */
public abstract class LoadBalancingPluginBase extends StrategyPluginBase<LoadBalancerStrategy>
    implements LoadBalancerStrategy {

  private volatile Map<String, Object> configured = Map.of();

  /**
   * Makes a load balancing plugin.
   *
   * @param manifest what it says of itself
   * @param strategyName the name by which settings select it
   */
  protected LoadBalancingPluginBase(PluginManifest manifest, String strategyName) {
    super(manifest, CAPABILITY, strategyName);
  }

  @Override
  public void start(KernelContext newContext) throws Exception {
    configured = read(newContext.config());
    super.start(newContext);
  }

  @Override
  public Map<String, Object> configured() {
    return configured;
  }

  private Map<String, Object> read(PluginConfig config) {
    Map<String, Object> values = new HashMap<>();
    for (StrategySetting setting : settings()) {
      Optional<String> text = config.find(setting.key());
      if (text.isPresent()) {
        values.put(
            setting.name(),
            setting.parse(text.get()).orElseThrow(() -> invalid(setting, text.get())));
      }
    }
    return Map.copyOf(values);
  }

  private WarehouseException invalid(StrategySetting setting, String text) {
    return WarehouseException.invalid(
        StandardErrorCode.CONFIG_INVALID,
        "dw.plugin." + manifest().id() + "." + setting.key(),
        text,
        setting.rule());
  }
}
