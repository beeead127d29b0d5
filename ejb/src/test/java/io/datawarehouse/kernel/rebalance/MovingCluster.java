package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.blob.BlobCluster;
import io.datawarehouse.kernel.blob.BlobService;
import io.datawarehouse.kernel.blob.FakeBus;
import io.datawarehouse.kernel.blob.FakeStore;
import io.datawarehouse.kernel.blob.ForeignCopies;
import io.datawarehouse.kernel.blob.OwnSegmentsChange;
import io.datawarehouse.kernel.blob.OwnedKeys;
import io.datawarehouse.kernel.blob.ShardingChange;
import io.datawarehouse.kernel.blob.ShardingPlans;
import io.datawarehouse.kernel.cluster.FakeAgreement;
import io.datawarehouse.kernel.heat.CopyOrigins;
import io.datawarehouse.kernel.heat.HeatRules;
import io.datawarehouse.kernel.heat.HotSegments;
import io.datawarehouse.kernel.heat.OwnSegments;
import io.datawarehouse.kernel.heat.ReadCopies;
import io.datawarehouse.kernel.heat.SegmentHeat;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.kernel.placement.KeyGate;
import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.kernel.placement.PlacementBoard;
import io.datawarehouse.kernel.placement.SegmentGate;
import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.kernel.placement.TableChange;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardMaps;
import io.datawarehouse.sdk.balance.Aggressiveness;
import io.datawarehouse.sdk.balance.ShardingScheme;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.StorageMessages.BlobListing;
import io.datawarehouse.sdk.blob.StorageMessages.BlobWritten;
import io.datawarehouse.sdk.blob.StorageMessages.BucketDescription;
import io.datawarehouse.sdk.blob.StorageMessages.ChangeSharding;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBlob;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBucket;
import io.datawarehouse.sdk.blob.StorageMessages.ListBlobs;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.ShardingChanged;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.testkit.cluster.FakeCluster;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import io.datawarehouse.testkit.kernel.ManualClock;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Nodes in one thread that agree with each other and move blobs, without a network between. Every
 * message between them passes a hook, so that a test can act in the middle of anything.
 */
final class MovingCluster {

  static final BucketName BUCKET = new BucketName("photos");
  static final Duration GRACE = Duration.ofMinutes(10);
  static final Duration INTERVAL = Duration.ofMinutes(30);
  static final Duration QUIET = Duration.ofMillis(5);
  static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration STEP = Duration.ofMillis(500);

  final ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final AtomicLong common = new AtomicLong();
  final FakeAgreement agreement;
  final ClusterCoordinator coordinator;
  final Map<NodeId, Node> nodes = new LinkedHashMap<>();
  final Set<NodeId> away = ConcurrentHashMap.newKeySet();
  final List<String> audit = new ArrayList<>();

  /** Whether plans are made without being asked. */
  volatile boolean actsByItself;

  /** How much of all bytes such a plan may move. */
  volatile int mostMovedPercent = 100;

  /** Why nobody may be judged to be dead. */
  volatile Optional<String> brake = Optional.empty();

  /** Whether it is known how much nodes hold. */
  volatile boolean counted = true;

  /** Called with every message from one node's kernel to another, before it arrives; may throw. */
  BiConsumer<NodeId, Message> beforeArrival = (node, message) -> {};

  /** Called after it was handled, before the answer arrives; may throw. */
  BiConsumer<NodeId, Message> beforeAnswer = (node, message) -> {};

  private final AtomicLong ids = new AtomicLong();
  private final Optional<HeatRules> heatRules;

  MovingCluster(int count) {
    this(count, new FakeAgreement(new NodeId("node-1")));
  }

  private MovingCluster(int count, FakeAgreement agreement) {
    this(count, agreement, agreement, Optional.empty());
  }

  /** Makes a cluster whose nodes keep copies of what is hot elsewhere. */
  static MovingCluster withCopies(int count, int threshold) {
    FakeAgreement agreement = new FakeAgreement(new NodeId("node-1"));
    return new MovingCluster(count, agreement, agreement, Optional.of(hotOver(threshold)));
  }

  /** Returns rules by which what gets so many requests a second is hot within a second. */
  static HeatRules hotOver(int threshold) {
    return new HeatRules(
        true,
        OptionalInt.of(threshold),
        false,
        Aggressiveness.AGGRESSIVE,
        Duration.ofSeconds(10),
        Duration.ofMinutes(5),
        10,
        true);
  }

