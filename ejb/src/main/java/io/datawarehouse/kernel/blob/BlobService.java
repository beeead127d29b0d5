package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.pipeline.ContentPipelines;
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
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.metric.Metrics;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Executor;

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
   */
  public record Options(
      StorageProvider provider,
      String providerName,
      NodeId node,
      Clock clock,
      Metrics metrics,
      Executor executor,
      ContentPipelines pipelines) {

    /** Checks that nothing is missing. */
    public Options {
      Objects.requireNonNull(provider, "provider");
      Objects.requireNonNull(providerName, "providerName");
      Objects.requireNonNull(node, "node");
      Objects.requireNonNull(clock, "clock");
      Objects.requireNonNull(metrics, "metrics");
      Objects.requireNonNull(executor, "executor");
      Objects.requireNonNull(pipelines, "pipelines");
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

  private final Options options;
  private final BlobMetrics metrics;
  private final Buckets buckets;
  private final BlobListings listings;
  private final BlobReads reads;
  private final Placement placement;
  private final List<Registration> registrations = new ArrayList<>();
  private boolean closed;

  /** Makes the service; it answers nothing before {@link #register(MessageBus)}. */
  public BlobService(Options options) {
    this.options = options;
    StorageProvider provider = options.provider();
    this.metrics = new BlobMetrics(options.metrics());
    this.placement = new Placement(options.node());
    this.buckets = new Buckets(provider, options.clock(), options.pipelines());
    this.listings = new BlobListings(provider, placement);
    this.reads = new BlobReads(provider, options.clock(), placement, metrics, options.pipelines());
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
            placement,
            new BlobEvents(bus),
            metrics,
            options.pipelines(),
            options.executor());
    try {
      registerBuckets(bus);
      answer(bus, StorageTopics.WRITE, "write", m -> Reply.of(writes.write(m)));
      answer(bus, StorageTopics.DELETE, "delete", m -> Reply.of(writes.delete(m)));
      answer(bus, StorageTopics.READ, "read", m -> reads.read(m.payload().as(ReadBlob.class)));
      answer(
          bus,
          StorageTopics.DESCRIBE,
          "describe",
          m -> Reply.of(reads.describe(m.payload().as(DescribeBlob.class))));
      answer(
          bus,
          StorageTopics.LIST,
          "list",
          m -> Reply.of(listings.list(m.payload().as(ListBlobs.class))));
      answer(bus, StorageTopics.PROBE, "probe", m -> Reply.of(probe()));
    } catch (RuntimeException e) {
      unregister();
      throw e;
    }
  }

  private void registerBuckets(MessageBus bus) {
    answer(
        bus,
        StorageTopics.BUCKET_CREATE,
        "bucket.create",
        m -> Reply.of(buckets.create(m.payload().as(CreateBucket.class))));
    answer(
        bus,
        StorageTopics.BUCKET_PIPELINE,
        "bucket.pipeline",
        m -> Reply.of(buckets.changePipeline(m.payload().as(ChangePipeline.class))));
    answer(
        bus,
        StorageTopics.BUCKET_DESCRIBE,
        "bucket.describe",
        m -> Reply.of(buckets.describe(m.payload().as(DescribeBucket.class).bucket())));
    answer(bus, StorageTopics.BUCKET_LIST, "bucket.list", m -> Reply.of(buckets.list()));
    answer(
        bus,
        StorageTopics.BUCKET_DELETE,
        "bucket.delete",
        m -> {
          options.provider().deleteBucket(m.payload().as(DeleteBucket.class).bucket());
          return Reply.empty();
        });
  }

  private void answer(
      MessageBus bus, Topic topic, String operation, MessageHandler.Synchronous function) {
    registrations.add(
        bus.handle(
            topic,
            HandlerOptions.direct(),
            MessageHandler.sync(metrics.watch(operation, function))));
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
  }

  private void unregister() {
    registrations.forEach(Registration::close);
    registrations.clear();
  }
}
