package io.datawarehouse.kernel.plugin;

import io.datawarehouse.kernel.plugin.ProviderSelection.Wanted;
import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.capability.Provision;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Decides, of the plugins that passed the handshake, which start and in which order, which stand by
 * and which cannot run. Calls no plugin and changes no state. Made once for one boot; confined to
 * one thread.
 *
 * <p>Leaving out an optional plugin can take away what another one requires, so requirements and
 * cycles are looked at again until nothing changes.
 */
final class StartPlan {

  private final ProviderSelection selection;
  private final Set<CapabilityName> neededByKernel;

  /** Why plugins were rejected in the handshake or are rejected here. */
  private final Map<PluginRecord, String> rejected;

  private final Map<PluginRecord, String> standby = new LinkedHashMap<>();
  private final Map<PluginRecord, List<Provision<?>>> chosen = new LinkedHashMap<>();
  private final List<PluginRecord> active;
  private final List<String> problems = new ArrayList<>();

  /** Capabilities of which a problem is named already. */
  private final Set<CapabilityName> reported = new TreeSet<>();

  private List<PluginRecord> order = List.of();

  /**
   * Makes the plan.
   *
   * @param accepted the plugins that passed the handshake, each id once
   * @param refused those that did not, with the reason
   */
  StartPlan(
      Collection<PluginRecord> accepted,
      Map<PluginRecord, String> refused,
      ProviderSelection selection,
      Set<CapabilityName> neededByKernel) {
    this.selection = selection;
    this.neededByKernel = new TreeSet<>(neededByKernel);
    this.rejected = new LinkedHashMap<>(refused);
    this.active = new ArrayList<>(accepted);
    active.sort(Comparator.comparing(PluginRecord::id));
    active.forEach(plugin -> chosen.put(plugin, plugin.provisions()));
    for (CapabilityName capability : offered()) {
      checkProviders(capability);
    }
    leaveOutWhoStandsBy();
    boolean changed = true;
    while (changed) {
      changed = rejectUnmetRequirements() || rejectCycle();
    }
    checkKernelNeeds();
  }

  /** Who starts, in this order. */
  List<PluginRecord> order() {
    return order;
  }

  /** What a plugin of the order provides: all it offered, or the part that was selected. */
  List<Provision<?>> provisionsOf(PluginRecord plugin) {
    return chosen.getOrDefault(plugin, List.of());
  }

  /** Who stands by, and why. */
  Map<PluginRecord, String> standby() {
    return standby;
  }

  /** Who cannot run, and why; those that were refused before included. */
  Map<PluginRecord, String> rejected() {
    return rejected;
  }

  /** What stops the boot. */
  List<String> problems() {
    return problems;
  }

  // ---- providers of one capability -----------------------------------------------------------

  private Set<CapabilityName> offered() {
    Set<CapabilityName> names = new TreeSet<>();
    active.forEach(
        plugin -> plugin.provisions().forEach(provision -> names.add(provision.key().name())));
    return names;
  }

  private void checkProviders(CapabilityName capability) {
    Map<PluginRecord, Provision<?>> providers = new LinkedHashMap<>();
    for (PluginRecord plugin : active) {
      plugin.provisions().stream()
          .filter(provision -> provision.key().name().equals(capability))
          .findFirst()
          .ifPresent(provision -> providers.put(plugin, provision));
    }
    if (disagree(capability, providers)) {
      return;
    }
    switch (providers.values().iterator().next().key().cardinality()) {
      case SINGLE -> checkSingle(capability, providers.keySet());
      case SELECTED -> select(capability, providers);
      case MULTI -> {}
    }
  }

  private boolean disagree(CapabilityName capability, Map<PluginRecord, Provision<?>> providers) {
    PluginRecord first = providers.keySet().iterator().next();
    CapabilityKey<?> key = providers.values().iterator().next().key();
    for (Map.Entry<PluginRecord, Provision<?>> entry : providers.entrySet()) {
      CapabilityKey<?> other = entry.getValue().key();
      if (!other.equals(key)) {
        problems.add(
            "capability '%s' is %s to %s and %s to %s"
                .formatted(capability, inWords(key), first, inWords(other), entry.getKey()));
        return true;
      }
    }
    return false;
  }

