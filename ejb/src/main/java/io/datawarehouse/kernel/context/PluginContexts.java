package io.datawarehouse.kernel.context;

import io.datawarehouse.kernel.bus.KernelBus;
import io.datawarehouse.kernel.capability.RunningCapabilities;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.metric.PrometheusMetrics;
import io.datawarehouse.kernel.plugin.PluginEnvironment;
import io.datawarehouse.kernel.resilience.InProcessBulkheads;
import io.datawarehouse.kernel.resilience.InProcessCircuitBreaker;
import io.datawarehouse.kernel.secret.NodeSecrets;
import io.datawarehouse.kernel.storage.DurableFiles;
import io.datawarehouse.kernel.storage.FileKernelStorage;
import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelContext;
import io.datawarehouse.sdk.kernel.OperatingMode;
import io.datawarehouse.sdk.plugin.PluginId;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.resilience.BulkheadSettings;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import io.datawarehouse.sdk.resilience.CircuitState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Makes the contexts of the plugins of one node. Thread-safe. */
public final class PluginContexts implements PluginEnvironment {

  /**
   * What contexts are made of.
   *
   * @param nodeId the node
   * @param mode whether it works alone
   * @param cluster the cluster, or the cluster of one
   * @param directory the node's data directory
   * @param clock the node's clock
   * @param config all settings; a plugin sees its own
   * @param secrets all secrets; a plugin sees its own
   * @param bus the bus; a plugin sees it under its id
   * @param metrics all instruments; a plugin's carry its id
   * @param executor the threads that plugins share
   * @param resilience when a plugin's circuits open and how much its compartments hold
   * @param capabilities what is running
   * @param quiesceLimit how long a plugin's handlers may take to finish
   * @param stopLimit how long its tasks may take to end once they were interrupted
   */
  public record Options(
      NodeId nodeId,
      OperatingMode mode,
      ClusterContext cluster,
      Path directory,
      Clock clock,
      KernelConfig config,
      NodeSecrets secrets,
      KernelBus bus,
      PrometheusMetrics metrics,
      SharedExecutor executor,
      Resilience resilience,
      RunningCapabilities capabilities,
      Duration quiesceLimit,
      Duration stopLimit) {}

  /**
   * What circuits and compartments are made of.
   *
   * @param breaker when a circuit opens
   * @param bulkhead how much a compartment holds
   * @param ticker nanoseconds of a clock that never goes back
   */
  public record Resilience(
      CircuitBreakerSettings breaker, BulkheadSettings bulkhead, LongSupplier ticker) {}

  private static final int MOST_CIRCUITS = 1_000;
  private static final System.Logger LOG = System.getLogger(PluginContexts.class.getName());

  private final Options options;
  private final Map<PluginId, PluginExecutor> executors = new ConcurrentHashMap<>();
  private final Map<PluginId, Guards> guards = new ConcurrentHashMap<>();

  private record Guards(InProcessCircuitBreaker circuits, InProcessBulkheads bulkheads) {}

  /** Makes contexts of those parts. */
  public PluginContexts(Options options) {
    this.options = options;
  }

  /** Returns the name of the setting prefix of a plugin, ending in a dot. */
  public static String configPrefix(PluginId plugin) {
    return KernelConfig.PREFIX + "plugin." + plugin + ".";
  }

  @Override
  public KernelContext open(PluginManifest manifest) {
    PluginId plugin = manifest.id();
    System.Logger logger = System.getLogger("io.datawarehouse.plugin." + plugin);
    PluginExecutor executor = new PluginExecutor(plugin, options.executor, logger);
    executors.put(plugin, executor);
    Guards own =
        new Guards(
            new InProcessCircuitBreaker(
                options.resilience.breaker(), options.resilience.ticker(), MOST_CIRCUITS),
            new InProcessBulkheads(pool -> options.resilience.bulkhead(), executor));
    guards.put(plugin, own);
    return new LocalKernelContext(
        options,
        rootOf(plugin),
        logger,
        executor,
        options.config.scope(configPrefix(plugin)),
        options.secrets.scope(configPrefix(plugin)),
        FileKernelStorage.open(options.directory.resolve("kernel").resolve("plugin." + plugin)),
        options.bus.view(plugin.value()),
        options.metrics.ofPlugin(plugin),
        own.circuits,
        own.bulkheads);
  }

  /** Returns the circuits and pools of the plugins that have any, by the plugins' names. */
  public List<PluginGuards> guards() {
    return guards.entrySet().stream()
        .map(
            of ->
                new PluginGuards(
                    of.getKey(),
                    names(of.getValue().circuits.states()),
                    of.getValue().bulkheads.statuses()))
        .filter(of -> !of.circuits().isEmpty() || !of.bulkheads().isEmpty())
        .sorted(Comparator.comparing(of -> of.plugin().value()))
        .toList();
  }

  private static Map<String, String> names(Map<String, CircuitState> states) {
    Map<String, String> names = new TreeMap<>();
    states.forEach((key, state) -> names.put(key, state.label()));
    return names;
  }

  private Path rootOf(PluginId plugin) {
    Path root = options.directory.resolve("plugins").resolve(plugin.value());
    try {
      DurableFiles.createPrivateDirectories(root);
      return root;
    } catch (IOException e) {
      WarehouseException failure = DurableFiles.failure("making a plugin's directory", root, e);
      throw new WarehouseException(
          failure.code(), "cannot make '" + root + "': " + DurableFiles.reason(e), e);
    }
  }

  @Override
  public void quiesce(PluginId plugin) {
    if (!options.bus.evict(plugin.value(), options.quiesceLimit)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "handlers of plugin {0} did not finish within {1}",
          plugin,
          options.quiesceLimit);
    }
  }

  @Override
  public void close(PluginId plugin) {
    guards.remove(plugin);
    PluginExecutor executor = executors.remove(plugin);
    if (executor == null) {
      return;
    }
    // What it may have registered while it was stopping.
    options.bus.evict(plugin.value(), Duration.ZERO);
    executor.shutdownNow();
    awaitEnd(plugin, executor);
    options.metrics.forget(plugin);
  }

  private void awaitEnd(PluginId plugin, PluginExecutor executor) {
    try {
      if (!executor.awaitTermination(options.stopLimit.toNanos(), TimeUnit.NANOSECONDS)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "tasks of plugin {0} do not react to being interrupted",
            plugin);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
