package io.datawarehouse.kernel.boot;

import io.datawarehouse.kernel.audit.AuditEvent;
import io.datawarehouse.kernel.audit.AuditTrail;
import io.datawarehouse.kernel.balance.AgreedOrders;
import io.datawarehouse.kernel.balance.BalancingOffice;
import io.datawarehouse.kernel.blob.BlobCluster;
import io.datawarehouse.kernel.blob.BlobService;
import io.datawarehouse.kernel.blob.ForeignCopies;
import io.datawarehouse.kernel.blob.OwnSegmentsChange;
import io.datawarehouse.kernel.blob.OwnedKeys;
import io.datawarehouse.kernel.blob.ShardingChange;
import io.datawarehouse.kernel.blob.ShardingPlans;
import io.datawarehouse.kernel.bus.DeadLetterSink;
import io.datawarehouse.kernel.bus.LocalMessageBus;
import io.datawarehouse.kernel.capability.RunningCapabilities;
import io.datawarehouse.kernel.cluster.ClusterOffice;
import io.datawarehouse.kernel.cluster.RetiredNodes;
import io.datawarehouse.kernel.cluster.SharedCluster;
import io.datawarehouse.kernel.cluster.infinispan.ClusterOptions;
import io.datawarehouse.kernel.cluster.infinispan.InfinispanCluster;
import io.datawarehouse.kernel.cluster.infinispan.Surroundings;
import io.datawarehouse.kernel.cluster.infinispan.TransportSecurity;
import io.datawarehouse.kernel.coordination.raft.RaftCoordinator;
import io.datawarehouse.kernel.coordination.raft.RaftOptions;
import io.datawarehouse.kernel.coordination.raft.RaftSurroundings;
import io.datawarehouse.kernel.detector.ClusterHealthMonitor;
import io.datawarehouse.kernel.detector.LoadSampler;
import io.datawarehouse.kernel.detector.LoadSources;
import io.datawarehouse.kernel.detector.RequestFigures;
import io.datawarehouse.kernel.federation.FederatedMessageBus;
import io.datawarehouse.kernel.heat.CopyOrigins;
import io.datawarehouse.kernel.heat.ReadCopies;
import io.datawarehouse.kernel.heat.SegmentFigures;
import io.datawarehouse.kernel.heat.SegmentHeat;
import io.datawarehouse.kernel.jgroups.ClusterTransport;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.keys.ClusterKeys;
import io.datawarehouse.kernel.keys.DecreedKeys;
import io.datawarehouse.kernel.keys.Keyring;
import io.datawarehouse.kernel.metric.PrometheusMetrics;
import io.datawarehouse.kernel.metric.RequestTraffic;
import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.PeerAddress;
import io.datawarehouse.kernel.peer.grpc.GrpcPeerNetwork;
import io.datawarehouse.kernel.placement.KeyGate;
import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.kernel.placement.PlacementBoard;
import io.datawarehouse.kernel.placement.SegmentGate;
import io.datawarehouse.kernel.placement.SegmentSteward;
import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.kernel.placement.TableChange;
import io.datawarehouse.kernel.rebalance.PlanDecisions;
import io.datawarehouse.kernel.rebalance.PlanMove;
import io.datawarehouse.kernel.rebalance.PlansOfOne;
import io.datawarehouse.kernel.rebalance.RebalanceOffice;
import io.datawarehouse.kernel.rebalance.Rebalancing;
import io.datawarehouse.kernel.resilience.smallrye.SmallRyePeerGuard;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardMaps;
import io.datawarehouse.kernel.storage.FileKernelStorage;
import io.datawarehouse.kernel.subscription.SubscriptionDirectory;
import io.datawarehouse.kernel.trust.AuditLog;
import io.datawarehouse.kernel.trust.HmacJoinProofs;
import io.datawarehouse.kernel.trust.JoinProofs;
import io.datawarehouse.kernel.trust.JoinTokens;
import io.datawarehouse.kernel.trust.NodeTls;
import io.datawarehouse.kernel.trust.SealedNotes;
import io.datawarehouse.kernel.trust.TlsMaterial;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.JoinRequest;
import io.datawarehouse.sdk.cluster.JoinResult;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.federation.FederationHello;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.plugin.SdkVersion;
import io.datawarehouse.sdk.security.SecretManager;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes a node a member of a cluster: trust, membership, the coordinator, the bus over all nodes,
 * placement, health. Used once, by one thread; the kernel's steps take apart what it makes.
 */