  private static String inWords(CapabilityKey<?> key) {
    return "a " + key.cardinality() + " " + key.type().getName();
  }

  private void checkSingle(CapabilityName capability, Set<PluginRecord> providers) {
    if (providers.size() > 1) {
      problems.add(
          "only one plugin may provide capability '%s', but %s do: leave all but one out"
              .formatted(capability, names(providers)));
    }
  }

  private void select(CapabilityName capability, Map<PluginRecord, Provision<?>> providers) {
    Map<String, PluginRecord> byName = new TreeMap<>();
    providers.forEach(
        (plugin, provision) -> {
          PluginRecord twin = byName.putIfAbsent(provision.name(), plugin);
          if (twin != null) {
            problems.add(
                "%s and %s both provide capability '%s' under the name '%s'"
                    .formatted(twin, plugin, capability, provision.name()));
          }
        });
    Optional<Wanted> wanted = selection.wanted(capability);
    if (wanted.isEmpty() && byName.size() > 1) {
      leaveOpen(capability, byName);
      return;
    }
    String name = wanted.map(Wanted::provider).orElseGet(() -> byName.keySet().iterator().next());
    boolean builtIn = selection.isBuiltIn(capability, name);
    PluginRecord winner = builtIn ? null : byName.get(name);
    if (winner == null && !builtIn) {
      reported.add(capability);
      problems.add(
          "%s, but no plugin provides capability '%s' under that name; available: %s%s"
              .formatted(
                  wanted.map(Wanted::source).orElse(""),
                  capability,
                  String.join(", ", byName.keySet()),
                  rejectedProviders(capability)));
    }
    for (PluginRecord plugin : byName.values()) {
      if (!plugin.equals(winner)) {
        dropProvision(plugin, capability);
        standby.put(
            plugin,
            "capability '%s' is provided by '%s'; %s selects one of: %s"
                .formatted(
                    capability,
                    name,
                    ProviderSelection.key(capability),
                    String.join(", ", byName.keySet())));
      }
    }
  }

  private void leaveOpen(CapabilityName capability, Map<String, PluginRecord> byName) {
    String reason =
        "several plugins provide capability '%s': set %s to one of: %s"
            .formatted(
                capability, ProviderSelection.key(capability), String.join(", ", byName.keySet()));
    if (neededByKernel.contains(capability)) {
      reported.add(capability);
      problems.add(reason);
    }
    byName.values().forEach(plugin -> reject(plugin, reason));
  }

  private void dropProvision(PluginRecord plugin, CapabilityName capability) {
    chosen.computeIfPresent(
        plugin,
        (same, provisions) ->
            provisions.stream()
                .filter(provision -> !provision.key().name().equals(capability))
                .toList());
  }

  /** A plugin that still provides something else runs without what was not selected of it. */
  private void leaveOutWhoStandsBy() {
    standby.keySet().removeIf(plugin -> !provisionsOf(plugin).isEmpty());
    active.removeAll(standby.keySet());
  }

  // ---- requirements --------------------------------------------------------------------------

  private boolean rejectUnmetRequirements() {
    for (PluginRecord plugin : List.copyOf(active)) {
      List<String> unmet =
          plugin.manifest.requires().stream()
              .sorted()
              .filter(capability -> providersFor(plugin, capability).isEmpty())
              .map(capability -> "capability '" + capability + "'" + whyMissing(capability, plugin))
              .toList();
      if (!unmet.isEmpty()) {
        reject(plugin, "requires " + String.join(" and ", unmet));
        return true;
      }
    }
    return false;
  }

  private List<PluginRecord> providersFor(PluginRecord plugin, CapabilityName capability) {
    return active.stream()
        .filter(other -> !other.equals(plugin) && provides(other, capability))
        .toList();
  }

  private boolean provides(PluginRecord plugin, CapabilityName capability) {
    return provisionsOf(plugin).stream()
        .anyMatch(provision -> provision.key().name().equals(capability));
  }

