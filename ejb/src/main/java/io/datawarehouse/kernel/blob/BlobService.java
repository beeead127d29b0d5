package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.heat.HotShards;
import io.datawarehouse.kernel.heat.ReadCopies;
import io.datawarehouse.kernel.heat.SegmentHeat;
import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.kernel.placement.Ownership;
import io.datawarehouse.kernel.placement.SegmentSteward;
import io.datawarehouse.kernel.placement.Territory;
import io.datawarehouse.kernel.sharding.RangeTraffic;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.sdk.balance.ShardingScheme;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.blob.StorageMessages.BlobListing;
import io.datawarehouse.sdk.blob.StorageMessages.ChangePipeline;
import io.datawarehouse.sdk.blob.StorageMessages.ChangeSharding;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBlob;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBlob;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBucket;
import io.datawarehouse.sdk.blob.StorageMessages.ListBlobs;
import io.datawarehouse.sdk.blob.StorageMessages.ProbeResult;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.metric.Metrics;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers the {@link StorageTopics} out of one {@link StorageProvider}. Thread-safe.
 *
 * <p>Handlers run on the sender's thread and without order: the provider commits each change of a
 * key at one stroke, and the decision about it (condition, quota, causal context) is taken inside
 * that stroke, so that a queue would add nothing.
 *
 * <p>Deadlines: a request that carries content has none unless its sender gave one, because no
 * limit suits a body of any length; a sender that stalls is the business of the stream it gave. A
 * deadline that was given is looked at before every piece of the body and once more before the
 * commit. The deadline of a read bounds the time to its reply, not the time the requester takes
 * with the content.
 */
public final class BlobService implements AutoCloseable {

  /**
   * What the service works with. Immutable.
   *
   * @param provider the store
   * @param providerName its name, for the answer to a probe
   * @param node the node that owns what is stored here
   * @param clock gives the times in manifests and judges deadlines
   * @param metrics counts what is done
   * @param executor digests large content beside the thread that stores it; may refuse
   * @param pipelines what content goes through on its way to the store
   * @param sharding how buckets are divided that do not say
   * @param heat is told of every request
   * @param self what the node says of itself: rules of buckets may name it
   */
  public record Options(
      StorageProvider provider,
      String providerName,
      NodeId node,
      Clock clock,
      Metrics metrics,
      Executor executor,
      ContentPipelines pipelines,
      Supplier<ShardingScheme> sharding,
      SegmentHeat heat,
      NodeDescriptor self) {

    /** Checks that nothing is missing. */
    public Options {
      Objects.requireNonNull(provider, "provider");
      Objects.requireNonNull(providerName, "providerName");
      Objects.requireNonNull(node, "node");
      Objects.requireNonNull(clock, "clock");
      Objects.requireNonNull(metrics, "metrics");
      Objects.requireNonNull(executor, "executor");
      Objects.requireNonNull(pipelines, "pipelines");
      Objects.requireNonNull(sharding, "sharding");
      Objects.requireNonNull(heat, "heat");
      Objects.requireNonNull(self, "self");
    }

    /** Makes options of a node of which nothing but its identity is known. */
    public Options(
        StorageProvider provider,
        String providerName,
        NodeId node,
        Clock clock,
        Metrics metrics,
        Executor executor,
        ContentPipelines pipelines,
        Supplier<ShardingScheme> sharding,
        SegmentHeat heat) {
      this(
          provider,
          providerName,
          node,
          clock,
          metrics,
          executor,
          pipelines,
          sharding,
          heat,
          NodeDescriptor.of(node, "local", "unknown", clock.instant()));
    }

    /**
     * Makes options with which buckets are divided by a hash, and nobody else learns how warm
     * segments are.
     */
    public Options(
        StorageProvider provider,
        String providerName,
        NodeId node,
        Clock clock,
        Metrics metrics,
        Executor executor,
        ContentPipelines pipelines) {
      this(
          provider,
          providerName,
          node,
          clock,
          metrics,
          executor,
          pipelines,
          () -> ShardingScheme.HASH,
          new SegmentHeat(System::nanoTime));
    }

    /** Makes options with which content is stored as it comes. */
    public Options(
        StorageProvider provider,
        String providerName,
        NodeId node,
        Clock clock,
        Metrics metrics,
        Executor executor) {
      this(provider, providerName, node, clock, metrics, executor, ContentPipelines.none());
    }

    /** Makes options with which content is digested by the thread that stores it. */
    public Options(
        StorageProvider provider, String providerName, NodeId node, Clock clock, Metrics metrics) {
      this(provider, providerName, node, clock, metrics, Runnable::run);
    }
  }

