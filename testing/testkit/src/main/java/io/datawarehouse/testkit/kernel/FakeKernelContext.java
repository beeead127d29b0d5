package io.datawarehouse.testkit.kernel;

import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.kernel.KernelContext;
import io.datawarehouse.sdk.kernel.OperatingMode;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.testkit.cluster.FakeCluster;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * A context for one plugin in a test: real threads, but few; a clock that stands still; everything
 * else in memory and open to the test. Close it after the plugin was stopped. Thread-safe.
 */
public final class FakeKernelContext implements KernelContext, AutoCloseable {

  private static final int THREADS = 2;
  private static final NodeId NODE = new NodeId("test");

  private final Path rootPath;
  private final System.Logger logger;
  private final MapPluginConfig config;
  private final ManualClock clock = new ManualClock();
  private final FakeCluster cluster = new FakeCluster(NODE, clock);
  private final MapSecrets secrets = new MapSecrets();
  private final InMemoryKernelStorage storage = new InMemoryKernelStorage();
  private final DirectMessageBus bus = new DirectMessageBus();
  private final RecordingMetrics metrics = new RecordingMetrics();
  private final HeldCircuits circuits = new HeldCircuits();
  private final OpenCompartments compartments = new OpenCompartments();
  private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(THREADS);
  private final Set<CapabilityName> provided = ConcurrentHashMap.newKeySet();

  /**
   * Makes a context.
   *
   * @param pluginId the plugin's id
   * @param rootPath an empty directory, or that of an earlier run
   * @param config the plugin's configuration, names without the prefix
   */
  public FakeKernelContext(String pluginId, Path rootPath, Map<String, String> config) {
    this.rootPath = rootPath;
    this.config = new MapPluginConfig(pluginId, config);
    this.logger = System.getLogger("test." + pluginId);
  }

  /** Says that a running plugin provides the capability. */
  public void provide(CapabilityName capability) {
    provided.add(capability);
  }

  /** Returns this context with another bus, for tests that need what a real one does. */
  public KernelContext on(MessageBus otherBus) {
    return new ContextOnBus(this, otherBus);
  }

  @Override
  public NodeId nodeId() {
    return NODE;
  }

  @Override
  public OperatingMode mode() {
    return cluster.clustered() ? OperatingMode.CLUSTERED : OperatingMode.STANDALONE;
  }

  @Override
  public Path rootPath() {
    return rootPath;
  }

  @Override
  public System.Logger logger() {
    return logger;
  }

  @Override
  public ManualClock clock() {
    return clock;
  }

  @Override
  public ScheduledExecutorService executor() {
    return executor;
  }

  @Override
  public MapPluginConfig config() {
    return config;
  }

  /** Returns the plugin's secrets, none until the test sets some. */
  @Override
  public MapSecrets secrets() {
    return secrets;
  }

  @Override
  public InMemoryKernelStorage storage() {
    return storage;
  }

  @Override
  public DirectMessageBus bus() {
    return bus;
  }

  @Override
  public RecordingMetrics metrics() {
    return metrics;
  }

  @Override
  public Optional<ClusterContext> cluster() {
    return Optional.<ClusterContext>of(cluster).filter(ClusterContext::clustered);
  }

  /** Returns the cluster, of one node until the test adds others. */
  @Override
  public FakeCluster clusterOrLocal() {
    return cluster;
  }

  /** Returns circuits that open only when the test holds them open. */
  @Override
  public HeldCircuits circuitBreaker() {
    return circuits;
  }

  /** Returns compartments that are full only when the test says so. */
  @Override
  public OpenCompartments bulkheads() {
    return compartments;
  }

  @Override
  public boolean provides(CapabilityName capability) {
    return provided.contains(capability);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