final class ClusterAssembly {

  /** What a member has beyond what a node alone has. */
  record Member(
      SharedCluster cluster,
      InfinispanCluster membership,
      RaftCoordinator coordinator,
      ClusterHealthMonitor health,
      FederatedMessageBus bus,
      PlacementBoard board,
      SegmentGate gate,
      BlobCluster blobs,
      ReadCopies copies,
      DecreedKeys decrees,
      ClusterKeys keys,
      AuditLog audit) {}

  /**
   * What the node gives.
   *
   * @param directory its data directory
   * @param settings what was set
   * @param clock its clock
   * @param threads makes its threads
   * @param random draws secrets
   * @param secrets may hold the join token
   * @param keyring its own keys
   * @param metrics counts
   * @param requests the requests of clients
   * @param local the bus inside this process
   * @param deadLetters keeps events that were given up
   * @param trail records who did what
   * @param timer ticks; what it runs must be quick
   * @param workers the threads of the bus
   * @param busTimeout how long a request may take
   * @param balancing knows which strategy is in force
   * @param heat how busy segments are
   * @param copies how much this node keeps of hot segments of others
   * @param figures what segments hold, once that is known
   * @param version of the product
   * @param steps what must be undone
   */
  record Node(
      DataDirectory directory,
      ClusterSettings settings,
      Clock clock,
      ThreadFactory threads,
      SecureRandom random,
      SecretManager secrets,
      Keyring keyring,
      PrometheusMetrics metrics,
      RequestTraffic requests,
      LocalMessageBus local,
      DeadLetterSink deadLetters,
      AuditTrail trail,
      ScheduledExecutorService timer,
      Executor workers,
      Duration busTimeout,
      BalancingOffice balancing,
      SegmentHeat heat,
      ReadCopies.Settings copies,
      RunningCapabilities capabilities,
      Supplier<Optional<SegmentFigures>> figures,
      String version,
      ShutdownSteps steps) {}

  private static final System.Logger LOG = System.getLogger(ClusterAssembly.class.getName());

  /** Under which name a node speaks the coordinator's protocol in its descriptor's endpoints. */
  private static final String RAFT = "raft";

  private static final Duration LOOK_AT_TRUST = Duration.ofSeconds(5);
  private static final Duration STEWARD = Duration.ofMillis(500);
  private static final Duration DECREES = Duration.ofMillis(500);
  private static final Duration ROTATION = Duration.ofMinutes(1);
  private static final Duration LOOK_AT_ORDERS = Duration.ofSeconds(5);
  private static final Duration TEND_RANGES = Duration.ofMinutes(1);
  private static final int HOT = 1_000;
  private static final Duration RECONCILE = Duration.ofSeconds(30);

  /** A suspect may have to be connected with anew before it can object. */
  private static final Duration COORDINATOR_OBJECTION = Duration.ofSeconds(2);

  private static final Duration HAND_OVER = Duration.ofSeconds(2);
  private static final int CALLERS = 128;
  private static final int MOVERS = 6;

  /** How often what waits for a key that moves is tried again, beside whenever a gate opens. */
  private static final Duration RETRY = Duration.ofMillis(50);

  /** What blobs are: a message about one goes to the owner of its key or nowhere. */
  private static final Set<Topic> OF_ONE_BLOB =
      Set.of(StorageTopics.WRITE, StorageTopics.READ, StorageTopics.DESCRIBE, StorageTopics.DELETE);

  private final Node node;
  private final SmallRyePeerGuard guard;
  private final ClusterSettings settings;
  private final NodeId self;
  private final long incarnation;
  private final ScheduledThreadPoolExecutor chores;
  private final AtomicReference<@Nullable ReadCopies> copies = new AtomicReference<>();
  private @Nullable Rebalancing rebalancing;

  ClusterAssembly(Node node) {
    this.node = node;
    this.guard = new SmallRyePeerGuard(node.settings.guard(), System::nanoTime, node.metrics);
    this.settings = node.settings;
    this.self = node.directory.nodeId();
    this.incarnation = node.directory.nextRun(node.clock.millis());
    this.chores = new ScheduledThreadPoolExecutor(1, new NamedThreads("dw-cluster", node.threads));
    chores.setRemoveOnCancelPolicy(true);
    node.steps.add("ending the cluster's chores", chores::shutdownNow);
  }