  private static final int DROPPED_AT_ONCE = 256;

  /** How handlers run that wait for other nodes. */
  private static final HandlerOptions WAITING =
      HandlerOptions.defaults().withOrdering(HandlerOptions.Ordering.UNORDERED).withConcurrency(64);

  private final Options options;
  private final BlobMetrics metrics;
  private final BlobListings listings;
  private final BlobReads reads;
  private final Placement placement;
  private final Admission admission;
  private final QuotaLedger quotas;
  private final BucketOffice buckets;
  private final @Nullable ClusterSide cluster;
  private final @Nullable CopyReads copyReads;
  private final List<Registration> registrations = new ArrayList<>();
  private boolean closed;

  /** What is there beside in a cluster. */
  private record ClusterSide(
      BlobCluster parts,
      BucketRegistry registry,
      SpreadListings listings,
      BlobReads sureReads,
      KeyRouting routing,
      BlobCopies copies,
      ShardCare care,
      RangeCare ranges,
      RangeSurveys surveys) {}

  /** How long a request waits for a key that is just moving. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /**
   * Makes the service of a node that is alone; it answers nothing before {@link
   * #register(MessageBus)}.
   */
  public BlobService(Options options) {
    this(options, null);
  }

  /** Makes the service of a node in a cluster: it answers for what the node owns. */
  public static BlobService clustered(Options options, BlobCluster cluster) {
    return new BlobService(options, cluster);
  }

  private BlobService(Options options, @Nullable BlobCluster parts) {
    this.options = options;
    StorageProvider provider = options.provider();
    this.metrics = new BlobMetrics(options.metrics());
    Territory territory = parts == null ? Territory.whole(options.node()) : parts.territory();
    this.placement =
        new Placement(
            options.node(),
            territory::placement,
            bucket -> parts == null ? Optional.empty() : parts.maps().latest(bucket));
    if (parts == null) {
      this.listings = new BlobListings(provider, placement);
      this.quotas = new QuotaLedger(provider::usage);
      this.admission = new LoneBlobs(provider, options.self());
      this.buckets = new Buckets(options);
      this.cluster = null;
    } else {
      this.listings = new BlobListings(provider, placement, key -> owns(parts, key));
      this.quotas = new QuotaLedger(bucket -> owned(parts, bucket));
      parts.foreign().listen(quotas::shift);
      RangeTraffic traffic = new RangeTraffic(System::nanoTime);
      BucketRegistry registry =
          new BucketRegistry(
              parts,
              provider,
              options.executor(),
              bucket -> {
                traffic.remove(bucket);
                dropForeign(parts, bucket);
              },
              bucket -> owned(parts, bucket),
              options.heat().ledger()::doubt,
              options.heat()::doubt);
      Owners owners = new Owners(parts);
      OwnedBlobs own =
          new OwnedBlobs(territory, parts.gate(), registry, () -> self(parts), traffic);
      this.admission = own;
      this.buckets = new AgreedBuckets(registry, owners, parts, options);
      this.cluster =
          new ClusterSide(
              parts,
              registry,
              new SpreadListings(registry, owners),
              newReads(new SureReads(own)),
              newRouting(parts),
              new BlobCopies(
                  provider,
                  options.pipelines(),
                  options.executor(),
                  registry::require,
                  key -> options.heat().change(key, placement::segmentOf)),
              new ShardCare(registry, parts),
              new RangeCare(registry, owners, parts, options.metrics()),
              new RangeSurveys(provider, traffic, key -> owns(parts, key)));
    }
    this.reads = newReads(admission);
    this.copyReads =
        parts == null
            ? null
            : parts.copies().map(copies -> newCopyReads(copies, parts)).orElse(null);
  }

