package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.cluster.FakeAgreement;
import io.datawarehouse.kernel.heat.CopyOrigins;
import io.datawarehouse.kernel.heat.CopyShelf;
import io.datawarehouse.kernel.heat.HeatRules;
import io.datawarehouse.kernel.heat.HotSegments;
import io.datawarehouse.kernel.heat.HotShardOffice;
import io.datawarehouse.kernel.heat.HotShards;
import io.datawarehouse.kernel.heat.LeasePlace;
import io.datawarehouse.kernel.heat.ReadCopies;
import io.datawarehouse.kernel.heat.SegmentHeat;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.kernel.placement.KeyGate;
import io.datawarehouse.kernel.placement.PlacementBoard;
import io.datawarehouse.kernel.placement.SegmentGate;
import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardMaps;
import io.datawarehouse.kernel.sharding.ShardingChoice;
import io.datawarehouse.sdk.balance.Aggressiveness;
import io.datawarehouse.sdk.balance.ShardingScheme;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.ByteRange;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.StorageMessages.BlobRead;
import io.datawarehouse.sdk.blob.StorageMessages.BlobWritten;
import io.datawarehouse.sdk.blob.StorageMessages.ChangeSharding;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBlob;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBlob;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.sharding.ShardingOptions;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three nodes of which one owns a hot segment and the others keep copies, in a manual time. */
class BlobCopiesTest {

  private static final BucketName BUCKET = new BucketName("photos");
  private static final String KEY = "hot";
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final int THRESHOLD = 10;
  private static final int LARGEST = 100_000;

  private final ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final AtomicLong nanos = new AtomicLong(5);
  private final FakeAgreement agreement = new FakeAgreement(new NodeId("node-1"));
  private final Map<NodeId, Node> nodes = new LinkedHashMap<>();
  private final Set<NodeId> away = ConcurrentHashMap.newKeySet();
  private volatile HeatRules rules = rules(true);
  private int copyBytes = 1 << 20;

  /** What holders were given for a copy, in the order in which they asked. */
  private final List<Boolean> filled = new ArrayList<>();

  private Runnable beforeFilling = () -> {};
  private final int segment = Placement.hashed(new BlobKey(BUCKET, KEY));
  private final List<NodeId> handled = new ArrayList<>();

  private static HeatRules rules(boolean acts) {
    return new HeatRules(
        true,
        OptionalInt.of(THRESHOLD),
        false,
        Aggressiveness.AGGRESSIVE,
        Duration.ofSeconds(10),
        Duration.ofMinutes(5),
        10,
        acts);
  }

  /** One node: a bus of its own, a store of its own, and the agreement that all share. */
  private final class Node {

    final NodeId id;
    final FakeStore store = new FakeStore();
    final FakeBus bus = new FakeBus();
    final FakeCluster cluster;
    final ShardMaps maps = new ShardMaps();
    final SegmentHeat heat = new SegmentHeat(nanos::get);
    final ReadCopies copies;
    final HotSegments hot;
    final HotShardOffice office;

    Node(String name) {
      id = new NodeId(name);
      cluster = new FakeCluster(id, clock);
      List<String> others = new ArrayList<>(List.of("node-1", "node-2", "node-3"));
      others.remove(name);
      cluster.add(others.toArray(String[]::new));
      PlacementBoard board = new PlacementBoard(cluster.membership());
      board.follow(agreement);
      copies =
          new ReadCopies(
              new ReadCopies.Options(
                  id,
                  name,
                  new CopyOrigins(
                      board::placement, maps::find, CopyOrigins.admittedIn(cluster.membership())),
                  BlobCopiesTest.this::requestAt,
                  heat,
                  nanos::get,
                  BlobCopiesTest.this::await,
                  new RecordingMetrics(),
                  new ReadCopies.Settings(Duration.ofSeconds(2), copyBytes, LARGEST)));
      hot =
          new HotSegments(
              new HotSegments.Options(
                  id,
                  board::placement,
                  this::active,
                  heat,
                  Optional.of(copies),
                  () -> rules,
                  clock,
                  nanos::get,
                  new RecordingMetrics()));
      office =
          new HotShardOffice(
              new HotShardOffice.Options(
                  id, this::active, BlobCopiesTest.this::requestAt, hot, () -> rules, LIMIT));
      copies.register(bus);
      office.register(bus);
      BlobService.clustered(
              new BlobService.Options(
                  store,
                  "fake",
                  id,
                  clock,
                  new RecordingMetrics(),
                  Runnable::run,
                  ContentPipelines.none(),
                  () -> ShardingScheme.HASH,
                  heat),
              new BlobCluster(
                  cluster.membership(),
                  agreement,
                  BlobCopiesTest.this::requestAt,
                  board,
                  maps,
                  ShardingPlans.none(),
                  new SegmentGate(id, board, new InMemoryKernelStorage()),
                  new OwnedKeys(board, maps, agreement),
                  new KeyGate(nanos::get),
                  new ForeignCopies(),
                  new InMemoryKernelStorage(),
                  LIMIT,
                  Optional.of(copies)))
          .register(bus);
    }