  /**
   * Joins the cluster.
   *
   * @throws WarehouseException {@code BOOT_FAILED} where the cluster does not let the node in, or
   *     not in time
   */
  Member join() {
    AuditLog audit = new AuditLog(node.clock, AuditLog.Options.standard(), recordedIn(node.trail));
    JoinTokens tokens =
        JoinTokens.open(
            new JoinTokens.Options(
                settings.tokenFile(), true, node.secrets, node.random, node.clock, audit));
    HmacJoinProofs proofs = newProofs(tokens, audit);
    Optional<TlsMaterial> tls = newTls(tokens, audit);
    AtomicReference<@Nullable ClusterHealthMonitor> healthLater = new AtomicReference<>();
    SealedNotes notes = new SealedNotes(settings.name(), tokens, node.clock, node.random);
    InfinispanCluster membership = newMembership(proofs, notes, tls, healthLater);
    LoadSampler load = newLoadSampler();
    ClusterHealthMonitor health = newHealth(membership, load);
    healthLater.set(health);
    PlacementBoard board = new PlacementBoard(membership);
    node.steps.add("closing the placement", board::close);
    NodePort.Held raftPort = hold(settings.coordinationPort());
    NodePort.Held ownBusPort = hold(settings.busPort());
    RaftCoordinator coordinator = newCoordinator(membership, proofs, tls, raftPort.number());
    SharedCluster cluster =
        new SharedCluster(membership, health, coordinator::leadership, board::placement);
    ShardMaps maps = new ShardMaps();
    FederatedMessageBus bus =
        newBus(cluster, membership, health, load, maps, proofs, tls, portOfBus(ownBusPort));
    ReadCopies hotCopies = newCopies(membership, board, maps, bus);
    letGo(ownBusPort);
    int busPort = bus.listen();
    enter(membership, busPort, raftPort.number());
    bus.start();
    letGo(raftPort);
    coordinator.start();
    followMembers(membership, coordinator);
    followOrders(bus, coordinator);
    board.follow(coordinator);
    SegmentGate gate = new SegmentGate(self, board, storage("kernel.segments"));
    BlobCluster blobs =
        new BlobCluster(
            membership,
            coordinator,
            bus,
            board,
            maps,
            this::planSharding,
            gate,
            new OwnedKeys(board, maps, coordinator),
            new KeyGate(System::nanoTime),
            new ForeignCopies(),
            storage("kernel.buckets"),
            settings.agreementTimeout(),
            Optional.of(hotCopies));
    DecreedKeys decrees = newDecrees(coordinator, hotCopies);
    ClusterKeys keys = newKeys(membership, board, bus, decrees);
    return new Member(
        cluster,
        membership,
        coordinator,
        health,
        bus,
        board,
        gate,
        blobs,
        hotCopies,
        decrees,
        keys,
        audit);
  }

  /**
   * Lets the node take part in plans that move blobs. Called before it answers for blobs: it may
   * have to hold some back from before a restart.
   */
  void move(Member member, BlobService blobs) {
    ThreadPoolExecutor movers =
        new ThreadPoolExecutor(
            0,
            MOVERS,
            1,
            TimeUnit.MINUTES,
            new SynchronousQueue<>(),
            new NamedThreads("dw-moves", node.threads));
    node.steps.add("ending the threads of moves", movers::shutdownNow);
    Rebalancing moves =
        new Rebalancing(
            new Rebalancing.Options(
                member.membership,
                member.coordinator,
                member.blobs.ownership(),
                member.bus,
                member.blobs.gate(),
                blobs.copies(),
                member.blobs.foreign(),
                member.blobs.copies(),
                List.of(TableChange.KIND, ShardingChange.KIND, OwnSegmentsChange.KIND),
                storage("kernel.moves"),
                node.clock,
                System::nanoTime,
                movers,
                () -> HexFormat.of().toHexDigits(node.random.nextLong()),
                node.metrics,
                (what, by, plan) -> member.audit.done(what, by, "plan " + plan, ""),
                rules(member),
                Rebalancing.Settings.of(
                    settings.rebalanceBytesPerSecond(),
                    settings.rebalanceGrace(),
                    settings.agreementTimeout())));
    node.steps.add("ending moves", moves::close);
    moves.register(member.bus.view(KernelAssembly.KERNEL));
    rebalancing = moves;
  }

