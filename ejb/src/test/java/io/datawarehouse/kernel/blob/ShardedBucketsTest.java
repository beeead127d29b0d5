package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.cluster.FakeAgreement;
import io.datawarehouse.kernel.heat.HeatRules;
import io.datawarehouse.kernel.heat.HotSegments;
import io.datawarehouse.kernel.heat.HotShardOffice;
import io.datawarehouse.kernel.heat.OwnSegments;
import io.datawarehouse.kernel.heat.SegmentHeat;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.kernel.placement.KeyGate;
import io.datawarehouse.kernel.placement.Ownership;
import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.kernel.placement.PlacementBoard;
import io.datawarehouse.kernel.placement.SegmentGate;
import io.datawarehouse.kernel.placement.SegmentTable;
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
import io.datawarehouse.sdk.blob.StorageMessages.BucketCreated;
import io.datawarehouse.sdk.blob.StorageMessages.BucketDescription;
import io.datawarehouse.sdk.blob.StorageMessages.BucketShard;
import io.datawarehouse.sdk.blob.StorageMessages.ChangeSharding;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBlob;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBlob;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBucket;
import io.datawarehouse.sdk.blob.StorageMessages.ListBlobs;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.ShardingChanged;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
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
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Buckets of every scheme on three nodes in two regions, without a network between. */
class ShardedBucketsTest {

  private static final BucketName BUCKET = new BucketName("photos");
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final String DIRECTORY =
      "{'entries': [{'prefix': 'key-1', 'node': 'node-3'}, {'key': 'key-11', 'node': 'node-2'},"
          + " {'prefix': 'key-2', 'regions': ['eu']}]}";
  private static final String GEOGRAPHIC =
      "{'residency': {'regions': ['eu']}, 'rules': [{'prefix': 'key-1', 'zones': ['zone-2']}]}";

  /** Hot over ten requests a second for a second. */
  private static final HeatRules HEAT =
      new HeatRules(
          true,
          OptionalInt.of(10),
          false,
          Aggressiveness.AGGRESSIVE,
          Duration.ofSeconds(10),
          Duration.ofMinutes(5),
          10,
          true);

  private final ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final FakeAgreement agreement = new FakeAgreement(new NodeId("node-1"));
  private final AtomicLong nanos = new AtomicLong();
  private final Map<NodeId, Node> nodes = new LinkedHashMap<>();
  private final List<OwnershipChange> plans = new ArrayList<>();
  private final Set<NodeId> away = new HashSet<>();

  ShardedBucketsTest() {
    for (int i = 1; i <= 3; i++) {
      nodes.put(new NodeId("node-" + i), new Node("node-" + i));
    }
    agreement.propose(
        new ClusterCommand.Put(
            SegmentTable.ADDRESS,
            SegmentTable.spread(node(1).cluster.membership().view().active()).toText(),
            OptionalLong.empty()),
        LIMIT);
  }

  /** Nodes 1 and 2 stand in the region eu, 3 in us; each has a zone of its own. */
  private NodeDescriptor descriptor(String name, String region) {
    return new NodeDescriptor(
        new NodeId(name),
        1,
        name + ":9000",
        Map.of(),
        name.replace("node", "zone"),
        "",
        1,
        "test",
        clock.instant(),
        Set.of(),
        Map.of("region", region));
  }

  private final class Node {

    final NodeId id;
    final FakeCluster cluster;
    final FakeStore store = new FakeStore();
    final InMemoryKernelStorage registered = new InMemoryKernelStorage();
    FakeBus bus = new FakeBus();
    ShardMaps maps = new ShardMaps();
    PlacementBoard board;
    BlobService service;
    SegmentHeat heat = new SegmentHeat(nanos::get);
    HotSegments hot;
    HotShardOffice office;