  private CopyReads newCopyReads(ReadCopies copies, BlobCluster parts) {
    // For as long as the node runs, like the maps themselves.
    Watch unused = parts.maps().watch(() -> copies.review(() -> parts.maps().all().keySet()));
    copies.review(() -> parts.maps().all().keySet());
    return new CopyReads(
        copies, parts.nodes(), placement, reads, options.clock(), metrics, parts.limit());
  }

  /** Lets a read in of a key that was just asked about. */
  private record SureReads(OwnedBlobs own) implements Admission {
    @Override
    public void read(BlobKey key) {
      own.readHere(key);
    }

    @Override
    public Passage change(BlobKey key) {
      return own.change(key);
    }
  }

  private BlobReads newReads(Admission readers) {
    return new BlobReads(
        options.provider(),
        options.clock(),
        readers,
        placement,
        metrics,
        options.pipelines(),
        options.heat());
  }

  private KeyRouting newRouting(BlobCluster parts) {
    KeyRouting routing =
        new KeyRouting(
            new KeyRouting.Options(
                options.node(),
                parts.ownership(),
                parts.nodes(),
                options.executor(),
                System::nanoTime,
                PATIENCE));
    parts.gate().whenOpening(routing::retry);
    return routing;
  }

  /** Returns whether a key belongs to this node; before anything is agreed on, all do. */
  private boolean owns(BlobCluster parts, BlobKey key) {
    return parts.ownership().owner(key).map(options.node()::equals).orElse(true);
  }

  private BucketUsage owned(BlobCluster parts, BucketName bucket) {
    return parts.foreign().owned(bucket, options.provider().usage(bucket));
  }

  /** Of a bucket that is gone nothing is known after a restart but where its hash says. */
  private boolean isForeign(BlobCluster parts, BlobKey key) {
    return parts
        .ownership()
        .owner(key)
        .or(
            () ->
                parts
                    .board()
                    .table()
                    .map(table -> table.owner(ShardMap.HASHED.segmentOf(key.bucket(), key.key()))))
        .map(owner -> !owner.equals(options.node()))
        .orElse(false);
  }

  private void dropForeign(BlobCluster parts, BucketName bucket) {
    BlobCopies copies = Objects.requireNonNull(cluster, "cluster").copies;
    BlobCopies.Guard none =
        new BlobCopies.Guard() {
          @Override
          public <T> T during(Supplier<T> change) {
            return change.get();
          }
        };
    BlobCopies.Page page;
    do {
      page =
          copies.page(bucket, "", Optional.empty(), key -> isForeign(parts, key), DROPPED_AT_ONCE);
      for (BlobManifest manifest : page.manifests()) {
        copies.remove(
            manifest.blobKey(), none, removed -> parts.foreign().book(bucket, -1, -removed.size()));
      }
    } while (page.next().isPresent());
  }

  private static NodeDescriptor self(BlobCluster parts) {
    NodeId self = parts.membership().localNodeId();
    return parts
        .membership()
        .view()
        .find(self)
        .map(ClusterNode::descriptor)
        .orElseThrow(
            () ->
                new WarehouseException(
                    StandardErrorCode.UNAVAILABLE, "node " + self + " is no member yet"));
  }