  /**
   * Done on the workers: the chores' thread must not wait for other nodes. Not while a plan runs:
   * it would end where a bucket's keys are divided in another way.
   */
  private void tendRanges(BlobService blobs) {
    LoadBalancingConfig config = node.balancing.inForce().settings().config();
    Rebalancing moves = rebalancing;
    boolean still = moves == null || moves.idle();
    if (still && config.sharding().automatic() && node.balancing.actsByItself()) {
      node.workers.execute(
          () -> blobs.tendRanges(config.sharding().hotShardThreshold().orElse(HOT)));
    }
  }

  private String planSharding(OwnershipChange change, List<ShardingPlans.Move> moves) {
    return plans()
        .preview(
            change,
            moves.stream()
                .map(
                    move ->
                        new PlanMove(
                            move.segment(),
                            move.from(),
                            move.to(),
                            move.bytes(),
                            change.bucket().filter(bucket -> ShardMap.isOwn(move.segment()))))
                .toList(),
            change.bucket().map(bucket -> "sharding of bucket " + bucket).orElse("sharding"))
        .id();
  }

  /** When plans are made without an operator. */
  private Rebalancing.Rules rules(Member member) {
    return new Rebalancing.Rules(
        node.balancing::actsByItself,
        () -> node.balancing.inForce().settings().config().rebalancing().minimumInterval(),
        () -> node.balancing.inForce().settings().config().rebalancing().mostMovedPercent(),
        member.health::brake,
        () -> held(node.figures.get().map(SegmentFigures::everything)));
  }

  private static Rebalancing.Held held(Optional<SegmentFigures.All> figures) {
    Map<BucketName, Map<Integer, Long>> own = new HashMap<>();
    figures.map(SegmentFigures.All::own).orElse(List.of()).stream()
        .flatMap(each -> each.figure().stream().map(figure -> Map.entry(each.place(), figure)))
        .forEach(
            each ->
                each.getValue()
                    .bytes()
                    .ifPresent(
                        bytes ->
                            own.computeIfAbsent(each.getKey().bucket(), bucket -> new HashMap<>())
                                .put(each.getKey().segment(), bytes)));
    return new Rebalancing.Held(
        figures.map(SegmentFigures.All::segments).orElse(List.of()).stream()
            .map(SegmentFigures.SegmentFigure::bytes)
            .toList(),
        own);
  }

  /** Returns why plans were made without an operator, or none; asks the leader, and waits. */
  PlanDecisions decisions() {
    return rebalancing == null
        ? PlansOfOne.decisions(self, node.clock.instant())
        : rebalancing.decisions();
  }

  /** Returns who makes and steers plans. */
  RebalanceOffice plans() {
    return rebalancing == null ? new PlansOfOne() : rebalancing.office();
  }

  /** Takes part from now on: the plugins run and the blobs are there. */
  ClusterOffice open(Member member, BlobService blobs) {
    Rebalancing moves = rebalancing;
    SegmentSteward steward =
        new SegmentSteward(
            new SegmentSteward.Options(
                member.membership,
                member.coordinator,
                member.board,
                member.gate,
                blobs.inventory(),
                settings.foundingNodes(),
                settings.agreementTimeout(),
                () -> moves == null || moves.idle(),
                System::nanoTime));
    member.bus.resume();
    member.membership.describe(
        member
            .membership
            .view()
            .find(self)
            .orElseThrow()
            .descriptor()
            .providing(node.capabilities.names()));
    member.membership.activate("its plugins run");
    chores.execute(steward::tick);
    every(STEWARD, steward::tick);
    every(RETRY, blobs::retryWaiting);
    if (moves != null) {
      every(STEWARD, moves::tick);
    }
    every(RECONCILE, blobs::reconcile);
    every(DECREES, member.decrees::tick);
    every(RECONCILE, member.decrees::catchUp);
    every(TEND_RANGES, () -> tendRanges(blobs));
    var unused =
        member.coordinator.watchLeadership(
            leadership -> {
              if (leadership.available()) {
                chores.execute(steward::tick);
                chores.execute(blobs::reconcile);
              }
            });
    if (member.coordinator.leadership().available()) {
      chores.execute(blobs::reconcile);
    }
    RetiredNodes retired =
        new RetiredNodes(
            member.membership,
            member.coordinator,
            member.coordinator::remove,
            settings.agreementTimeout());
    node.steps.add("following who is given up no more", retired::close);
    return new ClusterDesk(settings.name(), member, steward, guard, retired);
  }