    private List<NodeId> active() {
      return cluster.membership().view().active().stream().map(ClusterNode::id).toList();
    }
  }

  @BeforeEach
  void start() {
    for (String name : List.of("node-1", "node-2", "node-3")) {
      nodes.put(new NodeId(name), new Node(name));
    }
    List<ClusterNode> members =
        nodes.get(new NodeId("node-1")).cluster.membership().view().active();
    agreement.propose(
        new ClusterCommand.Put(
            SegmentTable.ADDRESS, SegmentTable.spread(members).toText(), OptionalLong.empty()),
        LIMIT);
    any()
        .bus
        .request(
            Message.command(
                    StorageTopics.BUCKET_CREATE,
                    Payload.of(new CreateBucket(BUCKET, BucketSettings.none())))
                .build());
    pass(Duration.ofSeconds(3));
  }

  /** Makes all nodes anew, after their settings were changed. */
  private void restart() {
    nodes.clear();
    start();
  }

  private Node any() {
    return nodes.get(new NodeId("node-1"));
  }

  private Node owner() {
    return nodes.values().stream().filter(this::owns).findFirst().orElseThrow();
  }

  private boolean owns(Node node) {
    SegmentTable table =
        SegmentTable.parse(
            agreement
                .read(SegmentTable.ADDRESS, new ReadConsistency.Latest())
                .toCompletableFuture()
                .join()
                .orElseThrow()
                .value());
    return table.owner(segment).equals(node.id);
  }

  private List<Node> others() {
    return nodes.values().stream().filter(node -> !owns(node)).toList();
  }

