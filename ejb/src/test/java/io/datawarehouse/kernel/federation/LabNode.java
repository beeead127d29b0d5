package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.balance.RoundRobinLoadBalancer;
import io.datawarehouse.kernel.bus.BusWorkers;
import io.datawarehouse.kernel.bus.LocalMessageBus;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.PeerAddress;
import io.datawarehouse.kernel.peer.PeerNetwork;
import io.datawarehouse.kernel.peer.grpc.GrpcPeerNetwork;
import io.datawarehouse.kernel.subscription.SubscriptionDirectory;
import io.datawarehouse.kernel.trust.JoinProofs;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.cluster.HealthEvidence;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeLoad;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.federation.FederationHello;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.plugin.SdkVersion;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** One node of a cluster in this process: a federated bus with its threads, over real sockets. */
final class LabNode implements AutoCloseable {

  /** A letter that could not be delivered. */
  record Kept(Message message, Optional<String> subscriber, WarehouseException why) {}

  /** How a node differs from the usual one. */
  static final class Plan {
    long incarnation = 1;
    KernelStorage storage = new InMemoryKernelStorage();

    /** What others were expected to hear. */
    KernelStorage heard = new InMemoryKernelStorage();

    UnaryOperator<FederatedMessageBus.Settings> settings = UnaryOperator.identity();
    UnaryOperator<GrpcPeerNetwork.Settings> network = UnaryOperator.identity();
    Function<PeerAddress, PeerAddress> detour = address -> address;
    PeerGuard guard = PeerGuard.open();
    boolean resumed = true;
    Supplier<ExecutorService> callers = Executors::newCachedThreadPool;
    Supplier<FederatedMessageBus.Balancing> balancing =
        () ->
            new FederatedMessageBus.Balancing(
                new RoundRobinLoadBalancer(), LoadBalancingConfig.of(DeploymentTier.SMB));
  }

  final NodeId id;
  final ClusterLab.Seat seat;
  final FederatedMessageBus bus;
  final PeerNetwork network;
  final RecordingMetrics metrics = new RecordingMetrics();
  final Queue<Kept> letters = new ConcurrentLinkedQueue<>();
  final Map<NodeId, Queue<HealthEvidence>> evidence = new ConcurrentHashMap<>();
  final SubscriptionDirectory directory;
  final LocalMessageBus local;
  private volatile boolean crashed;
  private final ForkJoinPool workers;
  private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
  private final ExecutorService callers;
  private final ExecutorService contents = Executors.newCachedThreadPool();

  /** Starts a node that the cluster knows at once. */
  LabNode(ClusterLab lab, Map<NodeId, Integer> ports, String name, Plan plan) {
    id = new NodeId(name);
    callers = plan.callers.get();
    workers = BusWorkers.create("bus-" + name, 4, getClass().getClassLoader());
    seat = lab.join(id, plan.incarnation, Map.of());
    local =
        new LocalMessageBus(
            new LocalMessageBus.Options(
                id,
                Clock.systemUTC(),
                Json.codec(),
                workers,
                timer,
                (message, subscriber, why) -> letters.add(new Kept(message, subscriber, why)),
                metrics,
                64L << 20,
                Duration.ofSeconds(30)));
    directory =
        new SubscriptionDirectory(
            new SubscriptionDirectory.Options(
                plan.incarnation,
                seat,
                seat.membership(),
                workers,
                System::nanoTime,
                metrics,
                Duration.ofMillis(300),
                new UntilTheCrash(plan.heard, () -> crashed),
                Clock.systemUTC(),
                Duration.ofHours(24)));
    network =
        new GrpcPeerNetwork(
            new GrpcPeerNetwork.Options(
                new FederationHello(
                    id,
                    plan.incarnation,
                    "lab",
                    SdkVersion.CURRENT,
                    FrameCodec.OLDEST_PROTOCOL,
                    FrameCodec.NEWEST_PROTOCOL,
                    Set.of(GrpcPeerNetwork.ZSTD)),
                "127.0.0.1",
                0,
                new SpokenProofs(id, plan.incarnation),
                Optional.empty(),
                Json.codec(),
                Clock.systemUTC(),
                System::nanoTime,
                new SecureRandom(),
                timer,
                callers,
                Executors.defaultThreadFactory(),
                metrics,
                plan.network.apply(
                    GrpcPeerNetwork.Settings.defaults()
                        .withHeartbeat(Duration.ofMillis(100), Duration.ofSeconds(3)))),
            contents);
    bus =
        new FederatedMessageBus(
            new FederatedMessageBus.Options(
                local,
                seat,
                plan.incarnation,
                network,
                directory,
                node ->
                    Optional.ofNullable(ports.get(node.id()))
                        .map(port -> new PeerAddress(node.id(), "127.0.0.1", port))
                        .map(plan.detour),
                (node, seen) ->
                    evidence
                        .computeIfAbsent(node, unused -> new ConcurrentLinkedQueue<>())
                        .add(seen),
                NodeLoad::idle,
                plan.guard,
                plan.balancing,
                new UntilTheCrash(plan.storage, () -> crashed),
                (message, subscriber, why) -> letters.add(new Kept(message, subscriber, why)),
                Json.codec(),
                Clock.systemUTC(),
                System::nanoTime,
                new SecureRandom(),
                timer,
                workers,
                callers,
                metrics,
                plan.settings.apply(FederatedMessageBus.Settings.defaults(Duration.ofSeconds(30)))),
            contents);
    ports.put(id, bus.start());
    // Its port is known now; the others look again.
    lab.move(id, NodeState.ACTIVE);
    if (plan.resumed) {
      bus.resume();
    }
  }

  MessageBus view(String owner) {
    return bus.view(owner);
  }

  /** Cuts the links with all others; they come up again by themselves. */
  void cutLinks() {
    ((GrpcPeerNetwork) network).cutAll();
  }

  /** Ends everything at once, as a crash does as far as one process can play it. */
  @Override
  public void close() {
    crashed = true;
    bus.close();
    timer.shutdownNow();
    callers.shutdownNow();
    contents.shutdownNow();
    workers.shutdownNow();
  }

  /** Proofs that say who made them; whoever says something else is refused. */
  record SpokenProofs(NodeId id, long incarnation) implements JoinProofs {
    @Override
    public String mint(String purpose) {
      return purpose + " " + id + " " + incarnation;
    }

    @Override
    public Verdict verify(String purpose, String proof, String from) {
      String[] parts = proof.split(" ");
      return parts.length == 3 && parts[0].equals(purpose)
          ? new Verdict.Accepted(new NodeId(parts[1]), Long.parseLong(parts[2]))
          : new Verdict.Refused("not a proof");
    }
  }
}