  /** Tells the others that this node goes, and lets another one lead. */
  void farewell(Member member) {
    member.membership.drain(self, "the node stops");
    if (member.coordinator.leadership().leads(self)) {
      try {
        var unused =
            member
                .coordinator
                .handOver(HAND_OVER)
                .toCompletableFuture()
                .get(HAND_OVER.toMillis() * 2, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException | TimeoutException e) {
        LOG.log(
            System.Logger.Level.WARNING, "nobody took over leading; the others elect somebody", e);
      }
    }
  }

  // ---- trust ---------------------------------------------------------------------------------

  /** What is told of trust and of plans is recorded with all else that was done. */
  private static AuditLog.Listener recordedIn(AuditTrail trail) {
    return (refused, what, from, target, reason) ->
        trail.record(
            AuditEvent.ofKernel(
                refused ? AuditEvent.ANONYMOUS : from,
                refused ? from : "",
                "cluster." + what.replace(' ', '.'),
                refused ? AuditEvent.Outcome.REFUSED : AuditEvent.Outcome.DONE,
                refused ? "cluster" : target,
                reason));
  }

  private HmacJoinProofs newProofs(JoinTokens tokens, AuditLog audit) {
    return new HmacJoinProofs(
        new HmacJoinProofs.Options(
            settings.name(),
            self,
            incarnation,
            HmacJoinProofs.STANDARD_TOLERANCE,
            tokens,
            node.clock,
            node.random,
            node.metrics,
            audit));
  }

  private Optional<TlsMaterial> newTls(JoinTokens tokens, AuditLog audit) {
    if (settings.plain()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "connections between nodes are plain text, as dw.cluster.transport asks for");
      every(LOOK_AT_TRUST, tokens::refresh);
      return Optional.empty();
    }
    NodeTls tls =
        new NodeTls(
            new NodeTls.Options(
                settings.name(),
                self,
                settings.certificateNames(),
                settings.certificateLife(),
                tokens,
                node.clock,
                node.random,
                node.metrics,
                audit));
    every(
        LOOK_AT_TRUST,
        () -> {
          tokens.refresh();
          tls.renewIfDue();
        });
    return Optional.of(tls);
  }

  // ---- membership and health -------------------------------------------------------------------

  private InfinispanCluster newMembership(
      JoinProofs proofs,
      SealedNotes notes,
      Optional<TlsMaterial> tls,
      AtomicReference<@Nullable ClusterHealthMonitor> health) {
    ClusterOptions standard =
        ClusterOptions.of(
            settings.bind(),
            settings.discovery(),
            tls.<TransportSecurity>map(TransportSecurity.MutualTls::new)
                .orElseGet(TransportSecurity.Plain::new));
    InfinispanCluster membership =
        new InfinispanCluster(
            describe(Map.of()),
            new ClusterOptions(
                standard.bind(),
                settings.membershipPort(),
                standard.ports(),
                standard.discovery(),
                standard.security(),
                standard.threads(),
                settings.timing()),
            new Surroundings(
                proofs,
                notes,
                node.clock,
                System::nanoTime,
                new NamedThreads("dw-members", node.threads),
                node.metrics,
                () -> {
                  ClusterHealthMonitor monitor = health.get();
                  return monitor == null || monitor.brake().isEmpty();
                },
                Kernel.class.getClassLoader()));
    node.steps.add("closing the membership", membership::close);
    return membership;
  }

  private NodeDescriptor describe(Map<String, String> endpoints) {
    return new NodeDescriptor(
        self,
        incarnation,
        settings.advertised(),
        endpoints,
        settings.place().zone(),
        settings.place().rack(),
        settings.place().weight(),
        node.version,
        node.clock.instant(),
        Set.of(),
        settings.place().labels());
  }

  private void enter(InfinispanCluster membership, int busPort, int raftPort) {
    String host = ClusterSettings.hostOf(settings.bind());
    NodeDescriptor descriptor =
        describe(
            Map.of(
                FederatedMessageBus.ENDPOINT, host + ":" + busPort, RAFT, host + ":" + raftPort));
    JoinResult joined =
        membership.join(
            new JoinRequest(settings.name(), descriptor, List.of(), settings.joinTimeout()));
    if (joined instanceof JoinResult.Refused refused) {
      throw failure("the cluster refused the node: " + refused.detail());
    }
    if (joined instanceof JoinResult.TimedOut late) {
      throw failure(
          "nobody let the node into the cluster within "
              + settings.joinTimeout()
              + ": "
              + late.detail()
              + "; how it finds others is set by dw.cluster.discovery");
    }
  }