  /**
   * Puts the handlers of all storage topics on the bus. Called once.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code DUPLICATE_HANDLER}, with none of
   *     the handlers registered
   */
  public synchronized void register(MessageBus bus) {
    if (closed || !registrations.isEmpty()) {
      throw new IllegalStateException("the blob service is registered once");
    }
    BlobWrites writes =
        new BlobWrites(
            options.provider(),
            options.clock(),
            admission,
            quotas,
            placement,
            new BlobEvents(bus),
            metrics,
            options.pipelines(),
            options.executor(),
            options.heat(),
            cluster == null ? Optional.empty() : cluster.parts.copies());
    try {
      registerBuckets(bus);
      registerBlobs(bus, writes);
      answer(bus, StorageTopics.PROBE, "probe", m -> Reply.of(probe()));
      if (cluster == null) {
        answer(
            bus,
            StorageTopics.LIST,
            "list",
            m -> Reply.of(listings.list(m.payload().as(ListBlobs.class))));
      } else {
        registerClustered(bus, cluster);
      }
    } catch (RuntimeException e) {
      unregister();
      throw e;
    }
  }

  private void registerBlobs(MessageBus bus, BlobWrites writes) {
    answerOfBlob(
        bus,
        StorageTopics.WRITE,
        "write",
        m -> m.payload().as(WriteBlob.class).blobKey(),
        m -> Reply.of(writes.write(m)),
        m -> Reply.of(writes.write(m)));
    answerOfBlob(
        bus,
        StorageTopics.DELETE,
        "delete",
        m -> m.payload().as(DeleteBlob.class).blobKey(),
        m -> Reply.of(writes.delete(m)),
        m -> Reply.of(writes.delete(m)));
    registerReads(bus);
  }

  private void registerReads(MessageBus bus) {
    BlobReads sure = cluster == null ? reads : cluster.sureReads;
    CopyReads copied = copyReads;
    answerOfBlob(
        bus,
        StorageTopics.READ,
        "read",
        m -> m.payload().as(ReadBlob.class).blobKey(),
        copied == null ? m -> reads.read(m.payload().as(ReadBlob.class)) : copied::read,
        m -> sure.read(m.payload().as(ReadBlob.class)));
    answerOfBlob(
        bus,
        StorageTopics.DESCRIBE,
        "describe",
        m -> m.payload().as(DescribeBlob.class).blobKey(),
        copied == null
            ? m -> Reply.of(reads.describe(m.payload().as(DescribeBlob.class)))
            : copied::describe,
        m -> Reply.of(sure.describe(m.payload().as(DescribeBlob.class))));
    if (copied != null) {
      registerCopies(bus, copied);
    }
  }

  private void registerCopies(MessageBus bus, CopyReads copied) {
    answer(
        bus,
        NodeBlobs.FILL,
        "node.fill",
        m -> copied.fill(m.payload().as(NodeBlobs.FillBlob.class)));
    answer(
        bus,
        NodeBlobs.LOOK,
        "node.look",
        m -> Reply.of(copied.look(m.payload().as(DescribeBlob.class))));
  }

  private void answerOfBlob(
      MessageBus bus,
      Topic topic,
      String operation,
      Function<Message, BlobKey> keyOf,
      MessageHandler.Synchronous here,
      MessageHandler.Synchronous sure) {
    MessageHandler.Synchronous watched = metrics.watch(operation, here);
    if (cluster == null) {
      registrations.add(bus.handle(topic, HandlerOptions.direct(), MessageHandler.sync(watched)));
      return;
    }
    KeyRouting routing = cluster.routing;
    MessageHandler.Synchronous watchedSure = metrics.watch(operation, sure);
    registrations.add(
        bus.handle(
            topic,
            HandlerOptions.direct(),
            m -> {
              try {
                return CompletableFuture.completedFuture(watched.handle(m));
              } catch (WarehouseException e) {
                return routing.remedy(
                    m, keyOf.apply(m), new KeyRouting.Ways(watched, watchedSure), e);
              }
            }));
  }

