package io.datawarehouse.kernel.plugin;

import io.datawarehouse.kernel.capability.RunningCapabilities;
import io.datawarehouse.kernel.plugin.BoundedCalls.Outcome;
import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.capability.Cardinality;
import io.datawarehouse.sdk.capability.Provision;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelContext;
import io.datawarehouse.sdk.plugin.KernelOffer;
import io.datawarehouse.sdk.plugin.PluginId;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.plugin.PluginState;
import io.datawarehouse.sdk.plugin.WarehousePlugin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Brings the plugins of a kernel to life and to rest.
 *
 * <p>{@link #negotiate()} looks at all of them and changes nothing outside; {@link #start} starts
 * them in the order of what they require; {@link #stop()} stops them in reverse. A problem of a
 * plugin that the node can do without leaves that plugin out; any other stops the boot. The three
 * are called in this order by one thread at a time; the status can be read by any thread.
 *
 * <p>A plugin whose {@code start} was entered is stopped exactly once: at once where {@code start}
 * failed, so that it holds nothing while it is shown as FAILED, else when the kernel stops.
 */
public final class PluginLifecycle implements PluginDirectory {

  /**
   * How long plugins may take. Immutable.
   *
   * @param handshake for the handshake
   * @param start for {@code start}
   * @param stop for {@code stop}, and for {@code start} to end once it was interrupted
   */
  public record Limits(Duration handshake, Duration start, Duration stop) {}

  /**
   * What the life cycle works with.
   *
   * @param offer what the kernel says of itself
   * @param selection which provider runs where one is selected
   * @param neededByKernel what the node cannot serve without
   * @param limits how long plugins may take
   * @param threads makes the threads on which plugins start and stop
   */
  public record Options(
      KernelOffer offer,
      ProviderSelection selection,
      Set<CapabilityName> neededByKernel,
      Limits limits,
      ThreadFactory threads) {

    /** Copies. */
    public Options {
      neededByKernel = Set.copyOf(neededByKernel);
    }
  }

  /** Whether the call of a plugin's start has been reached. */
  private enum Entry {
    AHEAD,
    ENTERED,
    CALLED_OFF
  }

  private static final System.Logger LOG = System.getLogger(PluginLifecycle.class.getName());

  private final Options options;
  private final RunningCapabilities capabilities;
  private final BoundedCalls calls;
  private final List<WarehousePlugin> found;
  private volatile List<PluginRecord> plugins = List.of();
  private List<PluginRecord> order = List.of();

  /** The plugins whose start was entered, in that order. */
  private final List<PluginRecord> entered = new ArrayList<>();

  private @Nullable PluginEnvironment environment;

  /** Makes the life cycle of those plugins; nothing is asked of them yet. */
  public PluginLifecycle(
      Options options, RunningCapabilities capabilities, Collection<WarehousePlugin> found) {
    this.options = options;
    this.capabilities = capabilities;
    this.calls = new BoundedCalls(options.threads, options.limits.stop);
    this.found = List.copyOf(found);
  }

  // ---- negotiation ---------------------------------------------------------------------------

  /** Looks at all plugins and decides which of them start; returns all that stops the boot. */
  public List<String> negotiate() {
    List<String> problems = new ArrayList<>();
    plugins = discover(problems);
    List<PluginRecord> unique = withoutDuplicates(problems);
    Map<PluginRecord, String> refused = new LinkedHashMap<>();
    Handshake handshake = new Handshake(options.offer, calls, options.limits.handshake);
    for (PluginRecord plugin : unique) {
      handshake
          .refusal(plugin)
          .ifPresent(
              reason -> {
                refused.put(plugin, reason);
                if (plugin.required()) {
                  problems.add(plugin + " was rejected: " + reason);
                }
              });
    }
    StartPlan plan =
        new StartPlan(
            unique.stream().filter(plugin -> !refused.containsKey(plugin)).toList(),
            refused,
            options.selection,
            options.neededByKernel);
    problems.addAll(plan.problems());
    settle(plan);
    return List.copyOf(problems);
  }

  private List<PluginRecord> discover(List<String> problems) {
    List<PluginRecord> records = new ArrayList<>();
    for (WarehousePlugin plugin : found) {
      Outcome<PluginManifest> outcome =
          calls.call("dw-discovery", options.limits.handshake, plugin::manifest);
      if (outcome instanceof Outcome.Returned<PluginManifest> returned
          && returned.value() != null) {
        records.add(new PluginRecord(plugin, returned.value()));
      } else {
        // Without a manifest nobody knows whether the node can do without it.
        problems.add(
            "a plugin of type %s has no manifest: %s"
                .formatted(
                    plugin.getClass().getName(),
                    Outcome.problem(outcome, options.limits.handshake).orElse("it gave null")));
      }
    }
    records.sort(Comparator.comparing(PluginRecord::id));
    return List.copyOf(records);
  }

  private List<PluginRecord> withoutDuplicates(List<String> problems) {
    Map<PluginId, List<PluginRecord>> byId =
        plugins.stream()
            .collect(Collectors.groupingBy(PluginRecord::id, TreeMap::new, Collectors.toList()));
    List<PluginRecord> unique = new ArrayList<>();
    byId.forEach(
        (id, sharing) -> {
          if (sharing.size() == 1) {
            unique.add(sharing.get(0));
            return;
          }
          String who =
              sharing.stream()
                  .map(each -> "'" + each.manifest.name() + "' " + each.manifest.version())
                  .collect(Collectors.joining(" and "));
          problems.add("plugin id '" + id + "' is used by " + who);
          sharing.forEach(each -> each.advance(PluginState.REJECTED, "its id is used by " + who));
        });
    return unique;
  }

  private void settle(StartPlan plan) {
    plan.rejected()
        .forEach(
            (plugin, reason) -> {
              plugin.advance(PluginState.REJECTED, reason);
              LOG.log(
                  System.Logger.Level.WARNING,
                  () -> plugin + " " + plugin.manifest.version() + " does not run: " + reason);
            });
    plan.standby()
        .forEach(
            (plugin, reason) -> {
              plugin.advance(PluginState.NEGOTIATED);
              plugin.advance(PluginState.STANDBY, reason);
            });
    order = plan.order();
    for (PluginRecord plugin : order) {
      plugin.offer(plan.provisionsOf(plugin));
      plugin.advance(PluginState.NEGOTIATED);
    }
  }

  // ---- start ---------------------------------------------------------------------------------

  /**
   * Starts the plugins.
   *
   * @param surroundings makes their contexts
   * @param whenRunning called for each plugin once it runs, before the next one starts; what it
   *     throws stops the boot
   * @throws WarehouseException {@code BOOT_FAILED}; what was started has been stopped again
   */
  public void start(PluginEnvironment surroundings, Consumer<PluginId> whenRunning) {
    environment = surroundings;
    try {
      for (PluginRecord plugin : order) {
        Optional<String> failure = start(plugin, surroundings);
        if (failure.isEmpty()) {
          whenRunning.accept(plugin.id());
        } else if (plugin.required()
            || leavesKernelWithout(plugin)
            || Thread.currentThread().isInterrupted()) {
          throw new WarehouseException(
              StandardErrorCode.BOOT_FAILED, plugin + " failed: " + allFailures(plugin));
        }
      }
    } catch (RuntimeException | Error e) {
      stop();
      throw e;
    }
  }

  private Optional<String> start(PluginRecord plugin, PluginEnvironment surroundings) {
    plugin.advance(PluginState.STARTING);
    Optional<String> missing = missingAtStart(plugin);
    if (missing.isPresent()) {
      fail(plugin, missing.get());
      return missing;
    }
    long begin = System.nanoTime();
    entered.add(plugin);
    AtomicReference<Entry> entry = new AtomicReference<>(Entry.AHEAD);
    Outcome<Entry> outcome =
        calls.call(
            "dw-start-" + plugin.id(),
            options.limits.start,
            () -> {
              KernelContext context = surroundings.open(plugin.manifest);
              if (entry.compareAndSet(Entry.AHEAD, Entry.ENTERED)) {
                plugin.plugin.start(context);
              }
              return entry.get();
            });
    Optional<String> problem = Outcome.problem(outcome, options.limits.start);
    if (problem.isPresent()) {
      String reason = "its start failed: " + problem.get();
      fail(plugin, reason);
      boolean wasEntered = !entry.compareAndSet(Entry.AHEAD, Entry.CALLED_OFF);
      release(plugin, surroundings, wasEntered);
      if (outcome instanceof Outcome.Interrupted<?>) {
        Thread.currentThread().interrupt();
      }
      return Optional.of(reason);
    }
    capabilities.add(plugin.id(), plugin.provisions());
    plugin.advance(PluginState.RUNNING);
    LOG.log(
        System.Logger.Level.INFO,
        () ->
            "%s %s runs, started in %d ms"
                .formatted(
                    plugin,
                    plugin.manifest.version(),
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin)));
    return Optional.empty();
  }

  private void fail(PluginRecord plugin, String reason) {
    plugin.advance(PluginState.FAILED, reason);
    LOG.log(System.Logger.Level.WARNING, () -> plugin + " does not run: " + reason);
  }

  /** A provider that was there when the order was made may have failed since. */
  private Optional<String> missingAtStart(PluginRecord plugin) {
    return plugin.manifest.requires().stream()
        .sorted()
        .filter(capability -> !capabilities.provides(capability))
        .findFirst()
        .map(
            capability ->
                "requires capability '%s', but %s"
                    .formatted(
                        capability,
                        order.stream()
                            .filter(other -> other.offers(capability) && !other.equals(plugin))
                            .map(
                                other ->
                                    other + " failed: " + other.reason().orElse("for no reason"))
                            .collect(Collectors.joining("; "))));
  }

  private boolean leavesKernelWithout(PluginRecord failed) {
    return options.neededByKernel.stream()
        .filter(failed::offers)
        .anyMatch(
            capability ->
                order.stream()
                    .filter(plugin -> plugin.offers(capability))
                    .allMatch(plugin -> plugin.state() == PluginState.FAILED));
  }

  /** The plugin's own reason first, then those of others that failed before it. */
  private String allFailures(PluginRecord last) {
    StringBuilder text = new StringBuilder(last.reason().orElse("for no reason"));
    for (PluginRecord plugin : order) {
      if (plugin.state() == PluginState.FAILED && !plugin.equals(last)) {
        text.append("; ").append(plugin).append(" failed before: ");
        text.append(plugin.reason().orElse("for no reason"));
      }
    }
    return text.toString();
  }

  // ---- stop ----------------------------------------------------------------------------------

  /** Stops all plugins that were started, in reverse. Does nothing the second time. */
  public void stop() {
    PluginEnvironment surroundings = environment;
    if (surroundings == null) {
      return;
    }
    // An interrupted thread stops them all the same, each with its time.
    boolean interrupted = Thread.interrupted();
    for (int i = entered.size() - 1; i >= 0; i--) {
      PluginRecord plugin = entered.get(i);
      boolean running = plugin.state() == PluginState.RUNNING;
      plugin.advance(PluginState.STOPPING);
      if (running) {
        capabilities.remove(plugin.id());
        release(plugin, surroundings, true);
        interrupted |= Thread.interrupted();
      }
      plugin.advance(PluginState.STOPPED);
    }
    entered.clear();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void release(PluginRecord plugin, PluginEnvironment surroundings, boolean callStop) {
    quietly(plugin, "taking it off the bus", () -> surroundings.quiesce(plugin.id()));
    if (callStop) {
      Outcome<Boolean> outcome =
          calls.call(
              "dw-stop-" + plugin.id(),
              options.limits.stop,
              () -> {
                plugin.plugin.stop();
                return true;
              });
      if (outcome instanceof Outcome.Interrupted<?>) {
        Thread.currentThread().interrupt();
      }
      Outcome.problem(outcome, options.limits.stop)
          .ifPresent(
              problem ->
                  LOG.log(
                      System.Logger.Level.WARNING,
                      () -> plugin + " did not stop well: " + problem + "; stopping goes on"));
    }
    quietly(plugin, "ending its context", () -> surroundings.close(plugin.id()));
  }

  private static void quietly(PluginRecord plugin, String what, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, () -> plugin + ": " + what + " failed", e);
    }
  }

  // ---- status --------------------------------------------------------------------------------

  @Override
  public List<PluginStatus> plugins() {
    return plugins.stream().map(PluginRecord::status).toList();
  }

  @Override
  public List<CapabilityStatus> capabilities() {
    Map<CapabilityName, Cardinality> known = new TreeMap<>();
    for (PluginRecord plugin : plugins) {
      for (Provision<?> provision : plugin.provisions()) {
        known.putIfAbsent(provision.key().name(), provision.key().cardinality());
      }
    }
    return known.entrySet().stream()
        .map(
            entry ->
                new CapabilityStatus(
                    entry.getKey(), entry.getValue(), capabilities.providers(entry.getKey())))
        .toList();
  }
}