  private LoadSampler newLoadSampler() {
    LoadSampler sampler =
        new LoadSampler(
            LoadSources.ofThisMachine(node.directory.path()),
            new RequestFigures(node.requests::active, node.requests::served, node.requests::nanos),
            System::nanoTime);
    every(LoadSampler.INTERVAL, sampler::sample);
    return sampler;
  }

  private ClusterHealthMonitor newHealth(InfinispanCluster membership, LoadSampler load) {
    ClusterHealthMonitor health =
        new ClusterHealthMonitor(
            new ClusterHealthMonitor.Options(
                membership, settings.health(), load, node.clock, System::nanoTime, node.metrics));
    node.steps.add("closing the health monitor", health::close);
    var unused =
        node.timer.scheduleAtFixedRate(
            health::tick,
            ClusterHealthMonitor.TICK.toMillis(),
            ClusterHealthMonitor.TICK.toMillis(),
            TimeUnit.MILLISECONDS);
    return health;
  }

  // ---- the coordinator -------------------------------------------------------------------------

  private RaftCoordinator newCoordinator(
      InfinispanCluster membership, JoinProofs proofs, Optional<TlsMaterial> tls, int port) {
    RaftCoordinator coordinator =
        new RaftCoordinator(
            RaftOptions.of(
                self,
                incarnation,
                node.directory.path().resolve("kernel").resolve("raft"),
                transportOfCoordinator(new InetSocketAddress(settings.bind(), port)),
                settings.foundingNodes()),
            new RaftSurroundings(
                tls.<ClusterTransport.Security>map(
                        material -> new ClusterTransport.Security.Mutual(material, proofs, RAFT))
                    .orElseGet(() -> new ClusterTransport.Security.Proven(proofs, RAFT)),
                () -> raftAddresses(membership.view()),
                new NamedThreads("dw-raft", node.threads),
                System::nanoTime,
                () -> UUID.randomUUID().toString(),
                node.metrics));
    node.steps.add("closing the coordinator", coordinator::close);
    return coordinator;
  }

  /**
   * Patient: who leads does not hang on the channel's view, but on signs of life that come much
   * more often. A busy machine must not take the view apart, which costs more than it saves.
   */
  private ClusterTransport.Options transportOfCoordinator(InetSocketAddress bind) {
    ClusterTransport.Options standard = ClusterTransport.Options.of(bind);
    return new ClusterTransport.Options(
        standard.bind(),
        standard.external(),
        settings.silence(),
        COORDINATOR_OBJECTION,
        standard.merge());
  }

  private List<InetSocketAddress> raftAddresses(ClusterView view) {
    return view.nodes().stream()
        .filter(member -> !member.id().equals(self))
        .flatMap(
            member ->
                Optional.ofNullable(member.descriptor().endpoints().get(RAFT))
                    .map(place -> PeerAddress.of(member.id(), place))
                    .stream())
        .map(place -> new InetSocketAddress(place.host(), place.port()))
        .filter(place -> !place.isUnresolved())
        .toList();
  }

  /** Who has been let in gets a vote; who was retired by an operator has none any more. */
  private static void followMembers(InfinispanCluster membership, RaftCoordinator coordinator) {
    var unused =
        membership.watch(
            change -> {
              ClusterNode changed = change.node();
              if (changed.state() == NodeState.ACTIVE) {
                coordinator.admit(changed.id());
              } else if (changed.state() == NodeState.DRAINING
                  && changed.reason().equals(ClusterOffice.RETIRED)) {
                coordinator.remove(changed.id());
              }
            });
    membership.view().active().forEach(present -> coordinator.admit(present.id()));
  }

  // ---- keys ------------------------------------------------------------------------------------

  private DecreedKeys newDecrees(RaftCoordinator coordinator, ReadCopies hotCopies) {
    DecreedKeys decrees =
        new DecreedKeys(
            new DecreedKeys.Options(
                node.keyring,
                self,
                settings.name(),
                coordinator,
                storage("kernel.decrees"),
                node.clock,
                System::nanoTime,
                node.workers,
                settings.agreementTimeout(),
                hotCopies::withoutCopies));
    node.steps.add("following no decrees on keys any more", decrees::close);
    decrees.open();
    return decrees;
  }

