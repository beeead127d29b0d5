package io.datawarehouse.sdk.plugin;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.capability.Cardinality;
import io.datawarehouse.sdk.capability.Provision;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The root of plugins that are one way, out of several, to do something: storage, balancing,
 * replication, conflict resolving. The subclass implements the capability's interface itself;
 * configuration selects it by {@link #strategyName()}.
 *
 * @param <T> the interface through which the kernel uses the strategy
 */
public abstract class StrategyPluginBase<T> extends PluginBase {

  private final CapabilityKey<T> key;
  private final String strategyName;

  /**
   * Makes a strategy plugin.
   *
   * @param manifest what it says of itself; the key's name is added to what it provides
   * @param key the capability that it is one way to provide; not of cardinality SINGLE
   * @param strategyName the name by which configuration selects it
   */
  protected StrategyPluginBase(PluginManifest manifest, CapabilityKey<T> key, String strategyName) {
    super(manifest.providing(with(manifest.provides(), key.name())));
    if (key.cardinality() == Cardinality.SINGLE) {
      throw new IllegalArgumentException("capability " + key.name() + " has no strategies");
    }
    this.key = key;
    this.strategyName = strategyName;
  }

  /** Returns the name by which configuration selects this strategy. */
  public String strategyName() {
    return strategyName;
  }

  @Override
  protected List<Provision<?>> provisions() {
    return List.of(new Provision<>(key, strategyName, key.type().cast(this)));
  }

  private static Set<CapabilityName> with(Set<CapabilityName> names, CapabilityName added) {
    Set<CapabilityName> all = new HashSet<>(names);
    all.add(added);
    return all;
  }
}
