package io.datawarehouse.testkit.kernel;

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

/** A context of which only the bus is another. Immutable. */
record ContextOnBus(FakeKernelContext rest, MessageBus bus) implements KernelContext {

  @Override
  public NodeId nodeId() {
    return rest.nodeId();
  }

  @Override
  public OperatingMode mode() {
    return rest.mode();
  }

  @Override
  public Path rootPath() {
    return rest.rootPath();
  }

  @Override
  public System.Logger logger() {
    return rest.logger();
  }

  @Override
  public Clock clock() {
    return rest.clock();
  }

  @Override
  public ScheduledExecutorService executor() {
    return rest.executor();
  }

  @Override
  public PluginConfig config() {
    return rest.config();
  }

  @Override
  public SecretManager secrets() {
    return rest.secrets();
  }

  @Override
  public KernelStorage storage() {
    return rest.storage();
  }

  @Override
  public Metrics metrics() {
    return rest.metrics();
  }

  @Override
  public Optional<ClusterContext> cluster() {
    return rest.cluster();
  }

  @Override
  public ClusterContext clusterOrLocal() {
    return rest.clusterOrLocal();
  }

  @Override
  public CircuitBreaker circuitBreaker() {
    return rest.circuitBreaker();
  }

  @Override
  public BulkheadIsolation bulkheads() {
    return rest.bulkheads();
  }

  @Override
  public boolean provides(CapabilityName capability) {
    return rest.provides(capability);
  }
}