  private ClusterKeys newKeys(
      InfinispanCluster membership,
      PlacementBoard board,
      FederatedMessageBus bus,
      DecreedKeys decrees) {
    ClusterKeys keys =
        new ClusterKeys(
            new ClusterKeys.Options(
                self,
                () -> withKeys(membership.view(), board),
                bus,
                node.keyring,
                decrees,
                settings.agreementTimeout(),
                ROTATION));
    keys.register(bus.view(KernelAssembly.KERNEL));
    node.steps.add("answering no questions about keys any more", keys::close);
    return keys;
  }

  /** Who may have keys: whoever owns segments, also while it is away, and all who did not leave. */
  private static Set<NodeId> withKeys(ClusterView view, PlacementBoard board) {
    Set<NodeId> nodes = new TreeSet<>();
    board.table().ifPresent(table -> nodes.addAll(table.nodes()));
    view.nodes().stream()
        .filter(member -> member.state() != NodeState.LEFT)
        .forEach(member -> nodes.add(member.id()));
    return nodes;
  }

  /** What operators set for the whole cluster is followed, and the routes follow that. */
  private void followOrders(FederatedMessageBus bus, RaftCoordinator coordinator) {
    var refreshing =
        node.balancing.watch(
            () -> {
              breakCircuits();
              bus.refresh();
            });
    breakCircuits();
    node.steps.add("following the settings of balancing no more", refreshing::close);
    AgreedOrders orders = new AgreedOrders(coordinator, settings.agreementTimeout());
    node.steps.add("closing the settings of balancing", orders::close);
    every(LOOK_AT_ORDERS, orders::refresh);
    var following = node.balancing.follow(orders);
    node.steps.add("following orders of balancing no more", following::close);
  }

  private void breakCircuits() {
    guard.breaking(node.balancing.settings().breaksCircuits());
  }

  private FederatedMessageBus.Balancing balancing() {
    BalancingOffice.InForce now = node.balancing.inForce();
    return new FederatedMessageBus.Balancing(
        now.strategy(), now.settings().config(), now.settings().preferLocal(), now.affinity());
  }

  // ---- the bus ---------------------------------------------------------------------------------

  private FederatedMessageBus newBus(
      SharedCluster cluster,
      InfinispanCluster membership,
      ClusterHealthMonitor health,
      LoadSampler load,
      ShardMaps maps,
      JoinProofs proofs,
      Optional<TlsMaterial> tls,
      int port) {
    ThreadPoolExecutor callers =
        new ThreadPoolExecutor(
            0,
            CALLERS,
            1,
            TimeUnit.MINUTES,
            new SynchronousQueue<>(),
            new NamedThreads("dw-peer", node.threads));
    node.steps.add("ending the threads of other nodes' requests", callers::shutdownNow);
    ThreadPoolExecutor contents =
        new ThreadPoolExecutor(
            0,
            settings.contents(),
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            NamedThreads.daemons("dw-content", node.threads));
    node.steps.add("ending the threads of contents", contents::shutdownNow);
    FederatedMessageBus bus =
        new FederatedMessageBus(
            new FederatedMessageBus.Options(
                node.local,
                cluster,
                incarnation,
                newNetwork(proofs, tls, port, callers, contents),
                new SubscriptionDirectory(
                    new SubscriptionDirectory.Options(
                        incarnation,
                        membership.records("subscriptions"),
                        membership,
                        chores,
                        System::nanoTime,
                        node.metrics,
                        Duration.ofSeconds(2),
                        storage("kernel.subscriptions"),
                        node.clock,
                        settings.forgetAfter())),
                FederatedMessageBus::grpcAddress,
                health,
                load,
                guard,
                this::balancing,
                storage("kernel.outbox"),
                node.deadLetters,
                Json.codec(),
                node.clock,
                System::nanoTime,
                node.random,
                node.timer,
                node.workers,
                callers,
                node.metrics,
                FederatedMessageBus.Settings.defaults(node.busTimeout)
                    .withSuspectFor(settings.deadAfter())
                    .withOwnerOnly(OF_ONE_BLOB::contains, maps)
                    .withCopies((topic, key) -> answersFromCopies(maps, topic, key))
                    .withStayingLocal(ClusterAssembly::staysLocal)),
            contents);
    node.steps.add("closing the bus between nodes", bus::close);
    return bus;
  }

