package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.heat.SegmentHeat;
import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.kernel.placement.Territory;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.StorageMessages.BlobListing;
import io.datawarehouse.sdk.blob.StorageMessages.ChangePipeline;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBlob;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBucket;
import io.datawarehouse.sdk.blob.StorageMessages.ListBlobs;
import io.datawarehouse.sdk.blob.StorageMessages.ProbeResult;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.metric.Metrics;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
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
   * @param heat is told of every request
   */
  public record Options(
      StorageProvider provider,
      String providerName,
      NodeId node,
      Clock clock,
      Metrics metrics,
      Executor executor,
      ContentPipelines pipelines,
      SegmentHeat heat) {

    /** Checks that nothing is missing. */
    public Options {
      Objects.requireNonNull(provider, "provider");
      Objects.requireNonNull(providerName, "providerName");
      Objects.requireNonNull(node, "node");
      Objects.requireNonNull(clock, "clock");
      Objects.requireNonNull(metrics, "metrics");
      Objects.requireNonNull(executor, "executor");
      Objects.requireNonNull(pipelines, "pipelines");
      Objects.requireNonNull(heat, "heat");
    }

    /** Makes options with which nobody else learns how warm segments are. */
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

  /** How handlers run that wait for other nodes. */
  private static final HandlerOptions WAITING =
      HandlerOptions.defaults().withOrdering(HandlerOptions.Ordering.UNORDERED).withConcurrency(64);

  private final Options options;
  private final BlobMetrics metrics;
  private final BlobListings listings;
  private final BlobReads reads;
  private final Placement placement;
  private final Admission admission;
  private final BucketOffice buckets;
  private final @Nullable ClusterSide cluster;
  private final @Nullable CopyReads copyReads;
  private final List<Registration> registrations = new ArrayList<>();
  private boolean closed;

  /** What is there beside in a cluster. */
  private record ClusterSide(BlobCluster parts, BucketRegistry registry, SpreadListings listings) {}

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
    this.placement = new Placement(options.node(), territory::placement);
    this.listings = new BlobListings(provider, placement);
    if (parts == null) {
      this.admission = Admission.ALL;
      this.buckets = new Buckets(provider, options.clock(), options.pipelines());
      this.cluster = null;
    } else {
      BucketRegistry registry =
          new BucketRegistry(
              parts.coordinator(), provider, parts.registered(), options.executor(), parts.limit());
      Owners owners = new Owners(parts);
      this.admission = new OwnedBlobs(territory, registry);
      this.buckets = new AgreedBuckets(registry, owners, options.clock(), options.pipelines());
      this.cluster = new ClusterSide(parts, registry, new SpreadListings(registry, owners));
    }
    this.reads =
        new BlobReads(
            provider,
            options.clock(),
            admission,
            placement,
            metrics,
            options.pipelines(),
            options.heat());
    this.copyReads =
        parts == null
            ? null
            : parts
                .copies()
                .map(
                    copies ->
                        new CopyReads(
                            copies,
                            parts.nodes(),
                            placement,
                            reads,
                            options.clock(),
                            metrics,
                            parts.limit()))
                .orElse(null);
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
            placement,
            new BlobEvents(bus),
            metrics,
            options.pipelines(),
            options.executor(),
            options.heat(),
            cluster == null ? Optional.empty() : cluster.parts.copies());
    try {
      registerBuckets(bus);
      answer(bus, StorageTopics.WRITE, "write", m -> Reply.of(writes.write(m)));
      answer(bus, StorageTopics.DELETE, "delete", m -> Reply.of(writes.delete(m)));
      registerReads(bus);
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

  private void registerReads(MessageBus bus) {
    if (copyReads == null) {
      answer(bus, StorageTopics.READ, "read", m -> reads.read(m.payload().as(ReadBlob.class)));
      answer(
          bus,
          StorageTopics.DESCRIBE,
          "describe",
          m -> Reply.of(reads.describe(m.payload().as(DescribeBlob.class))));
    } else {
      CopyReads copied = copyReads;
      answer(bus, StorageTopics.READ, "read", copied::read);
      answer(bus, StorageTopics.DESCRIBE, "describe", copied::describe);
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
    answer(
        bus,
        NodeBlobs.LIST,
        "node.list",
        m -> Reply.of(ownPage(side, m.payload().as(ListBlobs.class))));
    answer(
        bus,
        NodeBlobs.USAGE,
        "node.usage",
        m -> Reply.of(ownUsage(m.payload().as(NodeBlobs.UsageQuestion.class))));
    answer(
        bus,
        NodeBlobs.SETTLE,
        "node.settle",
        WAITING,
        m -> {
          NodeBlobs.SettleBucket command = m.payload().as(NodeBlobs.SettleBucket.class);
          return Reply.of(
              new NodeBlobs.Settled(side.registry.settle(command.bucket(), command.version())));
        });
    side.registry.open();
  }

  private BlobListing ownPage(ClusterSide side, ListBlobs query) {
    side.registry.require(query.bucket());
    return listings.list(query);
  }

  private NodeBlobs.UsageAnswer ownUsage(NodeBlobs.UsageQuestion question) {
    StorageProvider provider = options.provider();
    List<BucketName> names =
        question
            .bucket()
            .map(List::of)
            .orElseGet(() -> provider.buckets().stream().map(BucketDefinition::name).toList());
    List<NodeBlobs.Held> held = new ArrayList<>();
    for (BucketName name : names) {
      if (provider.findBucket(name).isPresent()) {
        held.add(new NodeBlobs.Held(name, provider.usage(name)));
      }
    }
    return new NodeBlobs.UsageAnswer(held);
  }

  /** Returns how many blobs a node of the cluster holds, in all buckets. */
  public CompletionStage<Long> blobsOn(NodeId node) {
    ClusterSide side = Objects.requireNonNull(cluster, "cluster");
    return side.parts
        .nodes()
        .requestAt(
            node,
            Message.query(
                    NodeBlobs.USAGE, Payload.of(new NodeBlobs.UsageQuestion(Optional.empty())))
                .timeout(side.parts.limit())
                .build())
        .thenApply(
            reply ->
                reply.as(NodeBlobs.UsageAnswer.class).buckets().stream()
                    .mapToLong(held -> held.usage().blobCount())
                    .sum());
  }

  /** Compares the buckets of this node with what the cluster agreed on; does not wait. */
  public void reconcile() {
    if (cluster != null) {
      cluster.registry.reconcile();
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
      cluster.registry.close();
    }
  }

  private void unregister() {
    registrations.forEach(Registration::close);
    registrations.clear();
  }
}