  private void registerBuckets(MessageBus bus) {
    answer(
        bus,
        StorageTopics.BUCKET_CREATE,
        "bucket.create",
        ofBuckets(),
        m -> Reply.of(buckets.create(m.payload().as(CreateBucket.class))));
    answer(
        bus,
        StorageTopics.BUCKET_PIPELINE,
        "bucket.pipeline",
        ofBuckets(),
        m -> Reply.of(buckets.changePipeline(m.payload().as(ChangePipeline.class))));
    answer(
        bus,
        StorageTopics.BUCKET_SHARDING,
        "bucket.sharding",
        ofBuckets(),
        m -> Reply.of(buckets.changeSharding(m.payload().as(ChangeSharding.class))));
    answer(
        bus,
        StorageTopics.BUCKET_DESCRIBE,
        "bucket.describe",
        ofBuckets(),
        m -> Reply.of(buckets.describe(m.payload().as(DescribeBucket.class).bucket())));
    answer(
        bus, StorageTopics.BUCKET_LIST, "bucket.list", ofBuckets(), m -> Reply.of(buckets.list()));
    answer(
        bus,
        StorageTopics.BUCKET_DELETE,
        "bucket.delete",
        ofBuckets(),
        m -> {
          buckets.delete(m.payload().as(DeleteBucket.class).bucket());
          return Reply.empty();
        });
  }

  /** In a cluster others are asked, and waited for. */
  private HandlerOptions ofBuckets() {
    return cluster == null ? HandlerOptions.direct() : WAITING;
  }

  private void registerClustered(MessageBus bus, ClusterSide side) {
    answer(
        bus,
        StorageTopics.LIST,
        "list",
        WAITING,
        m -> Reply.of(side.listings.list(m.payload().as(ListBlobs.class))));
    registrations.add(
        bus.handle(
            NodeBlobs.LIST,
            HandlerOptions.direct(),
            m -> {
              NodeBlobs.ListQuestion question = m.payload().as(NodeBlobs.ListQuestion.class);
              return agreeing(
                  side,
                  Optional.of(question.query().bucket()),
                  question.stamp(),
                  "node.list",
                  stamp -> new NodeBlobs.ListAnswer(ownPage(side, question.query()), stamp));
            }));
    registrations.add(
        bus.handle(
            NodeBlobs.USAGE,
            HandlerOptions.direct(),
            m -> {
              NodeBlobs.UsageQuestion question = m.payload().as(NodeBlobs.UsageQuestion.class);
              return agreeing(
                  side,
                  question.bucket(),
                  question.stamp(),
                  "node.usage",
                  stamp -> ownUsage(side, question, stamp));
            }));
    answer(
        bus,
        NodeBlobs.SURVEY,
        "node.survey",
        WAITING,
        m -> Reply.of(survey(side, m.payload().as(NodeBlobs.SurveyQuestion.class))));
    answer(
        bus,
        NodeBlobs.DIVIDE,
        "node.divide",
        WAITING,
        m -> Reply.of(ownMoves(side, m.payload().as(NodeBlobs.DivideQuestion.class))));
    answer(
        bus,
        NodeBlobs.SETTLE,
        "node.settle",
        WAITING,
        m -> {
          NodeBlobs.SettleBucket command = m.payload().as(NodeBlobs.SettleBucket.class);
          return Reply.of(settled(side, command));
        });
    side.registry.open();
  }

  /** What is just moving is counted by one owner: by the same table as the others count. */
  private NodeBlobs.Settled settled(ClusterSide side, NodeBlobs.SettleBucket command) {
    Ownership ownership = side.parts.ownership();
    Optional<BucketName> bucket = Optional.of(command.bucket());
    if (mustAsk(side) || !ownership.stamp(bucket).equals(command.stamp())) {
      Void unused = Stages.await(ownership.refresh(), side.parts.limit());
    }
    return atOneStamp(
        ownership,
        bucket,
        stamp -> {
          side.parts.foreign().settle();
          return new NodeBlobs.Settled(
              side.registry.settle(command.bucket(), command.version()), stamp);
        });
  }