  private String whyMissing(CapabilityName capability, PluginRecord asker) {
    String others = rejectedProviders(capability) + standbyProviders(capability);
    return others.isEmpty()
        ? ", which no " + (provides(asker, capability) ? "other " : "") + "plugin provides"
        : ", which no running plugin provides" + others;
  }

  private String rejectedProviders(CapabilityName capability) {
    return rejected.entrySet().stream()
        .filter(entry -> entry.getKey().manifest.provides().contains(capability))
        .map(entry -> "; " + entry.getKey() + " was rejected: " + entry.getValue())
        .collect(Collectors.joining());
  }

  private String standbyProviders(CapabilityName capability) {
    return standby.keySet().stream()
        .filter(plugin -> plugin.manifest.provides().contains(capability))
        .map(plugin -> "; " + plugin + " stands by")
        .collect(Collectors.joining());
  }

  private void checkKernelNeeds() {
    for (CapabilityName capability : neededByKernel) {
      if (active.stream().noneMatch(plugin -> provides(plugin, capability))
          && !reported.contains(capability)) {
        problems.add(
            "the kernel requires capability '%s', which no plugin provides%s"
                .formatted(capability, rejectedProviders(capability)));
      }
    }
  }

  private void reject(PluginRecord plugin, String reason) {
    active.remove(plugin);
    rejected.put(plugin, reason);
    if (plugin.required()) {
      problems.add(plugin + " cannot run: " + reason);
    }
  }

  // ---- order ---------------------------------------------------------------------------------

  /** Sorts what is active; rejects the plugins of a cycle, if there is one. */
  private boolean rejectCycle() {
    Map<PluginRecord, Set<PluginRecord>> open = new LinkedHashMap<>();
    for (PluginRecord plugin : active) {
      open.put(plugin, predecessors(plugin));
    }
    List<PluginRecord> sorted = new ArrayList<>();
    while (!open.isEmpty()) {
      // The active plugins are sorted by id, so the order is the same at every boot.
      Optional<PluginRecord> next =
          open.entrySet().stream()
              .filter(entry -> entry.getValue().isEmpty())
              .map(Map.Entry::getKey)
              .findFirst();
      if (next.isEmpty()) {
        rejectAll(cycleIn(open));
        return true;
      }
      open.remove(next.get());
      open.values().forEach(predecessors -> predecessors.remove(next.get()));
      sorted.add(next.get());
    }
    order = sorted;
    return false;
  }

  private Set<PluginRecord> predecessors(PluginRecord plugin) {
    Set<PluginRecord> before = new TreeSet<>(Comparator.comparing(PluginRecord::id));
    plugin.manifest.requires().forEach(name -> before.addAll(providersFor(plugin, name)));
    plugin.manifest.optional().forEach(name -> before.addAll(providersFor(plugin, name)));
    return before;
  }

  /** Every plugin that is left waits for another that is left: going on must come round. */
  private static List<PluginRecord> cycleIn(Map<PluginRecord, Set<PluginRecord>> open) {
    List<PluginRecord> path = new ArrayList<>();
    PluginRecord at = open.keySet().iterator().next();
    while (!path.contains(at)) {
      path.add(at);
      at = open.getOrDefault(at, Set.of()).iterator().next();
    }
    return List.copyOf(path.subList(path.indexOf(at), path.size()));
  }

  private void rejectAll(List<PluginRecord> cycle) {
    String path =
        cycle.stream().map(plugin -> "'" + plugin.id() + "'").collect(Collectors.joining(" -> "))
            + " -> '"
            + cycle.get(0).id()
            + "'";
    String reason = "must start after itself (each after the next): " + path;
    if (cycle.stream().anyMatch(PluginRecord::required)) {
      problems.add("plugins wait for each other (each starts after the next): " + path);
    }
    for (PluginRecord plugin : cycle) {
      active.remove(plugin);
      rejected.put(plugin, reason);
    }
  }

  private static String names(Collection<PluginRecord> plugins) {
    return plugins.stream().map(PluginRecord::toString).collect(Collectors.joining(" and "));
  }
}
