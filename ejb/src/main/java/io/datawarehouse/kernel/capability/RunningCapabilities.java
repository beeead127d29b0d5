package io.datawarehouse.kernel.capability;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.capability.CapabilityRegistry;
import io.datawarehouse.sdk.capability.Provision;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.plugin.PluginId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** What the running plugins provide, in start order. Thread-safe. */
public final class RunningCapabilities implements CapabilityRegistry {

  private record Entry(PluginId plugin, Provision<?> provision) {}

  private final List<Entry> entries = new CopyOnWriteArrayList<>();

  /** Adds what a plugin provides that has begun to run. */
  public void add(PluginId plugin, List<Provision<?>> provisions) {
    entries.addAll(provisions.stream().map(provision -> new Entry(plugin, provision)).toList());
  }

  /** Removes what a plugin provided. */
  public void remove(PluginId plugin) {
    entries.removeIf(entry -> entry.plugin.equals(plugin));
  }

  @Override
  public <T> T require(CapabilityKey<T> key) {
    return find(key)
        .orElseThrow(
            () ->
                new WarehouseException(
                    StandardErrorCode.NOT_FOUND,
                    "no running plugin provides capability '" + key.name() + "'"));
  }

  @Override
  public <T> Optional<T> find(CapabilityKey<T> key) {
    return all(key).stream().findFirst();
  }

  @Override
  public <T> List<T> all(CapabilityKey<T> key) {
    return entries.stream()
        .filter(entry -> entry.provision.key().equals(key))
        .map(entry -> key.type().cast(entry.provision.instance()))
        .toList();
  }

  /** Returns the running plugins that provide a capability, in start order. */
  public List<PluginId> providers(CapabilityName capability) {
    return entries.stream()
        .filter(entry -> entry.provision.key().name().equals(capability))
        .map(Entry::plugin)
        .distinct()
        .toList();
  }

  /** Returns what running plugins provide. */
  public Set<CapabilityName> names() {
    return entries.stream()
        .map(entry -> entry.provision.key().name())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Returns whether a running plugin provides a capability. */
  public boolean provides(CapabilityName capability) {
    return entries.stream().anyMatch(entry -> entry.provision.key().name().equals(capability));
  }

  /** Returns the name under which a running plugin provides a capability. */
  public Optional<String> providerName(CapabilityKey<?> key) {
    return entries.stream()
        .filter(entry -> entry.provision.key().equals(key))
        .map(entry -> entry.provision.name())
        .findFirst();
  }
}