  /** Answers by one table: again where another one came into force meanwhile. */
  private static <T> T atOneStamp(
      Ownership ownership, Optional<BucketName> bucket, Function<String, T> answering) {
    while (true) {
      String stamp = ownership.stamp(bucket);
      T answer = answering.apply(stamp);
      if (stamp.equals(ownership.stamp(bucket))) {
        return answer;
      }
    }
  }

  /** Returns whether some of what this node owns may have become somebody else's. */
  private static boolean mustAsk(ClusterSide side) {
    return side.parts.gate().asking() || side.parts.territory().asking();
  }

  /**
   * Answers what others ask of all owners, by the same table as they go by if need be: learns the
   * latest where that is another one, or where what this node owns may just have changed.
   */
  private CompletionStage<Reply> agreeing(
      ClusterSide side,
      Optional<BucketName> bucket,
      String wanted,
      String operation,
      Function<String, Object> answering)
      throws Exception {
    Ownership ownership = side.parts.ownership();
    MessageHandler.Synchronous function =
        metrics.watch(
            operation, m -> Reply.of(Payload.of(atOneStamp(ownership, bucket, answering))));
    Message none = Message.query(NodeBlobs.USAGE, Payload.of(wanted)).build();
    if (!mustAsk(side) && (wanted.isEmpty() || ownership.stamp(bucket).equals(wanted))) {
      return CompletableFuture.completedFuture(function.handle(none));
    }
    return ownership
        .refresh()
        .thenApplyAsync(
            learnt -> {
              try {
                return function.handle(none);
              } catch (Exception e) {
                throw Stages.unwrapped(e);
              }
            },
            options.executor());
  }