  /**
   * Makes a cluster.
   *
   * @param coordinator how the nodes see the agreement
   */
  MovingCluster(int count, FakeAgreement agreement, ClusterCoordinator coordinator) {
    this(count, agreement, coordinator, Optional.empty());
  }

  /**
   * Makes a cluster.
   *
   * @param coordinator how the nodes see the agreement
   * @param heatRules what is hot, of which other nodes keep copies then; empty for no copies
   */
  MovingCluster(
      int count,
      FakeAgreement agreement,
      ClusterCoordinator coordinator,
      Optional<HeatRules> heatRules) {
    this.heatRules = heatRules;
    this.agreement = agreement;
    this.coordinator = coordinator;
    List<String> names = IntStream.rangeClosed(1, count).mapToObj(i -> "node-" + i).toList();
    names.forEach(name -> nodes.put(new NodeId(name), new Node(name, names)));
    List<ClusterNode> members = node(1).cluster.membership().view().active();
    agreement.propose(
        new ClusterCommand.Put(
            SegmentTable.ADDRESS, SegmentTable.spread(members).toText(), OptionalLong.empty()),
        LIMIT);
    node(1)
        .ask(
            Message.command(
                StorageTopics.BUCKET_CREATE,
                Payload.of(new CreateBucket(BUCKET, BucketSettings.none()))));
  }

  /** One node. What is on its disk outlives a restart. */
  final class Node {

    final NodeId id;
    final FakeCluster cluster;
    final FakeStore store = new FakeStore();
    final InMemoryKernelStorage registered = new InMemoryKernelStorage();
    final InMemoryKernelStorage records = new InMemoryKernelStorage();
    final RecordingMetrics metrics = new RecordingMetrics();
    FakeBus bus = new FakeBus();
    PlacementBoard board;
    ShardMaps maps = new ShardMaps();
    KeyGate gate;
    BlobService service;
    Rebalancing moves;

    /** Its own, but where leases run: they need clocks that do not run apart. */
    final AtomicLong ticker = heatRules.isPresent() ? common : new AtomicLong();

    SegmentHeat heat = new SegmentHeat(ticker::get);
    Optional<ReadCopies> copies = Optional.empty();
    private Optional<HotSegments> hot = Optional.empty();

    Node(String name, List<String> names) {
      id = new NodeId(name);
      cluster = new FakeCluster(id, clock);
      cluster.add(names.stream().filter(other -> !other.equals(name)).toArray(String[]::new));
      start();
    }

    private String planSharding(OwnershipChange change, List<ShardingPlans.Move> shown) {
      return moves
          .office()
          .preview(
              change,
              shown.stream()
                  .map(move -> new PlanMove(move.segment(), move.from(), move.to(), move.bytes()))
                  .toList(),
              "test")
          .id();
    }

    private void start() {
      bus = new FakeBus();
      board = new PlacementBoard(cluster.membership());
      board.follow(coordinator);
      gate = new KeyGate(ticker::get);
      maps = new ShardMaps();
      OwnedKeys ownership = new OwnedKeys(board, maps, coordinator);
      ForeignCopies foreign = new ForeignCopies();
      heat = new SegmentHeat(ticker::get);
      copies = heatRules.map(rules -> newCopies());
      hot = heatRules.map(this::newHot);
      copies.ifPresent(made -> made.register(bus));
      service =
          BlobService.clustered(
              new BlobService.Options(
                  store,
                  "fake",
                  id,
                  clock,
                  metrics,
                  Runnable::run,
                  ContentPipelines.none(),
                  () -> ShardingScheme.HASH,
                  heat),
              new BlobCluster(
                  cluster.membership(),
                  coordinator,
                  MovingCluster.this::requestAt,
                  board,
                  maps,
                  this::planSharding,
                  new SegmentGate(id, board, new InMemoryKernelStorage()),
                  ownership,
                  gate,
                  foreign,
                  registered,
                  LIMIT,
                  copies));
      moves =
          new Rebalancing(
              new Rebalancing.Options(
                  cluster.membership(),
                  coordinator,
                  ownership,
                  MovingCluster.this::requestAt,
                  gate,
                  service.copies(),
                  foreign,
                  copies,
                  List.of(TableChange.KIND, ShardingChange.KIND, OwnSegmentsChange.KIND),
                  records,
                  clock,
                  ticker::get,
                  Runnable::run,
                  () -> "plan-" + ids.incrementAndGet(),
                  metrics,
                  (what, by, plan) -> audit.add(what + " by " + by + ": " + plan),
                  new Rebalancing.Rules(
                      () -> actsByItself,
                      () -> INTERVAL,
                      () -> mostMovedPercent,
                      () -> brake,
                      MovingCluster.this::held),
                  new Rebalancing.Settings(
                      0, GRACE, LIMIT, LIMIT, Duration.ofSeconds(2), QUIET, PATIENCE)));
      moves.register(bus);
      service.register(bus);
    }

