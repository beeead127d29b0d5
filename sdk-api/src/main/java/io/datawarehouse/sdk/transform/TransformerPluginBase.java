package io.datawarehouse.sdk.transform;

import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.capability.Provision;
import io.datawarehouse.sdk.plugin.PluginBase;
import io.datawarehouse.sdk.plugin.PluginManifest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The root of plugins that transform content: they provide one or more {@link ContentTransformer}s,
 * each under its id. The subclass hands them over and, where they have settings, reads these in
 * {@code onStart}; the kernel uses them only while the plugin is running.
 */
public abstract class TransformerPluginBase extends PluginBase {

  private final List<ContentTransformer> transformers;

  /**
   * Makes a plugin of transformers.
   *
   * @param manifest what it says of itself; the capability is added to what it provides
   * @param transformers at least one
   */
  protected TransformerPluginBase(
      PluginManifest manifest, List<? extends ContentTransformer> transformers) {
    super(manifest.providing(withCapability(manifest.provides())));
    if (transformers.isEmpty()) {
      throw new IllegalArgumentException("plugin " + manifest.id() + " transforms nothing");
    }
    this.transformers = List.copyOf(transformers);
  }

  /** Returns the transformers. */
  public List<ContentTransformer> transformers() {
    return transformers;
  }

  @Override
  protected List<Provision<?>> provisions() {
    List<Provision<?>> provisions = new ArrayList<>();
    for (ContentTransformer transformer : transformers) {
      provisions.add(new Provision<>(ContentTransformer.CAPABILITY, transformer.id(), transformer));
    }
    return provisions;
  }

  private static Set<CapabilityName> withCapability(Set<CapabilityName> names) {
    Set<CapabilityName> all = new HashSet<>(names);
    all.add(ContentTransformer.CAPABILITY.name());
    return all;
  }
}
