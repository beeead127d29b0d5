package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.cluster.FakeAgreement;
import io.datawarehouse.kernel.placement.KeyGate;
import io.datawarehouse.kernel.placement.PlacementBoard;
import io.datawarehouse.kernel.placement.SegmentGate;
import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.kernel.placement.Territory;
import io.datawarehouse.kernel.sharding.ShardMaps;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.StorageMessages.BlobListing;
import io.datawarehouse.sdk.blob.StorageMessages.BlobWritten;
import io.datawarehouse.sdk.blob.StorageMessages.BucketCreated;
import io.datawarehouse.sdk.blob.StorageMessages.BucketDescription;
import io.datawarehouse.sdk.blob.StorageMessages.BucketList;
import io.datawarehouse.sdk.blob.StorageMessages.ChangePipeline;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBlob;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBlob;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBucket;
import io.datawarehouse.sdk.blob.StorageMessages.ListBlobs;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
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
import io.datawarehouse.testkit.cluster.FakeCluster;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import io.datawarehouse.testkit.kernel.ManualClock;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Three nodes' blob services that agree with each other, without a network between. */
class BlobClusterTest {

  private static final BucketName BUCKET = new BucketName("photos");
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final FakeAgreement agreement = new FakeAgreement(new NodeId("node-1"));
  private final Map<NodeId, Node> nodes = new LinkedHashMap<>();
  private final Set<NodeId> away = ConcurrentHashMap.newKeySet();

  BlobClusterTest() {
    for (String name : List.of("node-1", "node-2", "node-3")) {
      nodes.put(new NodeId(name), new Node(name));
    }
    List<ClusterNode> members =
        nodes.get(new NodeId("node-1")).cluster.membership().view().active();
    agreement.propose(
        new ClusterCommand.Put(
            SegmentTable.ADDRESS, SegmentTable.spread(members).toText(), OptionalLong.empty()),
        LIMIT);
  }

  /** One node: a bus of its own, a store of its own, and the agreement that all share. */
  private final class Node {

    final NodeId id;
    final FakeCluster cluster;
    final FakeStore store = new FakeStore();
    final FakeBus bus = new FakeBus();
    final PlacementBoard board;
    final ShardMaps maps = new ShardMaps();
    volatile boolean offering;
    BlobService service;

    Node(String name) {
      id = new NodeId(name);
      cluster = new FakeCluster(id, clock);
      List<String> others = new ArrayList<>(List.of("node-1", "node-2", "node-3"));
      others.remove(name);
      cluster.add(others.toArray(String[]::new));
      board = new PlacementBoard(cluster.membership());
      board.follow(agreement);
      service = start(new InMemoryKernelStorage());
    }

    BlobService start(InMemoryKernelStorage registered) {
      BlobService started =
          BlobService.clustered(
              new BlobService.Options(store, "fake", id, clock, new RecordingMetrics()),
              new BlobCluster(
                  cluster.membership(),
                  agreement,
                  BlobClusterTest.this::requestAt,
                  board,
                  maps,
                  ShardingPlans.none(),
                  territory(),
                  new OwnedKeys(board, maps, agreement),
                  new KeyGate(System::nanoTime),
                  new ForeignCopies(),
                  registered,
                  LIMIT));
      started.register(bus);
      return started;
    }

