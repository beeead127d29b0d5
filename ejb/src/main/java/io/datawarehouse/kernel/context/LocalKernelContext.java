package io.datawarehouse.kernel.context;

import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.kernel.KernelContext;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.kernel.OperatingMode;
import io.datawarehouse.sdk.kernel.PluginConfig;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.metric.Metrics;
import io.datawarehouse.sdk.resilience.BulkheadIsolation;
import io.datawarehouse.sdk.resilience.CircuitBreaker;
import io.datawarehouse.sdk.security.SecretManager;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;

/** What one plugin sees of the kernel. Immutable. */
record LocalKernelContext(
    PluginContexts.Options kernel,
    Path rootPath,
    System.Logger logger,
    ScheduledExecutorService executor,
    PluginConfig config,
    SecretManager secrets,
    KernelStorage storage,
    MessageBus bus,
    Metrics metrics,
    CircuitBreaker circuitBreaker,
    BulkheadIsolation bulkheads)
    implements KernelContext {

  @Override
  public NodeId nodeId() {
    return kernel.nodeId();
  }

  @Override
  public OperatingMode mode() {
    return kernel.mode();
  }

  @Override
  public Clock clock() {
    return kernel.clock();
  }

  @Override
  public Optional<ClusterContext> cluster() {
    return Optional.of(kernel.cluster()).filter(ClusterContext::clustered);
  }

  @Override
  public ClusterContext clusterOrLocal() {
    return kernel.cluster();
  }

  @Override
  public boolean provides(CapabilityName capability) {
    return kernel.capabilities().provides(capability);
  }
}