  // ---- time and messages ------------------------------------------------------------------------

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
    clock.advance(time);
  }

  /** Who waits for an answer that does not come waits in the manual time. */
  private boolean await(Semaphore answers, long left) {
    if (answers.tryAcquire()) {
      return true;
    }
    pass(Duration.ofNanos(left));
    return false;
  }

  private CompletionStage<Reply> requestAt(NodeId node, Message message) {
    if (message.topic().equals(NodeBlobs.FILL)) {
      beforeFilling.run();
      return requestThere(node, message)
          .thenApply(
              reply -> {
                filled.add(reply.as(NodeBlobs.Filled.class).copy());
                return reply;
              });
    }
    return requestThere(node, message);
  }

  private CompletionStage<Reply> requestThere(NodeId node, Message message) {
    return away.contains(node)
        ? CompletableFuture.failedFuture(
            new WarehouseException(StandardErrorCode.UNAVAILABLE, node + " is away"))
        : nodes
            .get(node)
            .bus
            .request(message)
            .thenApply(reply -> reply.delivered(node, Json.codec()));
  }

  private void tick() {
    pass(Duration.ofMillis(500));
    nodes.values().forEach(node -> node.hot.tick());
    nodes.values().forEach(node -> node.copies.tick());
  }

  // ---- clients ----------------------------------------------------------------------------------

  /** What a client of a node gets: the bus asks the node itself where it may answer. */
  private Reply ask(Node node, Message.Builder message) {
    NodeId target = node.copies.serves(new BlobKey(BUCKET, KEY)) ? node.id : owner().id;
    Reply reply = await(requestAt(target, message.build()));
    handled.add(reply.handledBy().orElseThrow());
    return reply;
  }

  private static Reply await(CompletionStage<Reply> reply) {
    try {
      return reply.toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof WarehouseException known) {
        throw known;
      }
      throw e;
    }
  }

  private Reply read(Node node, ReadBlob query) {
    return ask(node, Message.query(StorageTopics.READ, Payload.of(query)));
  }

  private String read(Node node) {
    return text(read(node, new ReadBlob(BUCKET, KEY, Optional.empty(), ReadCondition.none())));
  }

  private static String text(Reply reply) {
    try (Content content = reply.content().orElseThrow()) {
      return new String(content.stream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private BlobManifest write(String text) {
    return writeAt(KEY, text);
  }

  private BlobManifest writeAt(String key, String text) {
    return await(
            requestAt(
                owner().id,
                Message.command(
                        StorageTopics.WRITE,
                        Payload.of(
                            new WriteBlob(
                                BUCKET,
                                key,
                                "text/plain",
                                Map.of(),
                                List.of(),
                                WriteCondition.none(),
                                Optional.empty())))
                    .content(Content.of(Bytes.utf8(text), "text/plain"))
                    .build()))
        .as(BlobWritten.class)
        .manifest();
  }

  private void delete() {
    await(
        requestAt(
            owner().id,
            Message.command(
                    StorageTopics.DELETE,
                    Payload.of(
                        new DeleteBlob(BUCKET, KEY, WriteCondition.none(), Optional.empty())))
                .build()));
  }

  /** Reads at the owner, often, until the others may have copies. */
  private void heatUp() {
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 50; j++) {
        read(owner());
      }
      tick();
    }
  }

  private HotShards.Shard shard() {
    return any().office.all(false).shards().stream()
        .filter(found -> found.segment() == segment)
        .findFirst()
        .orElseThrow();
  }

  private static void assertCode(ErrorCode code, Runnable work) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code()).as(e.detail()).isEqualTo(code));
  }

  // ---- tests ------------------------------------------------------------------------------------

  @Test
  void othersServeCopiesOfAHotSegmentEvenWhileTheOwnerIsAway() {
    write("content");
    heatUp();
    others().forEach(node -> assertThat(read(node)).isEqualTo("content"));
    assertThat(shard().state()).isEqualTo(HotShards.State.HOT);
    away.add(owner().id);

    for (Node node : others()) {
      assertThat(node.copies.serves(new BlobKey(BUCKET, KEY))).isTrue();
      handled.clear();
      assertThat(read(node)).isEqualTo("content");
      assertThat(handled).containsExactly(node.id);
    }

    // Without the owner nobody may serve for longer than a lease.
    pass(Duration.ofSeconds(2));
    others().forEach(node -> assertCode(StandardErrorCode.UNAVAILABLE, () -> read(node)));
  }

  private Optional<ShardingOptions> pinned(String prefix) {
    return Optional.of(
        Json.read(
            "{\"entries\": [{\"prefix\": \"%s\", \"node\": \"%s\"}]}"
                .formatted(prefix, owner().id)
                .getBytes(StandardCharsets.UTF_8),
            ShardingOptions.class));
  }

  @Test
  void othersServeCopiesOfWhatADirectoryLeavesToTheHash() {
    any()
        .bus
        .request(
            Message.command(
                    StorageTopics.BUCKET_SHARDING,
                    Payload.of(new ChangeSharding(BUCKET, "directory", pinned("pinned/"))))
                .build())
        .toCompletableFuture()
        .join();
    write("content");
    heatUp();
    others().forEach(node -> assertThat(read(node)).isEqualTo("content"));

    for (Node node : others()) {
      handled.clear();
      assertThat(read(node)).isEqualTo("content");
      assertThat(handled).containsExactly(node.id);
    }
    write("new");
    others().forEach(node -> assertThat(read(node)).isEqualTo("new"));
  }

  @Test
  void copiesGoFromNodesThatMayNotHoldTheKeyAnyMore() {
    write("content");
    heatUp();
    others().forEach(node -> assertThat(read(node)).isEqualTo("content"));
    BlobKey key = new BlobKey(BUCKET, KEY);
    CopyShelf.Source before = new CopyShelf.Source(owner().id, LeasePlace.hashed(segment));
    assertThat(others()).allMatch(node -> node.copies.find(key, segment, before).isPresent());

    // The key is bound to the node where it lies, so that nothing moves and the leases run on.
    ShardMap bound = ShardMap.layOn(BUCKET, ShardingChoice.of("directory", pinned("")), owner().id);
    for (Node node : nodes.values()) {
      node.maps.put(BUCKET, bound, 99);
      node.maps.tell();
    }
    tick();

    assertThat(others()).allMatch(node -> node.copies.leases().contains(before));
    assertThat(others()).noneMatch(node -> node.copies.serves(key));
    assertThat(others()).allMatch(node -> node.copies.find(key, segment, before).isEmpty());
  }

  @Test
  void nobodyServesCopiesOfAColdSegment() {
    write("content");
    for (int i = 0; i < 10; i++) {
      read(owner());
      tick();
    }

    others().forEach(node -> assertThat(node.copies.serves(new BlobKey(BUCKET, KEY))).isFalse());
    assertThat(any().office.all(false).shards()).isEmpty();
  }

  @Test
  void aChangeIsSeenAtOnceEverywhere() {
    write("content 0");
    heatUp();
    for (int round = 1; round < 30; round++) {
      others().forEach(this::read);
      String text = "content " + round;

      BlobManifest manifest = write(text);

      for (Node node : others()) {
        assertThat(
                ask(
                        node,
                        Message.query(
                            StorageTopics.DESCRIBE, Payload.of(new DescribeBlob(BUCKET, KEY))))
                    .as(BlobManifest.class)
                    .etag())
            .isEqualTo(manifest.etag());
        assertThat(read(node)).isEqualTo(text);
        assertThat(read(node)).isEqualTo(text);
      }
      if (round % 5 == 0) {
        heatUp();
      }
    }
    assertThat(handled).as("nodes that answered").containsAll(nodes.keySet());
  }

  @Test
  void whatIsDeletedIsGoneEverywhere() {
    write("content");
    heatUp();
    others().forEach(this::read);

    delete();

    others().forEach(node -> assertCode(StandardErrorCode.NO_SUCH_BLOB, () -> read(node)));
  }

  @Test
  void aChangeWaitsForTheLeaseOfAHolderThatDoesNotAnswer() {
    write("old");
    heatUp();
    others().forEach(this::read);
    Node lost = others().get(0);
    away.add(lost.id);
    long before = nanos.get();

    write("new");

    assertThat(Duration.ofNanos(nanos.get() - before))
        .isBetween(Duration.ofMillis(500), Duration.ofSeconds(2));
    assertThat(lost.copies.serves(new BlobKey(BUCKET, KEY))).isFalse();
    assertThat(read(lost)).isEqualTo("new");
    assertThat(read(others().get(1))).isEqualTo("new");
    // Nobody waits for it a second time.
    long then = nanos.get();
    write("newer");
    assertThat(nanos.get()).isEqualTo(then);
  }

  @Test
  void anOwnerThatHasJustStartedWaitsForTheLeasesOfItsLifeBefore() {
    Node fresh = new Node(owner().id.value());
    long before = nanos.get();

    fresh.copies.recall(new BlobKey(BUCKET, KEY), List.of(LeasePlace.hashed(segment))).close();

    assertThat(Duration.ofNanos(nanos.get() - before)).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void copiesAnswerRangesAndConditionsLikeTheOwner() {
    BlobManifest manifest = write("0123456789");
    heatUp();
    Node holder = others().get(0);
    read(holder);
    List<ReadBlob> queries = new ArrayList<>();
    for (Optional<ByteRange> range :
        List.of(
            Optional.<ByteRange>empty(),
            Optional.of(new ByteRange(OptionalLong.of(2), OptionalLong.of(4))),
            Optional.of(new ByteRange(OptionalLong.of(7), OptionalLong.empty())),
            Optional.of(new ByteRange(OptionalLong.empty(), OptionalLong.of(3))),
            Optional.of(new ByteRange(OptionalLong.of(50), OptionalLong.of(60))))) {
      for (List<String> match :
          List.of(List.<String>of(), List.of(manifest.etag()), List.of("x"))) {
        for (List<String> noneMatch :
            List.of(List.<String>of(), List.of(manifest.etag()), List.of("x"))) {
          ReadCondition condition =
              new ReadCondition(
                  match,
                  noneMatch,
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty());
          queries.add(new ReadBlob(BUCKET, KEY, range, condition));
        }
      }
    }

    for (ReadBlob query : queries) {
      handled.clear();
      assertThat(outcome(holder, query)).isEqualTo(outcome(owner(), query));
      assertThat(handled).isSubsetOf(holder.id, owner().id);
    }
    assertThat(queries).hasSize(45);
  }

  /** Everything that can be told of an answer. */
  private List<Object> outcome(Node node, ReadBlob query) {
    try {
      Reply reply = read(node, query);
      BlobRead read = reply.as(BlobRead.class);
      return List.of(
          read.outcome(),
          read.manifest(),
          read.offset(),
          read.length(),
          reply.content().isPresent() ? text(reply) : "nothing");
    } catch (WarehouseException e) {
      return List.of(e.code(), e.detail());
    }
  }

  @Test
  void largeBlobsAreServedByTheOwnerAlone() {
    String large = "x".repeat(LARGEST + 1);
    write(large);
    heatUp();
    Node holder = others().get(0);
    handled.clear();

    assertThat(read(holder)).isEqualTo(large);
    assertThat(read(holder)).isEqualTo(large);

    assertThat(handled).containsOnly(owner().id);
  }

  @Test
  void aSmallPartOfALargeBlobIsPassedOnWithoutACopy() {
    write("x".repeat(CopyReads.PART + 1));
    heatUp();
    Node holder = others().get(0);
    ReadBlob part =
        new ReadBlob(BUCKET, KEY, Optional.of(ByteRange.of(5, 6)), ReadCondition.none());

    assertThat(text(read(holder, part))).isEqualTo("xx");
    assertThat(filled).containsExactly(false);
    read(holder);
    assertThat(filled).containsExactly(false, true);

    write("x".repeat(CopyReads.PART));
    assertThat(text(read(holder, part))).isEqualTo("xx");
    assertThat(filled).containsExactly(false, true, true);
  }

  @Test
  void whatAHolderCouldNotKeepIsNotSentAsACopy() {
    copyBytes = 5_000;
    restart();
    write("x".repeat(5_000));
    heatUp();
    assertThat(read(others().get(0))).hasSize(5_000);

    assertThat(filled).containsExactly(false);
  }

  @Test
  void moreKeysAtOnceThanCopiesMayTakeArePassedOn() {
    copyBytes = LARGEST + 10_000;
    restart();
    String other = keyBeside();
    write("content");
    writeAt(other, "other");
    heatUp();
    Node holder = others().get(0);
    List<String> meanwhile = new ArrayList<>();
    beforeFilling =
        () -> {
          if (meanwhile.isEmpty()) {
            meanwhile.add("asked");
            meanwhile.add(text(read(holder, whole(other))));
          }
        };

    assertThat(read(holder)).isEqualTo("content");

    assertThat(meanwhile).containsExactly("asked", "other");
    // The one that came second found no room.
    assertThat(filled).containsExactly(false, true);
    assertThat(text(read(holder, whole(other)))).isEqualTo("other");
    assertThat(filled).containsExactly(false, true, true);
  }

  private static ReadBlob whole(String key) {
    return new ReadBlob(BUCKET, key, Optional.empty(), ReadCondition.none());
  }

  /** Returns another key of the same segment. */
  private String keyBeside() {
    return IntStream.range(0, 100_000)
        .mapToObj(i -> "key-" + i)
        .filter(key -> Placement.hashed(new BlobKey(BUCKET, key)) == segment)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void copiesEndWhenTheSegmentCools() {
    write("content");
    heatUp();
    others().forEach(this::read);
    assertThat(shard().measure()).isEqualTo("copies");
    assertThat(shard().holders()).hasSize(2);

    for (int i = 0; i < 200; i++) {
      tick();
    }

    others().forEach(node -> assertThat(node.copies.leases()).isEmpty());
    assertThat(any().office.all(false).shards()).isEmpty();
    handled.clear();
    others().forEach(this::read);
    assertThat(handled).containsOnly(owner().id);
  }

  @Test
  void readsFromCopiesKeepTheSegmentHot() {
    write("content");
    heatUp();

    for (int i = 0; i < 60; i++) {
      for (Node node : others()) {
        for (int j = 0; j < 10; j++) {
          read(node);
        }
      }
      tick();
    }

    assertThat(shard().state()).isEqualTo(HotShards.State.HOT);
    assertThat(shard().requestsPerSecond()).isBetween(30.0, 50.0);
    // One request of eight is looked at, by chance; without those of the holders nothing is left.
    HotShards.Key key = any().office.all(true).keys().orElseThrow().get(0);
    assertThat(key.key()).isEqualTo(KEY);
    assertThat(key.owner()).isEqualTo(owner().id);
    assertThat(key.requestsPerSecond()).isBetween(15.0, 80.0);
    assertThat(owner().heat.traffic().rates(segment).bytes())
        .isBetween(30.0 * "content".length(), 50.0 * "content".length());
  }

  @Test
  void inManualModeHotSegmentsAreShownAndNothingIsDone() {
    rules = rules(false);
    write("content");
    heatUp();

    assertThat(shard().state()).isEqualTo(HotShards.State.HOT);
    assertThat(shard().measure()).isEqualTo("none");
    assertThat(shard().measureBecause()).isEqualTo("the mode is manual");
    others().forEach(node -> assertThat(node.copies.serves(new BlobKey(BUCKET, KEY))).isFalse());
  }

  @Test
  void aChangeOfTheModeActsAtOnce() {
    write("content");
    heatUp();
    others().forEach(node -> assertThat(node.copies.serves(new BlobKey(BUCKET, KEY))).isTrue());

    rules = rules(false);
    tick();

    others().forEach(node -> assertThat(node.copies.serves(new BlobKey(BUCKET, KEY))).isFalse());
  }

  @Test
  void whenAKeyIsDestroyedNobodyServesWhatItProtected() {
    write("content");
    heatUp();
    others().forEach(this::read);

    String done =
        owner()
            .copies
            .withoutCopies(
                () -> {
                  others()
                      .forEach(
                          node ->
                              assertThat(node.copies.serves(new BlobKey(BUCKET, KEY))).isFalse());
                  tick();
                  others()
                      .forEach(
                          node ->
                              assertThat(node.copies.serves(new BlobKey(BUCKET, KEY))).isFalse());
                  return "destroyed";
                });

    assertThat(done).isEqualTo("destroyed");
    heatUp();
    handled.clear();
    others().forEach(this::read);
    assertThat(handled).as("who has copies again").isNotEmpty();
    owner().store.contentFilter =
        stream -> {
          throw new WarehouseException(StandardErrorCode.KEY_DESTROYED, "gone");
        };
    owner().copies.withoutCopies(() -> "destroyed again");
    others().forEach(node -> assertCode(StandardErrorCode.KEY_DESTROYED, () -> read(node)));
  }

  @Test
  void segmentsThatMostlyChangeGetNoCopies() {
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 50; j++) {
        write("content " + j);
      }
      tick();
    }

    assertThat(shard().state()).isEqualTo(HotShards.State.HOT);
    assertThat(shard().measure()).isEqualTo("none");
    others().forEach(node -> assertThat(node.copies.serves(new BlobKey(BUCKET, KEY))).isFalse());
  }

  @Test
  void keysAreShownToThoseWhoMaySeeThem() {
    write("content");
    heatUp();

    assertThat(any().office.all(false).keys()).isEmpty();
    HotShards.Key first = any().office.all(true).keys().orElseThrow().get(0);
    assertThat(first.key()).isEqualTo(KEY);
    assertThat(first.owner()).isEqualTo(owner().id);
  }
}