  /** What others keep of hot segments of this node, and this one of theirs. */
  private ReadCopies newCopies(
      ClusterMembership membership, PlacementBoard board, ShardMaps maps, FederatedMessageBus bus) {
    ReadCopies made =
        new ReadCopies(
            new ReadCopies.Options(
                self,
                "%s-%d-%x".formatted(self, incarnation, node.random.nextLong()),
                new CopyOrigins(
                    () -> board.table().isPresent() ? board.placement() : Unowned.ALL,
                    maps::find,
                    CopyOrigins.admittedIn(membership)),
                bus,
                node.heat,
                System::nanoTime,
                ReadCopies.Waiting.REAL,
                node.metrics,
                node.copies));
    copies.set(made);
    node.steps.add("giving copies of hot segments no more", made::close);
    return made;
  }

  /** What is there before anything is agreed on: nobody owns a segment. */
  private record Unowned(long topologyId, int segments, List<NodeId> nobody) implements Placement {
    private static final Placement ALL =
        new Unowned(0, SegmentTable.SEGMENTS, List.of(new NodeId("nobody")));

    @Override
    public List<NodeId> owners(int segment) {
      return nobody;
    }
  }

  private boolean answersFromCopies(ShardMaps maps, Topic topic, String affinityKey) {
    ReadCopies held = copies.get();
    int slash = affinityKey.indexOf('/');
    return held != null
        && slash > 0
        && (topic.equals(StorageTopics.READ) || topic.equals(StorageTopics.DESCRIBE))
        && held.hasAny()
        && maps.knows(affinityKey)
        && held.serves(
            BlobKey.of(affinityKey.substring(0, slash), affinityKey.substring(slash + 1)));
  }

  /** What any node answers by itself, asking others where it must. */
  static boolean staysLocal(Topic topic) {
    return topic.name().startsWith("storage.bucket.")
        || topic.equals(StorageTopics.LIST)
        || topic.equals(StorageTopics.PROBE);
  }

  private GrpcPeerNetwork newNetwork(
      JoinProofs proofs,
      Optional<TlsMaterial> tls,
      int port,
      Executor executor,
      Executor contents) {
    return new GrpcPeerNetwork(
        new GrpcPeerNetwork.Options(
            new FederationHello(
                self,
                incarnation,
                settings.name(),
                SdkVersion.CURRENT,
                FrameCodec.OLDEST_PROTOCOL,
                FrameCodec.NEWEST_PROTOCOL,
                // On one machine compressing costs more than it saves.
                settings.bind().isLoopbackAddress() ? Set.of() : Set.of(GrpcPeerNetwork.ZSTD)),
            settings.bind().getHostAddress(),
            port,
            proofs,
            tls,
            Json.codec(),
            node.clock,
            System::nanoTime,
            node.random,
            node.timer,
            executor,
            new NamedThreads("dw-grpc", node.threads),
            node.metrics,
            settings.links()),
        contents);
  }

  private KernelStorage storage(String name) {
    return FileKernelStorage.open(node.directory.path().resolve("kernel").resolve(name));
  }

  // ---- helpers ---------------------------------------------------------------------------------

  /** Does a chore again and again, one at a time, on the thread of chores. */
  void every(Duration pause, Runnable chore) {
    var unused =
        chores.scheduleWithFixedDelay(
            () -> {
              try {
                chore.run();
              } catch (RuntimeException e) {
                LOG.log(
                    System.Logger.Level.WARNING, "a chore of the cluster failed; it goes on", e);
              }
            },
            pause.toMillis(),
            pause.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /** Keeps a port from others that start at the same time until its server takes it. */
  private NodePort.Held hold(NodePort port) {
    try {
      NodePort.Held held = port.hold(settings.bind());
      node.steps.add("letting go of a port", held::close);
      return held;
    } catch (IOException e) {
      throw noPort(e);
    }
  }

  /** The bus says which port it took: any will do where the usual one is not free. */
  private int portOfBus(NodePort.Held held) {
    return held.number() == settings.busPort().wanted() ? held.number() : 0;
  }

  private void letGo(NodePort.Held held) {
    try {
      held.close();
    } catch (IOException e) {
      throw noPort(e);
    }
  }

  private WarehouseException noPort(IOException e) {
    return failure(
        "dw.cluster.bind is '" + settings.bind().getHostAddress() + "': " + e.getMessage());
  }

  private static WarehouseException failure(String reason) {
    return new WarehouseException(StandardErrorCode.BOOT_FAILED, reason);
  }
}