  private static NodeBlobs.SurveyAnswer survey(
      ClusterSide side, NodeBlobs.SurveyQuestion question) {
    BucketRegistry.Agreed bucket = side.registry.require(question.bucket());
    if (bucket.version() != question.version()) {
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE, "this node knows other ranges than those asked for");
    }
    return new NodeBlobs.SurveyAnswer(
        side.surveys.of(question.bucket(), bucket.map(), question.large()));
  }

  /**
   * Divides ranges of buckets and puts them together, where this node leads; waits for other nodes.
   *
   * @param hot how many requests a second are many for a range, where a bucket does not say
   */
  public void tendRanges(int hot) {
    if (cluster != null) {
      cluster.ranges.tend(hot);
    }
  }

  /**
   * Divides ranges that are hot, where this node leads; waits for other nodes.
   *
   * @param shards asks for what is hot
   */
  public void divideHotRanges(Supplier<List<HotShards.Shard>> shards) {
    if (cluster != null) {
      cluster.ranges.divideHot(shards);
    }
  }

  /** What of this node's blobs a change of sharding would move. */
  private NodeBlobs.DivideAnswer ownMoves(ClusterSide side, NodeBlobs.DivideQuestion question) {
    ShardingChange change = (ShardingChange) ShardingChange.KIND.parse(question.change());
    BucketName bucket = change.bucket().orElseThrow();
    BucketRegistry.Agreed unused = side.registry.require(bucket);
    Map<Integer, Map<NodeId, Long>> bytes = new TreeMap<>();
    try (ManifestCursor cursor = options.provider().openCursor(bucket)) {
      for (Optional<BlobManifest> found = cursor.next(); found.isPresent(); found = cursor.next()) {
        BlobKey key = found.get().blobKey();
        long size = found.get().size();
        change
            .routeOf(key, side.parts.ownership())
            .filter(route -> route.from().equals(options.node()))
            .ifPresent(
                route ->
                    bytes
                        .computeIfAbsent(change.segmentAfter(key), number -> new TreeMap<>())
                        .merge(route.to(), size, Long::sum));
      }
    }
    List<ShardingPlans.Move> moves = new ArrayList<>();
    bytes.forEach(
        (segment, targets) ->
            targets.forEach(
                (to, sum) -> moves.add(new ShardingPlans.Move(segment, options.node(), to, sum))));
    return new NodeBlobs.DivideAnswer(moves);
  }

  private BlobListing ownPage(ClusterSide side, ListBlobs query) {
    side.registry.require(query.bucket());
    return listings.list(query);
  }

  private NodeBlobs.UsageAnswer ownUsage(
      ClusterSide side, NodeBlobs.UsageQuestion question, String stamp) {
    StorageProvider provider = options.provider();
    side.parts.foreign().settle();
    List<BucketName> names =
        question
            .bucket()
            .map(List::of)
            .orElseGet(() -> provider.buckets().stream().map(BucketDefinition::name).toList());
    List<NodeBlobs.Held> held = new ArrayList<>();
    long stored = 0;
    for (BucketName name : names) {
      if (provider.findBucket(name).isPresent()) {
        BucketUsage all = provider.usage(name);
        stored += all.blobCount();
        held.add(new NodeBlobs.Held(name, side.parts.foreign().owned(name, all)));
      }
    }
    return new NodeBlobs.UsageAnswer(held, stored, side.parts.foreign().expected(), stamp);
  }

  /** Returns what tells of the blobs on the nodes of the cluster. */
  public SegmentSteward.Inventory inventory() {
    return new SegmentSteward.Inventory() {
      @Override
      public CompletionStage<Long> blobsOn(NodeId node) {
        return heldBy(node)
            .thenApply(held -> held.moving() ? Math.max(1, held.stored()) : held.stored());
      }

      @Override
      public CompletionStage<Boolean> foreignOn(NodeId node) {
        return heldBy(node)
            .thenApply(
                held ->
                    held.moving()
                        || held.stored()
                            != held.buckets().stream()
                                .mapToLong(each -> each.usage().blobCount())
                                .sum());
      }
    };
  }

  private CompletionStage<NodeBlobs.UsageAnswer> heldBy(NodeId node) {
    ClusterSide side = Objects.requireNonNull(cluster, "cluster");
    return side.parts
        .nodes()
        .requestAt(
            node,
            Message.query(
                    NodeBlobs.USAGE, Payload.of(new NodeBlobs.UsageQuestion(Optional.empty(), "")))
                .timeout(side.parts.limit())
                .build())
        .thenApply(reply -> reply.as(NodeBlobs.UsageAnswer.class));
  }

  /** Returns what gives and takes whole versions of blobs; in a cluster alone. */
  public BlobCopies copies() {
    return Objects.requireNonNull(cluster, "cluster").copies;
  }

  /** Tries again what waits for a key that moves; called a few times a second. */
  public void retryWaiting() {
    if (cluster != null) {
      cluster.routing.retry();
    }
  }

  /** Compares the buckets of this node with what the cluster agreed on; does not wait. */
  public void reconcile() {
    if (cluster != null) {
      cluster.registry.reconcile();
      cluster.care.tend();
    }
  }

  private void answer(
      MessageBus bus, Topic topic, String operation, MessageHandler.Synchronous function) {
    answer(bus, topic, operation, HandlerOptions.direct(), function);
  }

  private void answer(
      MessageBus bus,
      Topic topic,
      String operation,
      HandlerOptions handlerOptions,
      MessageHandler.Synchronous function) {
    registrations.add(
        bus.handle(topic, handlerOptions, MessageHandler.sync(metrics.watch(operation, function))));
  }

  private ProbeResult probe() {
    long begin = System.nanoTime();
    options.provider().probe();
    return new ProbeResult(
        options.providerName(), OptionalLong.of((System.nanoTime() - begin) / 1_000));
  }

  /** Takes the handlers off the bus; what is being answered goes on. */
  @Override
  public synchronized void close() {
    closed = true;
    unregister();
    if (cluster != null) {
      cluster.routing.abandon();
      cluster.registry.close();
    }
  }

  private void unregister() {
    registrations.forEach(Registration::close);
    registrations.clear();
  }
}