    Node(String name) {
      id = new NodeId(name);
      cluster = new FakeCluster(id, clock);
      cluster.add(descriptor("node-1", "eu"));
      cluster.add(descriptor("node-2", "eu"));
      cluster.add(descriptor("node-3", "us"));
      start();
    }

    private void start() {
      bus = new FakeBus();
      maps = new ShardMaps();
      board = new PlacementBoard(cluster.membership());
      board.follow(agreement);
      service =
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
                  ShardedBucketsTest.this::requestAt,
                  board,
                  maps,
                  this::preview,
                  new SegmentGate(id, board, new InMemoryKernelStorage()),
                  new OwnedKeys(board, maps, agreement),
                  new KeyGate(System::nanoTime),
                  new ForeignCopies(),
                  registered,
                  LIMIT));
      service.register(bus);
      hot =
          new HotSegments(
              new HotSegments.Options(
                  id,
                  board::placement,
                  OwnSegments.of(maps, () -> true),
                  () -> List.copyOf(nodes.keySet()),
                  (residency, node) -> true,
                  heat,
                  Optional.empty(),
                  () -> HEAT,
                  clock,
                  nanos::get,
                  new RecordingMetrics()));
      office =
          new HotShardOffice(
              new HotShardOffice.Options(
                  id,
                  () -> List.copyOf(nodes.keySet()),
                  ShardedBucketsTest.this::requestAt,
                  hot,
                  () -> HEAT,
                  LIMIT));
      office.register(bus);
    }

    private String preview(OwnershipChange change, List<ShardingPlans.Move> moves) {
      assertThat(moves).allMatch(move -> move.bytes() > 0);
      plans.add(change);
      return "plan-" + plans.size();
    }

    void restart() {
      service.close();
      board.close();
      start();
    }

    Reply ask(Message.Builder message) {
      return await(bus.request(message.build()).toCompletableFuture());
    }

    Reply command(Topic topic, Object payload) {
      return ask(Message.command(topic, Payload.of(payload)));
    }

    Reply query(Topic topic, Object payload) {
      return ask(Message.query(topic, Payload.of(payload)));
    }
  }

  private CompletableFuture<Reply> requestAt(NodeId node, Message message) {
    return away.contains(node)
        ? CompletableFuture.failedFuture(
            new WarehouseException(StandardErrorCode.UNAVAILABLE, node + " is away"))
        : nodes.get(node).bus.request(message).toCompletableFuture();
  }

  private static Reply await(CompletableFuture<Reply> reply) {
    try {
      return reply.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof WarehouseException known) {
        throw known;
      }
      throw e;
    }
  }

  private Node node(int number) {
    return nodes.get(new NodeId("node-" + number));
  }

  private static BucketSettings settings(String scheme, String options) {
    return BucketSettings.none()
        .withSharding(
            scheme,
            Optional.of(
                Json.read(
                    options.replace('\'', '"').getBytes(StandardCharsets.UTF_8),
                    ShardingOptions.class)));
  }

  private BucketCreated create(String scheme, String options) {
    return node(1)
        .command(StorageTopics.BUCKET_CREATE, new CreateBucket(BUCKET, settings(scheme, options)))
        .as(BucketCreated.class);
  }

  /** Finds the owner as the bus of a node does. */
  private NodeId owner(Node asked, String key) {
    String affinity = new BlobKey(BUCKET, key).affinityKey();
    if (!asked.maps.knows(affinity)) {
      asked.maps.learn(affinity).toCompletableFuture().join();
    }
    return asked.maps.owner(affinity, asked.board.placement());
  }

  private BlobManifest write(String key) {
    return writeAt(nodes.get(owner(node(2), key)), key);
  }

  private BlobManifest writeAt(Node node, String key) {
    return node.ask(
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
                .content(Content.of(Bytes.utf8("content of " + key), "text/plain")))
        .as(BlobWritten.class)
        .manifest();
  }

  private BlobManifest describeAt(Node node, String key) {
    return node.query(StorageTopics.DESCRIBE, new DescribeBlob(BUCKET, key)).as(BlobManifest.class);
  }

  private String readAt(Node node, String key) {
    Reply reply =
        node.query(
            StorageTopics.READ, new ReadBlob(BUCKET, key, Optional.empty(), ReadCondition.none()));
    try (Content content = reply.content().orElseThrow()) {
      return new String(content.stream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> list(Node node) {
    BlobListing page =
        node.query(
                StorageTopics.LIST,
                new ListBlobs(BUCKET, "", Optional.empty(), Optional.empty(), 1000))
            .as(BlobListing.class);
    assertThat(page.missing()).isEmpty();
    return page.blobs().stream().map(BlobManifest::key).toList();
  }

  private BucketDescription describe(Node node) {
    return node.query(StorageTopics.BUCKET_DESCRIBE, new DescribeBucket(BUCKET))
        .as(BucketDescription.class);
  }

  private static void assertCode(ErrorCode code, Runnable work) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code()).as(e.detail()).isEqualTo(code));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          none       | {}
          hash       | {}
          range      | {'splits': ['key-2', 'key-4']}
          directory  | {'entries': [{'prefix': 'key-1', 'node': 'node-3'}, {'prefix': 'key-2', 'regions': ['eu']}]}
          geographic | {'residency': {'regions': ['eu']}}
          composite  | {'ways': 5, 'options': {'splits': ['key-3']}}
          """)
  void blobsLiveWithTheirOwnersOverARestart(String scheme, String options) {
    create(scheme, options);
    List<String> keys = IntStream.range(10, 60).mapToObj(i -> "key-" + i).toList();

    for (String key : keys) {
      BlobManifest manifest = write(key);
      NodeId owner = owner(node(3), key);
      assertThat(manifest.owners()).as(key).containsExactly(owner);
      for (Node node : nodes.values()) {
        // Whoever is asked, the owner answers.
        assertThat(writeAt(node, key).owners()).as(key).containsExactly(owner);
        assertThat(describeAt(node, key).owners()).as(key).containsExactly(owner);
      }
      for (Node node : nodes.values()) {
        assertThat(node.store.findManifest(new BlobKey(BUCKET, key)).isPresent())
            .as(key)
            .isEqualTo(node.id.equals(owner));
      }
    }
    nodes.values().forEach(Node::restart);

    for (Node node : nodes.values()) {
      assertThat(list(node)).isEqualTo(keys);
      assertThat(describe(node).usage().blobCount()).isEqualTo(50);
      assertThat(describe(node).settings()).isEqualTo(settings(scheme, options));
    }
    for (String key : keys) {
      Node owner = nodes.get(owner(node(1), key));
      assertThat(describeAt(owner, key).key()).isEqualTo(key);
      assertThat(readAt(owner, key)).isEqualTo("content of " + key);
      owner.command(
          StorageTopics.DELETE,
          new DeleteBlob(BUCKET, key, WriteCondition.none(), Optional.empty()));
    }
    node(2).command(StorageTopics.BUCKET_DELETE, new DeleteBucket(BUCKET));
    nodes.values().forEach(node -> assertThat(node.store.findBucket(BUCKET)).isEmpty());
    assertThat(node(1).maps.find(BUCKET)).isEmpty();
  }

  @Test
  void wholeBucketLiesOnOneNode() {
    create("none", "{}");

    assertThat(IntStream.range(0, 40).mapToObj(i -> write("key-" + i).owners()).distinct())
        .hasSize(1);
  }

  @Test
  void directoryPutsKeysWhereItSays() {
    create("directory", DIRECTORY);

    assertThat(owner(node(1), "key-12")).isEqualTo(new NodeId("node-3"));
    assertThat(owner(node(1), "key-11")).isEqualTo(new NodeId("node-2"));
    assertThat(
            IntStream.range(0, 60)
                .mapToObj(i -> owner(node(1), "key-2" + i).value())
                .distinct()
                .sorted())
        .containsExactly("node-1", "node-2");
    assertThat(
            IntStream.range(0, 100)
                .mapToObj(i -> owner(node(1), "key-3" + i).value())
                .distinct()
                .sorted())
        .containsExactly("node-1", "node-2", "node-3");
  }

  @Test
  void residencyIsKeptByTheMapAndByTheGate() {
    create("geographic", GEOGRAPHIC);

    for (int i = 0; i < 50; i++) {
      assertThat(owner(node(1), "x-" + i)).isNotEqualTo(new NodeId("node-3"));
      assertThat(owner(node(1), "key-1" + i)).isEqualTo(new NodeId("node-2"));
    }
    write("key-1");

    // A node that says something else of itself from now on holds nothing that it must not.
    nodes.values().forEach(node -> node.cluster.add(descriptor("node-2", "us")));
    assertCode(StandardErrorCode.RESIDENCY_UNSATISFIED, () -> writeAt(node(2), "key-1"));
    assertCode(StandardErrorCode.RESIDENCY_UNSATISFIED, () -> describeAt(node(2), "key-1"));
  }

  @Test
  void keysThatNoNodeMayHoldAreRefusedUntilOneComes() {
    for (Node node : nodes.values()) {
      node.cluster.move("node-3", NodeState.DEAD, "its zone burnt down");
    }
    create("geographic", "{'rules': [{'prefix': 'us/', 'regions': ['us']}]}");

    assertCode(StandardErrorCode.RESIDENCY_UNSATISFIED, () -> write("us/a"));
    assertCode(StandardErrorCode.RESIDENCY_UNSATISFIED, () -> writeAt(node(1), "us/a"));
    assertCode(StandardErrorCode.RESIDENCY_UNSATISFIED, () -> describeAt(node(1), "us/a"));
    write("eu/a");

    nodes.values().forEach(node -> node.cluster.add(descriptor("node-3", "us")));
    nodes.values().forEach(node -> node.service.reconcile());
    assertThat(write("us/a").owners()).containsExactly(new NodeId("node-3"));
  }

  @Test
  void nodesThatHaveNotHeardOfABucketFindItsOwners() {
    agreement.quiet(true);
    create("directory", "{'entries': [{'prefix': '', 'node': 'node-3'}]}");

    assertThat(write("a").owners()).containsExactly(new NodeId("node-3"));
    assertThat(list(node(2))).containsExactly("a");
    assertThat(writeAt(node(2), "a").owners()).containsExactly(new NodeId("node-3"));
  }

  @Test
  void entryThatCannotBeReadIsNotServed() {
    create("hash", "{}");
    write("a");
    agreement.propose(
        new ClusterCommand.Put(
            new RegistryEntry.Address("buckets", BUCKET.value()),
            "{\"definition\": {}}",
            OptionalLong.empty()),
        LIMIT);

    for (Node node : nodes.values()) {
      assertCode(StandardErrorCode.UNAVAILABLE, () -> describeAt(node, "a"));
    }
  }

  @Test
  void shardsAreShownWithTheirRangesAndOwners() {
    BucketDescription made = create("range", "{'splits': ['g', 'n']}").bucket();

    assertThat(describe(node(3)).shards()).isEqualTo(made.shards());
    assertThat(made.shards())
        .extracting(BucketShard::from)
        .containsExactly(Optional.empty(), Optional.of("g"), Optional.of("n"));
    assertThat(made.shards())
        .extracting(BucketShard::to)
        .containsExactly(Optional.of("g"), Optional.of("n"), Optional.empty());
    assertThat(made.shards()).allMatch(shard -> shard.segments().size() == 1);
    assertThat(write("h").segment()).isEqualTo(made.shards().get(1).segments().get(0).id());
  }

  @Test
  void sameAskingFindsTheBucketAndAnotherIsRefused() {
    create("range", "{'splits': ['g']}");

    assertThat(create("range", "{'splits': ['g']}").created()).isFalse();
    assertThatThrownBy(() -> create("range", "{'splits': ['h']}")).hasMessageContaining("sharding");
    assertThatThrownBy(() -> create("hash", "{}")).hasMessageContaining("sharding");
    assertThat(
            node(2)
                .command(
                    StorageTopics.BUCKET_CREATE, new CreateBucket(BUCKET, BucketSettings.none()))
                .as(BucketCreated.class)
                .created())
        .isFalse();
  }

  private ShardingChanged change(String scheme, String options) {
    BucketSettings wanted = settings(scheme, options);
    return node(2)
        .command(
            StorageTopics.BUCKET_SHARDING,
            new ChangeSharding(BUCKET, scheme, wanted.shardingOptions()))
        .as(ShardingChanged.class);
  }

  @Test
  void shardingOfAnEmptyBucketChangesAtOnce() {
    create("hash", "{}");

    ShardingChanged changed =
        change("directory", "{'entries': [{'prefix': '', 'node': 'node-3'}]}");

    assertThat(changed.plan()).isEmpty();
    assertThat(plans).isEmpty();
    assertThat(changed.bucket().settings().sharding()).contains("directory");
    for (Node node : nodes.values()) {
      assertThat(owner(node, "a")).isEqualTo(new NodeId("node-3"));
      assertThat(node.store.findBucket(BUCKET).orElseThrow().settings())
          .isEqualTo(changed.bucket().settings());
    }
    assertThat(write("a").owners()).containsExactly(new NodeId("node-3"));
    assertThat(change("directory", "{'entries': [{'prefix': '', 'node': 'node-3'}]}").plan())
        .isEmpty();
  }

  @Test
  void emptyBucketStaysAsItIsWhereAnOwnerCannotSayThatItHoldsNothing() {
    create("hash", "{}");
    away.add(new NodeId("node-3"));

    assertCode(StandardErrorCode.OWNER_UNAVAILABLE, () -> change("none", "{}"));

    away.clear();
    assertThat(describe(node(1)).settings().sharding()).contains("hash");
    write("a");
  }

  @Test
  void nodeThatHasNotHeardOfAChangeAnswersNothingByTheOldMap() {
    create("directory", "{'entries': [{'prefix': '', 'node': 'node-1'}]}");
    agreement.quiet(true);
    change("directory", "{'entries': [{'prefix': '', 'node': 'node-3'}]}");

    assertThat(writeAt(node(1), "a").owners()).containsExactly(new NodeId("node-3"));
    assertThat(describeAt(node(1), "a").owners()).containsExactly(new NodeId("node-3"));
    assertThat(node(1).store.findManifest(new BlobKey(BUCKET, "a"))).isEmpty();
    assertThat(readAt(node(3), "a")).isEqualTo("content of a");
  }

  @Test
  void changeThatWasNotFinishedIsTakenBack() {
    create("hash", "{}");
    RegistryEntry entry =
        agreement
            .read(
                new RegistryEntry.Address("buckets", BUCKET.value()), new ReadConsistency.Latest())
            .toCompletableFuture()
            .join()
            .orElseThrow();
    agreement.propose(
        new ClusterCommand.Put(
            entry.address(),
            entry.value().replaceFirst("}$", ",\"changing\":true}"),
            OptionalLong.of(entry.version())),
        LIMIT);

    assertCode(StandardErrorCode.UNAVAILABLE, () -> write("a"));
    assertCode(StandardErrorCode.UNAVAILABLE, () -> change("none", "{}"));
    node(1).service.reconcile();
    assertCode(StandardErrorCode.UNAVAILABLE, () -> write("a"));
    node(1).service.reconcile();
    write("a");
  }

  @Test
  void shardingOfABucketThatHoldsBlobsMakesAPlanAndMovesNothing() {
    create("hash", "{}");
    List<String> keys = IntStream.range(10, 60).mapToObj(i -> "key-" + i).toList();
    keys.forEach(this::write);
    Map<String, NodeId> before = new LinkedHashMap<>();
    keys.forEach(key -> before.put(key, owner(node(1), key)));

    ShardingChanged changed = change("directory", DIRECTORY);

    assertThat(changed.plan()).contains("plan-1");
    assertThat(changed.bucket().settings().sharding()).contains("hash");
    keys.forEach(key -> assertThat(owner(node(1), key)).isEqualTo(before.get(key)));
    OwnershipChange plan = ShardingChange.KIND.parse(plans.get(0).toText());
    Ownership known = new OwnedKeys(node(1).board, node(1).maps, agreement);
    Ownership withoutTable =
        new OwnedKeys(new PlacementBoard(node(1).cluster.membership()), node(1).maps, agreement);
    assertThat(keys)
        .allMatch(key -> plan.unsure(new BlobKey(BUCKET, key), withoutTable))
        .noneMatch(key -> plan.unsure(new BlobKey(BUCKET, key), known));
    assertThat(plan.unsure(BlobKey.of("another", "key"), withoutTable)).isFalse();
    requireSound(plan, keys, before);
  }

  /** What the plan says of each key is what comes true when its entry is replaced. */
  private void requireSound(OwnershipChange plan, List<String> keys, Map<String, NodeId> before) {
    Map<String, Optional<OwnershipChange.Route>> routes = new LinkedHashMap<>();
    keys.forEach(
        key ->
            routes.put(
                key,
                plan.routeOf(
                    new BlobKey(BUCKET, key),
                    new OwnedKeys(node(1).board, node(1).maps, agreement))));
    agreement.propose(
        new ClusterCommand.Put(plan.address(), plan.value(""), OptionalLong.of(plan.expected())),
        LIMIT);
    assertThat(routes.values()).anyMatch(Optional::isPresent).anyMatch(Optional::isEmpty);
    for (String key : keys) {
      NodeId now = owner(node(3), key);
      if (now.equals(before.get(key))) {
        assertThat(routes.get(key)).as(key).isEmpty();
      } else {
        OwnershipChange.Route route = new OwnershipChange.Route(before.get(key), now);
        assertThat(routes.get(key)).as(key).contains(route);
        assertThat(plan.routes()).contains(route);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          directory  | {'entries': [{'prefix': 'a', 'node': 'node-9'}]}     | shardingOptions.node is 'node-9'
          directory  | {'entries': [{'prefix': 'a', 'zones': ['zone-9']}]}  | shardingOptions.zones is 'zone-9'
          geographic | {'residency': {'regions': ['mars']}}                 | shardingOptions.regions is 'mars'
          geographic | {'residency': {'labels': {'disk': ['ssd']}}}         | shardingOptions.labels.disk is 'ssd'
          """)
  void rulesThatNameWhatNobodyIsAreRefused(String scheme, String options, String words) {
    assertThatThrownBy(() -> create(scheme, options))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(words.substring(0, words.indexOf(' ')))
        .hasMessageContaining(words.substring(words.indexOf('\'') + 1, words.length() - 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          range     | {'mostRequestsPerSecond': 1}
          composite | {'ways': 4, 'options': {'mostRequestsPerSecond': 1}}
          """)
  void rangesAreDividedByTheirTrafficAndPutTogetherWhenItIsOver(String scheme, String options) {
    create(scheme, options);
    List<String> keys = IntStream.range(100, 300).mapToObj(i -> "key-" + i).toList();
    keys.forEach(this::write);
    Map<String, NodeId> before = new LinkedHashMap<>();
    keys.forEach(key -> before.put(key, owner(node(1), key)));

    nodes.values().forEach(node -> node.service.tendRanges(1_000));
    BucketDescription divided = describe(node(2));

    assertThat(divided.shards()).hasSize(2);
    assertThat(divided.settings()).isEqualTo(settings(scheme, options));
    keys.forEach(key -> assertThat(owner(node(3), key)).isEqualTo(before.get(key)));
    assertThat(list(node(3))).isEqualTo(keys);
    assertThat(create(scheme, options).created()).isFalse();

    // Nobody asks any more, and the ranges hold little.
    nodes.values().forEach(node -> node.service.tendRanges(1_000));
    assertThat(describe(node(3)).shards()).hasSize(1);
    keys.forEach(key -> assertThat(owner(node(3), key)).isEqualTo(before.get(key)));
    assertThat(list(node(3))).isEqualTo(keys);
  }

  /** Reads all keys once a second, and has what is hot divided. */
  private void readForSeconds(int seconds, List<String> keys) {
    for (int second = 0; second < seconds; second++) {
      keys.forEach(key -> describeAt(nodes.get(owner(node(2), key)), key));
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      nodes.values().forEach(node -> node.hot.tick());
      nodes
          .values()
          .forEach(node -> node.service.divideHotRanges(() -> node.office.all(false).shards()));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          range     | {}
          composite | {'ways': 2}
          """)
  void hotRangesAreDividedUntilNoneIsHotAndStaySo(String scheme, String options) {
    create(scheme, options);
    List<String> keys = IntStream.range(10, 35).mapToObj(i -> "key-" + i).toList();
    keys.forEach(this::write);
    // Not hot: by its rate alone no range is divided that does not say how much it may get.
    nodes.values().forEach(node -> node.service.tendRanges(1));
    assertThat(describe(node(2)).shards()).hasSize(1);

    readForSeconds(60, keys);

    List<BucketShard> shards = describe(node(2)).shards();
    assertThat(shards).hasSizeBetween(2, 6);
    readForSeconds(60, keys);
    assertThat(describe(node(2)).shards()).isEqualTo(shards);
    assertThat(node(3).office.all(false).shards()).isEmpty();
    assertThat(list(node(3))).isEqualTo(keys);
  }

  @Test
  void hotRangeIsShownWithItsBucketAndWhatIsDoneAboutIt() {
    create("range", "{}");
    write("key");
    for (int second = 0; second < 5; second++) {
      readForSeconds(1, Collections.nCopies(60, "key"));
    }

    assertThat(node(1).office.all(true).shards())
        .singleElement()
        .satisfies(
            shard -> {
              assertThat(shard.bucket()).contains(BUCKET);
              assertThat(shard.segment()).isGreaterThanOrEqualTo(SegmentTable.SEGMENTS);
              assertThat(shard.owner()).isEqualTo(owner(node(2), "key"));
              assertThat(shard.measure()).isEqualTo("split");
            });
    // One key cannot be divided.
    assertThat(describe(node(2)).shards()).hasSize(1);
  }

  @Test
  void bucketThatDoesNotSayKeepsTheDefaultOfItsTime() {
    BucketCreated made =
        node(1)
            .command(StorageTopics.BUCKET_CREATE, new CreateBucket(BUCKET, BucketSettings.none()))
            .as(BucketCreated.class);

    assertThat(made.bucket().settings().sharding()).contains("hash");
  }

  @Test
  void bucketFromBeforeThereWereStrategiesIsSpreadByAHash() {
    agreement.propose(
        new ClusterCommand.Put(
            new RegistryEntry.Address("buckets", BUCKET.value()),
            "{\"definition\":{\"name\":\"photos\",\"settings\":{\"sharding\":\"range\"},"
                + "\"createdAt\":\"2026-01-01T00:00:00Z\"},\"deleting\":false}",
            OptionalLong.empty()),
        LIMIT);

    for (int i = 0; i < 50; i++) {
      String key = new BlobKey(BUCKET, "key-" + i).affinityKey();
      assertThat(owner(node(1), "key-" + i)).isEqualTo(node(1).board.placement().primary(key));
    }
    write("a");
  }
}
