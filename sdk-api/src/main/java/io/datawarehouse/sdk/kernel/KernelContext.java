package io.datawarehouse.sdk.kernel;

import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.metric.Metrics;
import io.datawarehouse.sdk.resilience.BulkheadIsolation;
import io.datawarehouse.sdk.resilience.CircuitBreaker;
import io.datawarehouse.sdk.security.SecretManager;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What the kernel gives to one plugin when it starts. Thread-safe; valid until the plugin's {@code
 * stop} has returned.
 */
public interface KernelContext {

  /** Returns the identity of the node. */
  NodeId nodeId();

  /** Returns whether the kernel works alone. */
  OperatingMode mode();

  /** Returns a directory of the plugin's own, which exists and can be written to. */
  Path rootPath();

  /** Returns the plugin's logger. */
  System.Logger logger();

  /** Returns the clock; plugins ask no other. */
  Clock clock();

  /**
   * Returns the executor for the plugin's own work; plugins start no threads. It is bounded and
   * shared: tasks should end soon. What still runs when the plugin has stopped is interrupted.
   */
  ScheduledExecutorService executor();

  /** Returns the configuration under {@code dw.plugin.ID.}. */
  PluginConfig config();

  /** Returns the secrets under {@code dw.plugin.ID.}, named without that prefix. */
  SecretManager secrets();

  /** Returns the plugin's own durable map. */
  KernelStorage storage();

  /** Returns the bus. What the plugin registered there is taken off when it stops. */
  MessageBus bus();

  /** Returns the maker of instruments; every name gets the plugin's id as a tag. */
  Metrics metrics();

  /**
   * Returns the cluster; empty where the kernel works alone. For the few plugins that do something
   * else then.
   */
  Optional<ClusterContext> cluster();

  /**
   * Returns the cluster, or the cluster of one that a kernel working alone is: never empty, always
   * the same object. For all plugins that need not care.
   */
  ClusterContext clusterOrLocal();

  /**
   * Returns the plugin's own circuits, for what it calls outside of the warehouse; always the same
   * object. The bus has its own.
   */
  CircuitBreaker circuitBreaker();

  /**
   * Returns the plugin's own compartments; always the same object. What waits runs on its threads.
   */
  BulkheadIsolation bulkheads();

  /** Returns whether a running plugin provides the capability. */
  boolean provides(CapabilityName capability);
}