    /** That of a node which may have given something away without knowing it. */
    private Territory territory() {
      SegmentGate gate = new SegmentGate(id, board, new InMemoryKernelStorage());
      return new Territory() {
        @Override
        public Placement placement() {
          return gate.placement();
        }

        @Override
        public void requireOwned(int segment) {
          gate.requireOwned(segment);
        }

        @Override
        public Passage enter(int segment) {
          return gate.enter(segment);
        }

        @Override
        public boolean asking() {
          return offering;
        }
      };
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

  private void createBucket() {
    node(1).command(StorageTopics.BUCKET_CREATE, new CreateBucket(BUCKET, BucketSettings.none()));
  }

  private NodeId owner(String key) {
    return node(1).board.placement().primary(new BlobKey(BUCKET, key).affinityKey());
  }

  private BlobManifest write(String key) {
    return writeAt(nodes.get(owner(key)), key);
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

  private BlobListing list(Node node, Optional<String> after, int limit) {
    return node.query(StorageTopics.LIST, new ListBlobs(BUCKET, "", Optional.empty(), after, limit))
        .as(BlobListing.class);
  }

  @Test
  void bucketMadeOnOneNodeIsThereOnAll() {
    createBucket();

    for (Node node : nodes.values()) {
      BucketCreated again =
          node.command(StorageTopics.BUCKET_CREATE, new CreateBucket(BUCKET, BucketSettings.none()))
              .as(BucketCreated.class);
      assertThat(again.created()).isFalse();
      assertThat(node.store.findBucket(BUCKET)).isPresent();
    }
  }

  @Test
  void nodesThatHaveNotHeardOfABucketUseItAllTheSame() {
    agreement.quiet(true);
    createBucket();

    IntStream.range(0, 30).forEach(i -> write("key-" + i));

    for (Node node : nodes.values()) {
      assertThat(list(node, Optional.empty(), 100).blobs()).hasSize(30);
      assertThat(
              node.query(StorageTopics.BUCKET_DESCRIBE, new DescribeBucket(BUCKET))
                  .as(BucketDescription.class)
                  .usage()
                  .blobCount())
          .isEqualTo(30);
    }
  }

  @Test
  void bucketMadeWhileAnOlderListIsUnderWayStays() {
    Node node = node(2);
    Runnable arrival = agreement.holdNextList();
    node.service.reconcile();
    createBucket();

    arrival.run();

    assertThat(node.store.findBucket(BUCKET)).isPresent();
  }

  @Test
  void bucketMadeAgainIsUsedWhereItsDeletionIsTheLastThatWasHeard() {
    createBucket();
    deleteBucket();
    agreement.quiet(true);
    createBucket();

    IntStream.range(0, 30).forEach(i -> write("key-" + i));
  }

  @Test
  void bucketIsNotDeniedWhereNobodyCanBeAsked() {
    agreement.available(false);

    assertCode(StandardErrorCode.UNAVAILABLE, () -> write("a"));
    assertCode(StandardErrorCode.UNAVAILABLE, () -> list(node(2), Optional.empty(), 10));

    agreement.available(true);
    assertCode(StandardErrorCode.NO_SUCH_BUCKET, () -> write("a"));
    assertCode(StandardErrorCode.NO_SUCH_BUCKET, () -> list(node(2), Optional.empty(), 10));
  }

  @Test
  void bucketWithOtherSettingsIsRefusedOnEveryNode() {
    createBucket();

    assertCode(
        StandardErrorCode.BUCKET_EXISTS,
        () ->
            node(2)
                .command(
                    StorageTopics.BUCKET_CREATE,
                    new CreateBucket(BUCKET, BlobServiceFixture.quota(5))));
  }

  @Test
  void whatComesToAnotherNodeIsAnsweredByTheOwner() {
    createBucket();

    for (Node node : nodes.values()) {
      BlobManifest manifest = writeAt(node, "a");

      assertThat(manifest.owners()).containsExactly(owner("a"));
      assertThat(
              node.query(StorageTopics.DESCRIBE, new DescribeBlob(BUCKET, "a"))
                  .as(BlobManifest.class)
                  .etag())
          .isEqualTo(manifest.etag());
      node.command(
          StorageTopics.DELETE,
          new DeleteBlob(BUCKET, "a", WriteCondition.none(), Optional.empty()));
    }
    assertThat(nodes.values())
        .allMatch(node -> node.store.findManifest(new BlobKey(BUCKET, "a")).isEmpty());
  }

  @Test
  void onlyTheOwnerTakesABlobWhereTheLatestTableCannotBeLearnt() {
    createBucket();
    write("a");
    agreement.available(false);

    for (Node node : nodes.values()) {
      if (!node.id.equals(owner("a"))) {
        assertCode(StandardErrorCode.OWNER_UNAVAILABLE, () -> writeAt(node, "a"));
        assertCode(
            StandardErrorCode.OWNER_UNAVAILABLE,
            () -> node.query(StorageTopics.DESCRIBE, new DescribeBlob(BUCKET, "a")));
        assertThat(node.store.findManifest(new BlobKey(BUCKET, "a"))).isEmpty();
      }
    }
  }

  @Test
  void nodeWhoseSegmentsMayHaveLeftAnswersNoListingForThemWithoutALeader() {
    createBucket();
    IntStream.range(0, 30).forEach(i -> write("key-" + i));
    node(2).offering = true;

    assertThat(list(node(1), Optional.empty(), 100).missing()).isEmpty();
    agreement.available(false);

    assertThat(list(node(1), Optional.empty(), 100).missing()).containsExactly(node(2).id);
    assertThat(list(node(2), Optional.empty(), 100).missing()).containsExactly(node(2).id);
  }

  @Test
  void listingMergesWhatAllHoldPageByPage() {
    createBucket();
    List<String> keys = IntStream.range(0, 100).mapToObj(i -> "key-%03d".formatted(i)).toList();
    keys.forEach(this::write);

    for (Node node : nodes.values()) {
      List<String> seen = new ArrayList<>();
      Optional<String> after = Optional.empty();
      do {
        BlobListing page = list(node, after, 7);
        page.blobs().forEach(blob -> seen.add(blob.key()));
        assertThat(page.missing()).isEmpty();
        after = page.next();
      } while (after.isPresent());
      assertThat(seen).isEqualTo(keys);
    }
  }

  @Test
  void rolledUpPrefixesOfAllNodesAppearOnce() {
    createBucket();
    for (int i = 0; i < 30; i++) {
      write("a/" + i);
      write("b/" + i);
    }
    write("c");

    BlobListing page =
        node(3)
            .query(
                StorageTopics.LIST,
                new ListBlobs(BUCKET, "", Optional.of("/"), Optional.empty(), 1000))
            .as(BlobListing.class);

    assertThat(page.prefixes()).containsExactly("a/", "b/");
    assertThat(page.blobs()).extracting(BlobManifest::key).containsExactly("c");
    assertThat(page.next()).isEmpty();
  }

  @Test
  void listingSaysWhoseBlobsAreMissing() {
    createBucket();
    IntStream.range(0, 30).forEach(i -> write("key-" + i));
    away.add(new NodeId("node-2"));

    BlobListing page = list(node(1), Optional.empty(), 1000);

    assertThat(page.missing()).containsExactly(new NodeId("node-2"));
    assertThat(page.blobs()).isNotEmpty().noneMatch(blob -> owner(blob.key()).equals(away(0)));
  }

  private NodeId away(int index) {
    return List.copyOf(away).get(index);
  }

  @Test
  void bucketHoldsWhatAllNodesHold() {
    createBucket();
    IntStream.range(0, 30).forEach(i -> write("key-" + i));

    BucketDescription whole =
        node(2)
            .query(StorageTopics.BUCKET_DESCRIBE, new DescribeBucket(BUCKET))
            .as(BucketDescription.class);
    away.add(new NodeId("node-3"));
    BucketDescription part =
        node(2)
            .query(StorageTopics.BUCKET_DESCRIBE, new DescribeBucket(BUCKET))
            .as(BucketDescription.class);

    assertThat(whole.usage().blobCount()).isEqualTo(30);
    assertThat(whole.missing()).isEmpty();
    assertThat(part.usage().blobCount()).isBetween(1L, 29L);
    assertThat(part.missing()).containsExactly(new NodeId("node-3"));
  }

  @Test
  void bucketGoesEverywhereOnceItIsEmpty() {
    createBucket();
    write("a");
    assertCode(StandardErrorCode.BUCKET_NOT_EMPTY, this::deleteBucket);
    write("b");

    for (String key : List.of("a", "b")) {
      nodes
          .get(owner(key))
          .command(
              StorageTopics.DELETE,
              new DeleteBlob(BUCKET, key, WriteCondition.none(), Optional.empty()));
    }
    deleteBucket();

    nodes.values().forEach(node -> assertThat(node.store.findBucket(BUCKET)).isEmpty());
    assertCode(StandardErrorCode.NO_SUCH_BUCKET, () -> write("a"));
    createBucket();
    write("a");
  }

  @Test
  void bucketStaysWhereAnOwnerCannotSayThatItIsEmpty() {
    createBucket();
    away.add(new NodeId("node-3"));

    assertCode(StandardErrorCode.OWNER_UNAVAILABLE, this::deleteBucket);

    away.clear();
    write("a");
  }

  private void deleteBucket() {
    node(1).command(StorageTopics.BUCKET_DELETE, new DeleteBucket(BUCKET));
  }

  @Test
  void pipelineChangesOnAllNodes() {
    createBucket();

    node(3).command(StorageTopics.BUCKET_PIPELINE, new ChangePipeline(BUCKET, List.of()));

    nodes
        .values()
        .forEach(
            node ->
                assertThat(node.store.findBucket(BUCKET).orElseThrow().settings().pipeline())
                    .contains(List.of()));
  }

  @Test
  void withoutAMajorityBucketsStayAndBlobsGoOn() {
    createBucket();
    agreement.available(false);

    assertCode(
        StandardErrorCode.UNAVAILABLE,
        () ->
            node(1)
                .command(
                    StorageTopics.BUCKET_CREATE,
                    new CreateBucket(new BucketName("another"), BucketSettings.none())));
    assertCode(StandardErrorCode.UNAVAILABLE, this::deleteBucket);
    write("a");
    assertThat(list(node(2), Optional.empty(), 10).blobs()).hasSize(1);
  }

  @Test
  void nodeThatNeverLearntWhichBucketsThereAreDoesNotSayThatThereAreNone() {
    createBucket();
    Node node = node(2);
    node.service.close();
    agreement.unheard(true);
    agreement.available(false);
    node.service = node.start(new InMemoryKernelStorage());

    assertCode(StandardErrorCode.UNAVAILABLE, () -> bucketsOf(node));

    agreement.available(true);
    assertThat(bucketsOf(node)).containsExactly(BUCKET);
    agreement.available(false);
    assertThat(bucketsOf(node)).as("it has learnt it").containsExactly(BUCKET);
  }

  private static List<BucketName> bucketsOf(Node node) {
    return node
        .ask(Message.query(StorageTopics.BUCKET_LIST, Payload.empty()))
        .as(BucketList.class)
        .buckets()
        .stream()
        .map(BucketDescription::name)
        .toList();
  }

  @Test
  void bucketsFromATimeAloneAreMadeKnownAndDeletedOnesGo() {
    Node node = node(1);
    InMemoryKernelStorage registered = new InMemoryKernelStorage();
    node.service.close();
    node.store.createBucket(new BucketDefinition(BUCKET, BucketSettings.none(), clock.instant()));
    node.service = node.start(registered);

    node.service.reconcile();
    assertThat(node(2).store.findBucket(BUCKET)).isPresent();

    node.service.close();
    agreement.propose(
        new ClusterCommand.Remove(
            new RegistryEntry.Address("buckets", BUCKET.value()), OptionalLong.empty()),
        LIMIT);
    assertThat(node.store.findBucket(BUCKET)).isPresent();
    node.service = node.start(registered);
    node.service.reconcile();

    assertThat(node.store.findBucket(BUCKET)).isEmpty();
    assertThat(node(2).store.findBucket(BUCKET)).isEmpty();
  }

  private static void assertCode(ErrorCode code, Runnable work) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code()).as(e.detail()).isEqualTo(code));
  }
}