    private ReadCopies newCopies() {
      return new ReadCopies(
          new ReadCopies.Options(
              id,
              id + "-" + ids.incrementAndGet(),
              new CopyOrigins(
                  board::placement, maps::find, CopyOrigins.admittedIn(cluster.membership())),
              MovingCluster.this::requestAt,
              heat,
              ticker::get,
              this::waitFor,
              metrics,
              ReadCopies.Settings.defaults()));
    }

    /**
     * Who waits for an answer that does not come waits in the manual time; meanwhile all go on
     * asking for leases, and giving them.
     */
    private boolean waitFor(Semaphore answers, long left) {
      if (answers.tryAcquire()) {
        return true;
      }
      ticker.addAndGet(Math.min(left, STEP.toNanos()));
      nodes.values().stream()
          .filter(node -> !away.contains(node.id))
          .forEach(node -> node.copies.ifPresent(ReadCopies::tick));
      return false;
    }

    private HotSegments newHot(HeatRules rules) {
      return new HotSegments(
          new HotSegments.Options(
              id,
              board::placement,
              OwnSegments.of(maps, () -> false),
              () -> cluster.membership().view().active().stream().map(ClusterNode::id).toList(),
              CopyOrigins.admittedIn(cluster.membership()),
              heat,
              copies,
              () -> rules,
              clock,
              ticker::get,
              metrics));
    }

    /** Ends the node's process and begins another one with the same disk. */
    void restart() {
      moves.close();
      service.close();
      board.close();
      start();
      service.reconcile();
    }

    void tick() {
      moves.tick();
      service.retryWaiting();
      hot.ifPresent(HotSegments::tick);
      copies.ifPresent(ReadCopies::tick);
    }

    Reply ask(Message.Builder message) {
      return await(bus.request(message.build()).toCompletableFuture());
    }
  }

  Node node(int number) {
    return nodes.get(new NodeId("node-" + number));
  }

