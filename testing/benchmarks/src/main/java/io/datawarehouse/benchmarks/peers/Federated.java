package io.datawarehouse.benchmarks.peers;

import io.datawarehouse.kernel.balance.RoundRobinLoadBalancer;
import io.datawarehouse.kernel.bus.BusWorkers;
import io.datawarehouse.kernel.bus.LocalMessageBus;
import io.datawarehouse.kernel.cluster.NodeRecords;
import io.datawarehouse.kernel.federation.FederatedMessageBus;
import io.datawarehouse.kernel.federation.PeerGuard;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.metric.PrometheusMetrics;
import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.PeerAddress;
import io.datawarehouse.kernel.peer.grpc.GrpcPeerNetwork;
import io.datawarehouse.kernel.subscription.SubscriptionDirectory;
import io.datawarehouse.kernel.trust.JoinProofs;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeLoad;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.federation.FederationHello;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.HandlerOptions.Execution;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.plugin.SdkVersion;
import io.datawarehouse.testkit.cluster.FakeCluster;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The federated bus of the product as a node has it: routes, deadlines, ids, metrics, heartbeats.
 * Only who belongs to the cluster is known beforehand.
 */
final class Federated implements Peer {

  private static final Topic TOPIC = Topic.of("bench.echo");
  private static final String[] KEYS = new String[256];

  static {
    for (int i = 0; i < KEYS.length; i++) {
      KEYS[i] = "bucket/key-" + i;
    }
  }

  private final Execution execution;
  private final boolean keyed;
  private final ForkJoinPool workers =
      BusWorkers.create(
          "bus", Runtime.getRuntime().availableProcessors(), getClass().getClassLoader());
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService callers = Executors.newCachedThreadPool();
  private final AtomicLong counter = new AtomicLong();
  private FederatedMessageBus bus;
  private MessageBus view;

  /**
   * Makes it.
   *
   * @param execution how the handler is run
   * @param keyed whether requests have an affinity key
   */
  Federated(Execution execution, boolean keyed) {
    this.execution = execution;
    this.keyed = keyed;
  }

  @Override
  public String name() {
    return "warehouse, "
        + (execution == Execution.CALLER ? "caller" : "worker")
        + (keyed ? ", by affinity key" : "");
  }

  /** What the other one says of itself, known beforehand. */
  private record Known(NodeId other) implements NodeRecords {
    @Override
    public void publish(String record) {}

    @Override
    public Map<NodeId, String> snapshot() {
      return other.value().equals("server")
          ? Map.of(
              other,
              "{\"incarnation\":1,\"version\":1,\"topics\":[\"" + TOPIC + "\"],\"patterns\":[]}")
          : Map.of();
    }

    @Override
    public Watch watch(Consumer<NodeId> listener) {
      return () -> {};
    }
  }

  private record Proofs(NodeId self, NodeId other) implements JoinProofs {
    @Override
    public String mint(String purpose) {
      return "proof";
    }

    @Override
    public Verdict verify(String purpose, String proof, String from) {
      return new Verdict.Accepted(other, 1);
    }
  }

  private int start(String self, String other, int otherPort) {
    NodeId id = new NodeId(self);
    NodeId peer = new NodeId(other);
    FakeCluster cluster = new FakeCluster(id, Clock.systemUTC());
    cluster.add(other);
    PrometheusMetrics metrics = new PrometheusMetrics();
    LocalMessageBus local =
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
                Duration.ofSeconds(30)));
    GrpcPeerNetwork network =
        new GrpcPeerNetwork(
            new GrpcPeerNetwork.Options(
                new FederationHello(
                    id,
                    1,
                    "bench",
                    SdkVersion.CURRENT,
                    FrameCodec.OLDEST_PROTOCOL,
                    FrameCodec.NEWEST_PROTOCOL,
                    Set.of()),
                "127.0.0.1",
                0,
                new Proofs(id, peer),
                Optional.empty(),
                Json.codec(),
                Clock.systemUTC(),
                System::nanoTime,
                new SecureRandom(),
                timer,
                callers,
                Executors.defaultThreadFactory(),
                metrics,
                GrpcPeerNetwork.Settings.defaults()));
    bus =
        new FederatedMessageBus(
            new FederatedMessageBus.Options(
                local,
                cluster,
                1,
                network,
                new SubscriptionDirectory(
                    new SubscriptionDirectory.Options(
                        1,
                        new Known(peer),
                        cluster.membership(),
                        workers,
                        System::nanoTime,
                        metrics,
                        Duration.ofHours(1))),
                node ->
                    otherPort == 0
                        ? Optional.empty()
                        : Optional.of(new PeerAddress(node.id(), "127.0.0.1", otherPort)),
                (node, evidence) -> {},
                NodeLoad::idle,
                PeerGuard.open(),
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
                FederatedMessageBus.Settings.defaults(Duration.ofSeconds(30))));
    view = bus.view("benchmark");
    return bus.start();
  }

  @Override
  public String serve() {
    int port = start("server", "client", 0);
    view.handle(
        TOPIC,
        HandlerOptions.direct()
            .withExecution(execution)
            .withConcurrency(execution == Execution.CALLER ? Integer.MAX_VALUE : 16)
            .withQueueCapacity(4096),
        MessageHandler.sync(message -> Reply.of(message.payload())));
    return String.valueOf(port);
  }

  @Override
  public void connect(String place, Duration limit) throws Exception {
    start("client", "server", Integer.parseInt(place));
    long begin = System.nanoTime();
    while (bus.linked().isEmpty()) {
      if (System.nanoTime() - begin > limit.toNanos()) {
        throw new IllegalStateException("no link");
      }
      Thread.sleep(10);
    }
  }

  @Override
  public CompletionStage<?> ask(byte[] bytes) {
    Message.Builder message = Message.command(TOPIC, Payload.of(Bytes.copyOf(bytes)));
    if (keyed) {
      message.affinityKey(KEYS[(int) counter.getAndIncrement() & KEYS.length - 1]);
    }
    return view.request(message.build());
  }

  @Override
  public void close() {
    bus.close();
    timer.shutdownNow();
    callers.shutdownNow();
    workers.shutdownNow();
  }
}
