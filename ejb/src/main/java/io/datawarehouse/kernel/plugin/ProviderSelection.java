package io.datawarehouse.kernel.plugin;

import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.sdk.capability.CapabilityName;
import java.util.Map;
import java.util.Optional;

/**
 * Which provider of a capability the configuration wants to run: {@code dw.CAPABILITY.provider}, or
 * the kernel's default. Thread-safe.
 */
public final class ProviderSelection {

  /**
   * What is wanted.
   *
   * @param provider the provider's name
   * @param source where that was said, for messages
   */
  record Wanted(String provider, String source) {}

  private static final Map<CapabilityName, String> DEFAULTS =
      Map.of(new CapabilityName("storage"), "rocksdb");

  private final KernelConfig config;

  /** Makes a selection that reads the configuration when it is asked. */
  public ProviderSelection(KernelConfig config) {
    this.config = config;
  }

  /** Returns the name of the setting that selects a capability's provider. */
  public static String key(CapabilityName capability) {
    return KernelConfig.PREFIX + capability + ".provider";
  }

  Optional<Wanted> wanted(CapabilityName capability) {
    String key = key(capability);
    return config
        .find(key)
        .map(name -> new Wanted(name, key + " is '" + name + "'"))
        .or(
            () ->
                Optional.ofNullable(DEFAULTS.get(capability))
                    .map(name -> new Wanted(name, key + " is '" + name + "' (the default)")));
  }
}
