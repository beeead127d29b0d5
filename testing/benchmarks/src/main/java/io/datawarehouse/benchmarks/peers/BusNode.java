package io.datawarehouse.benchmarks.peers;

import io.datawarehouse.kernel.balance.RoundRobinLoadBalancer;
import io.datawarehouse.kernel.bus.BusWorkers;
import io.datawarehouse.kernel.bus.LocalMessageBus;
import io.datawarehouse.kernel.cluster.NodeRecords;
import io.datawarehouse.kernel.federation.FederatedMessageBus;
import io.datawarehouse.kernel.federation.PeerGuard;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.metric.PrometheusMetrics;
import io.datawarehouse.kernel.peer.PeerAddress;
import io.datawarehouse.kernel.peer.PeerNetwork;
import io.datawarehouse.kernel.resilience.smallrye.SmallRyePeerGuard;
import io.datawarehouse.kernel.subscription.SubscriptionDirectory;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.NodeHealthMonitor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeLoad;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import io.datawarehouse.testkit.cluster.FakeCluster;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The bus of one node of a cluster as the product makes it: routes, deadlines, ids, breakers,
 * metrics, heartbeats. Only who belongs to the cluster, who owns what, and who handles what at the
 * others is known beforehand.
 */
public final class BusNode implements AutoCloseable {

  private static final int CONCURRENCY = 4_096;
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** What links are made with; they use these threads. */
  public record Surroundings(
      NodeId self,
      PrometheusMetrics metrics,
      ScheduledExecutorService timer,
      ExecutorService callers) {}

  /** Makes the links of a node. */
  @FunctionalInterface
  public interface Links {
    /** Makes them. */
    PeerNetwork make(Surroundings surroundings);
  }

  /**
   * Another node.
   *
   * @param id its identity
   * @param port where it is reached; 0 where it is not to be called
   * @param topics what it handles
   */
  public record Other(String id, int port, List<Topic> topics) {}

  private final ForkJoinPool workers =
      BusWorkers.create(
          "bus", Runtime.getRuntime().availableProcessors(), getClass().getClassLoader());
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService callers = Executors.newCachedThreadPool();
  private final LocalMessageBus local;
  private final FederatedMessageBus bus;

  /**
   * Makes a node that is not started.
   *
   * @param guarded whether requests go through breakers and bulkheads
   */
  public BusNode(String self, List<Other> others, Links links, boolean guarded) {
    NodeId id = new NodeId(self);
    PrometheusMetrics metrics = new PrometheusMetrics();
    this.local =
        new LocalMessageBus(
            new LocalMessageBus.Options(
                id,
                Clock.systemUTC(),
                Json.codec(),
                workers,
                timer,
                (message, subscriber, why) -> {},
                metrics,
                64L << 20,
                TIMEOUT));
    PeerGuard guard =
        guarded
            ? new SmallRyePeerGuard(
                new SmallRyePeerGuard.Settings(
                    new CircuitBreakerSettings(5, Duration.ofSeconds(30), 1), CONCURRENCY),
                System::nanoTime,
                metrics)
            : PeerGuard.open();
    ClusterContext cluster = new Fixed(id, others);
    Map<NodeId, Integer> ports =
        others.stream().collect(Collectors.toMap(other -> new NodeId(other.id), Other::port));
    this.bus =
        new FederatedMessageBus(
            new FederatedMessageBus.Options(
                local,
                cluster,
                1,
                links.make(new Surroundings(id, metrics, timer, callers)),
                new SubscriptionDirectory(
                    new SubscriptionDirectory.Options(
                        1,
                        new Known(others),
                        cluster.membership(),
                        workers,
                        System::nanoTime,
                        metrics,
                        Duration.ofHours(1),
                        new InMemoryKernelStorage(),
                        Clock.systemUTC(),
                        Duration.ofHours(24))),
                node ->
                    ports.getOrDefault(node.id(), 0) == 0
                        ? Optional.empty()
                        : Optional.of(
                            new PeerAddress(node.id(), "127.0.0.1", ports.get(node.id()))),
                (node, evidence) -> {},
                NodeLoad::idle,
                guard,
                () ->
                    new FederatedMessageBus.Balancing(
                        new RoundRobinLoadBalancer(), LoadBalancingConfig.of(DeploymentTier.SMB)),
                new InMemoryKernelStorage(),
                (message, subscriber, why) -> {},
                Json.codec(),
                Clock.systemUTC(),
                System::nanoTime,
                new SecureRandom(),
                timer,
                workers,
                callers,
                metrics,
                FederatedMessageBus.Settings.defaults(TIMEOUT)));
  }

  /** Returns the bus over all nodes. */
  public FederatedMessageBus bus() {
    return bus;
  }

  /** Returns the bus of this node alone. */
  public LocalMessageBus local() {
    return local;
  }

  @Override
  public void close() {
    bus.close();
    timer.shutdownNow();
    callers.shutdownNow();
    workers.shutdownNow();
  }

  /** What the others say of themselves, known beforehand. */
  private record Known(List<Other> others) implements NodeRecords {
    @Override
    public void publish(String record) {}

    @Override
    public Map<NodeId, String> snapshot() {
      return others.stream()
          .filter(other -> !other.topics.isEmpty())
          .collect(Collectors.toMap(other -> new NodeId(other.id), Known::record));
    }

    private static String record(Other other) {
      return "{\"incarnation\":1,\"version\":1,\"topics\":[%s],\"patterns\":[]}"
          .formatted(
              other.topics.stream()
                  .map(topic -> '"' + topic.name() + '"')
                  .collect(Collectors.joining(",")));
    }

    @Override
    public Watch watch(Consumer<NodeId> listener) {
      return () -> {};
    }
  }

  /** A cluster that stays as it is, with a table of segments like the one that nodes agree on. */
  private static final class Fixed implements ClusterContext {

    private final FakeCluster cluster;
    private final Placement placement;

    Fixed(NodeId self, List<Other> others) {
      cluster = new FakeCluster(self, Clock.systemUTC());
      cluster.add(others.stream().map(Other::id).toArray(String[]::new));
      placement = new Table(cluster.placement());
    }

    @Override
    public NodeId localNodeId() {
      return cluster.localNodeId();
    }

    @Override
    public boolean clustered() {
      return cluster.clustered();
    }

    @Override
    public ClusterMembership membership() {
      return cluster.membership();
    }

    @Override
    public NodeHealthMonitor health() {
      return cluster.health();
    }

    @Override
    public Leadership leadership() {
      return cluster.leadership();
    }

    @Override
    public Placement placement() {
      return placement;
    }
  }

  private record Table(long topologyId, List<List<NodeId>> all) implements Placement {

    Table(Placement source) {
      this(
          source.topologyId(),
          IntStream.range(0, source.segments()).mapToObj(source::owners).toList());
    }

    @Override
    public int segments() {
      return all.size();
    }

    @Override
    public List<NodeId> owners(int segment) {
      return all.get(segment);
    }
  }
}
