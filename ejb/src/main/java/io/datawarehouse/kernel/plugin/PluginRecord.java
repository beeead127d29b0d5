package io.datawarehouse.kernel.plugin;

import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.capability.Provision;
import io.datawarehouse.sdk.plugin.PluginId;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.plugin.PluginManifest.Necessity;
import io.datawarehouse.sdk.plugin.PluginState;
import io.datawarehouse.sdk.plugin.WarehousePlugin;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One plugin and where it is in its life. Its state can be read from any thread; it is changed by
 * the thread that boots or stops the kernel.
 */
final class PluginRecord {

  private record Standing(PluginState state, Optional<String> reason) {}

  final WarehousePlugin plugin;
  final PluginManifest manifest;

  private final AtomicReference<Standing> standing =
      new AtomicReference<>(new Standing(PluginState.DISCOVERED, Optional.empty()));
  private volatile List<Provision<?>> provisions = List.of();

  PluginRecord(WarehousePlugin plugin, PluginManifest manifest) {
    this.plugin = plugin;
    this.manifest = manifest;
  }

  PluginId id() {
    return manifest.id();
  }

  boolean required() {
    return manifest.necessity() == Necessity.REQUIRED;
  }

  PluginState state() {
    return now().state;
  }

  Optional<String> reason() {
    return now().reason;
  }

  /** What it offered in the handshake, or the part of it that was selected. */
  List<Provision<?>> provisions() {
    return provisions;
  }

  void offer(List<Provision<?>> offered) {
    provisions = offered;
  }

  boolean offers(CapabilityName capability) {
    return provisions.stream().anyMatch(provision -> provision.key().name().equals(capability));
  }

  /** Goes on to a state; the reason of the present one stays. */
  void advance(PluginState next) {
    advance(next, reason());
  }

  /** Goes on to a state that needs words. */
  void advance(PluginState next, String reason) {
    advance(next, Optional.of(reason));
  }

  private void advance(PluginState next, Optional<String> reason) {
    Set<PluginState> allowed = next.predecessors();
    Standing current = now();
    if (!allowed.contains(current.state)
        || !standing.compareAndSet(current, new Standing(next, reason))) {
      throw new IllegalStateException(
          "plugin " + id() + " cannot go from " + current.state + " to " + next);
    }
  }

  private Standing now() {
    return Objects.requireNonNull(standing.get());
  }

  PluginStatus status() {
    Standing now = now();
    return new PluginStatus(
        id(),
        manifest.name(),
        manifest.version(),
        manifest.category(),
        now.state,
        now.reason,
        required(),
        manifest.provides().stream().sorted().toList(),
        manifest.requires().stream().sorted().toList());
  }

  /** Its name in messages. */
  @Override
  public String toString() {
    return "plugin '" + id() + "'" + (required() ? " (required)" : "");
  }
}
