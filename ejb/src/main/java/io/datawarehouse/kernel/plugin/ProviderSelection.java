package io.datawarehouse.kernel.plugin;

import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.sdk.capability.CapabilityName;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
      Map.of(new CapabilityName("storage"), "rocksdb", new CapabilityName("keys"), "keystore");

  private final KernelConfig config;
  private final Map<CapabilityName, Set<String>> builtIn;

  /** Makes a selection, of plugins alone, that reads the configuration when it is asked. */
  public ProviderSelection(KernelConfig config) {
    this(config, Map.of());
  }

  /**
   * Makes a selection that reads the configuration when it is asked.
   *
   * @param builtIn the names under which the kernel itself provides capabilities: where one of them
   *     is wanted, all plugins stand by
   */
  public ProviderSelection(KernelConfig config, Map<CapabilityName, Set<String>> builtIn) {
    this.config = config;
    this.builtIn = Map.copyOf(builtIn);
  }

  /** Returns whether the kernel itself provides a capability under that name. */
  boolean isBuiltIn(CapabilityName capability, String provider) {
    return builtIn.getOrDefault(capability, Set.of()).contains(provider);
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