  CompletableFuture<Reply> requestAt(NodeId node, Message message) {
    try {
      beforeArrival.accept(node, message);
      if (away.contains(node)) {
        throw new WarehouseException(StandardErrorCode.UNAVAILABLE, node + " is away");
      }
      CompletableFuture<Reply> reply =
          nodes.get(node).bus.request(overTheWire(message)).toCompletableFuture();
      beforeAnswer.accept(node, message);
      return reply.thenApply(told -> overTheWire(told).delivered(node, Json.codec()));
    } catch (WarehouseException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** What arrives is what a codec makes of it. */
  private static Message overTheWire(Message message) {
    return message.copy().payload(overTheWire(message.payload())).build();
  }

  private static Reply overTheWire(Reply reply) {
    Payload payload = overTheWire(reply.payload());
    return reply.content().map(content -> Reply.of(payload, content)).orElse(Reply.of(payload));
  }

  private static Payload overTheWire(Payload payload) {
    return Payload.encoded(Payload.JSON, payload.toBytes(Json.codec()), Json.codec());
  }

  static Reply await(CompletableFuture<Reply> reply) {
    try {
      return reply.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof WarehouseException known) {
        throw known;
      }
      throw e;
    }
  }

  /** Lets time pass and all nodes do what is due. */
  void round() {
    until(1, () -> false);
  }

  /** Goes on until something is so, and not one step further. */
  void until(BooleanSupplier so) {
    if (!until(200, so)) {
      throw new AssertionError("it did not come about");
    }
  }

  private boolean until(int rounds, BooleanSupplier so) {
    for (int i = 0; i < rounds; i++) {
      clock.advance(STEP);
      common.addAndGet(STEP.toNanos());
      for (Node node : nodes.values()) {
        if (heatRules.isEmpty()) {
          node.ticker.addAndGet(STEP.toNanos());
        }
        if (!away.contains(node.id)) {
          node.tick();
        }
        if (so.getAsBoolean()) {
          return true;
        }
      }
    }
    return false;
  }

  /** Goes on until a plan is in a state. */
  void until(String plan, PlanState state) {
    for (int i = 0; i < 200; i++) {
      if (state(plan) == state) {
        return;
      }
      round();
    }
    throw new AssertionError("plan is " + node(1).moves.office().plan(plan));
  }

  PlanState state(String plan) {
    return node(1).moves.office().plan(plan).state();
  }

  /** Lets time pass in which nobody does anything. */
  void pass(Duration time) {
    clock.advance(time);
    common.addAndGet(time.toNanos());
    if (heatRules.isEmpty()) {
      nodes.values().forEach(node -> node.ticker.addAndGet(time.toNanos()));
    }
  }

  /** How much is in each segment, at its owner. */
  private Rebalancing.Held held() {
    long[] bytes = new long[SegmentTable.SEGMENTS];
    ShardMap map = node(1).maps.find(BUCKET).orElse(ShardMap.HASHED);
    Map<Integer, Long> own = new HashMap<>();
    map.own().forEach(each -> own.put(each.segment(), 0L));
    for (Node node : nodes.values()) {
      for (BlobManifest manifest : manifests(node)) {
        int segment = map.segmentOf(BUCKET, manifest.key());
        if (ownerByMap(node(1).id, manifest.key()).equals(node.id)) {
          if (ShardMap.isOwn(segment)) {
            own.merge(segment, manifest.size(), Long::sum);
          } else {
            bytes[segment] += manifest.size();
          }
        }
      }
    }
    return new Rebalancing.Held(
        Arrays.stream(bytes)
            .mapToObj(each -> counted ? OptionalLong.of(each) : OptionalLong.empty())
            .toList(),
        Map.of(BUCKET, own));
  }

  private static List<BlobManifest> manifests(Node node) {
    List<BlobManifest> manifests = new ArrayList<>();
    if (node.store.findBucket(BUCKET).isPresent()) {
      try (ManifestCursor cursor = node.store.openCursor(BUCKET)) {
        for (Optional<BlobManifest> next = cursor.next(); next.isPresent(); next = cursor.next()) {
          manifests.add(next.get());
        }
      }
    }
    return manifests;
  }

  SegmentTable table() {
    return node(1).board.table().orElseThrow();
  }

  // ---- buckets with segments of their own
  // ---------------------------------------------------------------------------

  /** Asks for another sharding; returns the plan, where one is needed. */
  Optional<String> reshard(String scheme, String options) {
    return node(2)
        .ask(
            Message.command(
                StorageTopics.BUCKET_SHARDING,
                Payload.of(
                    new ChangeSharding(
                        BUCKET,
                        scheme,
                        Optional.of(
                            Json.read(
                                options.replace('\'', '"').getBytes(StandardCharsets.UTF_8),
                                ShardingOptions.class))))))
        .as(ShardingChanged.class)
        .plan();
  }

  /** Returns where the keys of the bucket lie, as a node knows it. */
  ShardMap map(int node) {
    return node(node).maps.find(BUCKET).orElseThrow();
  }

  /** Returns who owns a key by the bucket's map, as a node knows it. */
  NodeId ownerByMap(NodeId node, String key) {
    Node asked = nodes.get(node);
    return asked.maps.owner(new BlobKey(BUCKET, key).affinityKey(), asked.board.placement());
  }

  /** Writes through whoever owns the key by the bucket's map. */
  void writeByMap(String key, String text) {
    Reply unused = await(begin(ownerByMap(node(1).id, key), writing(key, text), key));
  }

  /** Replaces the map of the bucket at one stroke, as a division by itself does. */
  void putMap(ShardMap map) {
    editBucket(
        text -> {
          Map<String, Object> form = new LinkedHashMap<>();
          Map<?, ?> read = Json.read(text.getBytes(StandardCharsets.UTF_8), Map.class);
          read.forEach((field, value) -> form.put(String.valueOf(field), value));
          form.put("shards", map.form());
          return new String(Json.write(form), StandardCharsets.UTF_8);
        });
  }

  /** Changes what the cluster agreed on about the bucket. */
  void editBucket(UnaryOperator<String> edit) {
    RegistryEntry.Address address = new RegistryEntry.Address("buckets", BUCKET.value());
    RegistryEntry entry =
        agreement
            .read(address, new ReadConsistency.Latest())
            .toCompletableFuture()
            .join()
            .orElseThrow();
    var unused =
        agreement.propose(
            new ClusterCommand.Put(
                address, edit.apply(entry.value()), OptionalLong.of(entry.version())),
            LIMIT);
  }

  private RegistryEntry agreed(RegistryEntry.Address address) {
    return agreement
        .read(address, new ReadConsistency.Local(Duration.ofDays(1)))
        .toCompletableFuture()
        .join()
        .orElseThrow();
  }

  /** Returns who owns a key by what is agreed on, whatever nodes have heard of that. */
  NodeId agreedOwner(String key) {
    Map<?, ?> form =
        Json.read(
            agreed(new RegistryEntry.Address("buckets", BUCKET.value()))
                .value()
                .getBytes(StandardCharsets.UTF_8),
            Map.class);
    ShardMap map =
        Optional.ofNullable(form.get("shards"))
            .map(shards -> ShardMap.of(Json.read(Json.write(shards), ShardMap.Form.class)))
            .orElse(ShardMap.HASHED);
    int segment = map.segmentOf(BUCKET, key);
    return ShardMap.isOwn(segment)
        ? Optional.ofNullable(map.owner(segment)).orElseThrow()
        : SegmentTable.parse(agreed(SegmentTable.ADDRESS).value()).owner(segment);
  }

  /** Has all nodes see another one in a state. */
  void see(String node, NodeState state) {
    nodes.values().forEach(each -> each.cluster.move(node, state, "the test"));
  }

  /** Has all nodes see another one in a zone. */
  void see(String node, String zone) {
    nodes
        .values()
        .forEach(
            each ->
                each.cluster.add(
                    NodeDescriptor.of(new NodeId(node), node + ":9000", "test", clock.instant())
                        .inZone(zone)));
  }

  int segment(String key) {
    return node(1).board.placement().segmentOf(new BlobKey(BUCKET, key).affinityKey());
  }

  NodeId owner(String key) {
    return table().owner(segment(key));
  }

  // ---- what clients do
  // ---------------------------------------------------------------------------

  CompletableFuture<Reply> begin(NodeId at, Message.Builder message, String key) {
    return requestAt(at, message.affinityKey(new BlobKey(BUCKET, key).affinityKey()).build());
  }

  static Message.Builder writing(String key, String text) {
    return Message.command(
            StorageTopics.WRITE,
            Payload.of(
                new WriteBlob(
                    BUCKET,
                    key,
                    "text/plain",
                    Map.of("of", key),
                    List.of(),
                    WriteCondition.none(),
                    Optional.empty())))
        .content(Content.of(Bytes.utf8(text), "text/plain"));
  }

  static Message.Builder deleting(String key) {
    return Message.command(
        StorageTopics.DELETE,
        Payload.of(new DeleteBlob(BUCKET, key, WriteCondition.none(), Optional.empty())));
  }

  static Message.Builder reading(String key) {
    return Message.query(
        StorageTopics.READ,
        Payload.of(new ReadBlob(BUCKET, key, Optional.empty(), ReadCondition.none())));
  }

  BlobManifest write(String key, String text) {
    return await(begin(owner(key), writing(key, text), key)).as(BlobWritten.class).manifest();
  }

  void delete(String key) {
    Reply unused = await(begin(owner(key), deleting(key), key));
  }

  static String textOf(Reply reply) {
    try (Content content = reply.content().orElseThrow()) {
      return new String(content.stream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads a blob by asking a certain node first; empty where there is none. */
  Optional<String> read(NodeId at, String key) {
    try {
      return Optional.of(textOf(await(begin(at, reading(key), key))));
    } catch (WarehouseException e) {
      if (e.code() == StandardErrorCode.NO_SUCH_BLOB) {
        return Optional.empty();
      }
      throw e;
    }
  }

  List<String> list(Node node) {
    return node
        .ask(
            Message.query(
                StorageTopics.LIST,
                Payload.of(new ListBlobs(BUCKET, "", Optional.empty(), Optional.empty(), 1_000))))
        .as(BlobListing.class)
        .blobs()
        .stream()
        .map(BlobManifest::key)
        .toList();
  }

  long count(Node node) {
    return node.ask(
            Message.query(StorageTopics.BUCKET_DESCRIBE, Payload.of(new DescribeBucket(BUCKET))))
        .as(BucketDescription.class)
        .usage()
        .blobCount();
  }

  static long stored(Node node) {
    return node.store.usage(BUCKET).blobCount();
  }
}
