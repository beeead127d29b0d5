package io.datawarehouse.benchmarks.pipeline;

import io.datawarehouse.kernel.blob.BlobService;
import io.datawarehouse.kernel.bus.BusWorkers;
import io.datawarehouse.kernel.keys.DataKey;
import io.datawarehouse.kernel.keys.DataKeys;
import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.plugin.compression.CompressionPlugin;
import io.datawarehouse.plugin.encryption.EncryptionPlugin;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.ByteRange;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WrappedKey;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.plugin.PluginBase;
import io.datawarehouse.sdk.storage.StoragePluginBase;
import io.datawarehouse.sdk.transform.ContentTransformer;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ForkJoinPool;

/** The kernel's blob path over one store, with a bucket whose content goes through a pipeline. */
final class Warehouse implements AutoCloseable {

  private static final BucketName BUCKET = new BucketName("bench");

  private final StoragePluginBase store;
  private final CompressionPlugin compression = new CompressionPlugin();
  private final List<FakeKernelContext> contexts = new ArrayList<>();
  private final ForkJoinPool workers =
      BusWorkers.create("bench", 16, Warehouse.class.getClassLoader());
  private final FakeKernelContext context;

  Warehouse(StoragePluginBase store, Path directory, List<String> stages) throws Exception {
    this.store = store;
    context = context("store", directory, Map.of("max.bytes", "512MiB"));
    store.start(context);
    compression.start(context("compression", directory, Map.of()));
    List<ContentTransformer> transformers = new ArrayList<>(compression.transformers());
    transformers.addAll(new EncryptionPlugin().transformers());
    ContentPipelines pipelines =
        new ContentPipelines(
            new ContentPipelines.Options(
                () -> transformers, new OneKey(), workers, new SecureRandom(), List.of()));
    new BlobService(
            new BlobService.Options(
                store,
                store.strategyName(),
                new NodeId("bench"),
                Clock.systemUTC(),
                context.metrics(),
                workers,
                pipelines))
        .register(context.bus());
    ask(
        Message.command(
                StorageTopics.BUCKET_CREATE,
                Payload.of(new CreateBucket(BUCKET, BucketSettings.none().withPipeline(stages))))
            .build());
  }

  private FakeKernelContext context(String id, Path directory, Map<String, String> config)
      throws IOException {
    FakeKernelContext made =
        new FakeKernelContext(id, Files.createDirectories(directory.resolve(id)), config);
    contexts.add(made);
    return made;
  }

  private Reply ask(Message message) {
    return context.bus().request(message).toCompletableFuture().join();
  }

  void put(String key, InputStream content, long length) {
    ask(
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
            .content(Content.of(content, OptionalLong.of(length), "text/plain"))
            .build());
  }

  long get(String key, Optional<ByteRange> range, OutputStream target) throws IOException {
    Reply reply =
        ask(
            Message.query(
                    StorageTopics.READ,
                    Payload.of(new ReadBlob(BUCKET, key, range, ReadCondition.none())))
                .build());
    try (Content content = reply.content().orElseThrow()) {
      return content.stream().transferTo(target);
    }
  }

  private static void stop(PluginBase plugin) {
    try {
      plugin.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      throw new IllegalStateException("a plugin did not stop", e);
    }
  }

  @Override
  public void close() {
    stop(store);
    stop(compression);
    contexts.forEach(FakeKernelContext::close);
    workers.shutdownNow();
  }

  /** The same key for everything: wrapping keys is not measured here. */
  private static final class OneKey implements DataKeys {

    private static final WrappedKey WRAPPED = new WrappedKey("bench", Bytes.utf8("wrapped"));

    @Override
    public DataKey create(BlobKey blob, Bytes contentId) {
      return new DataKey(new byte[DataKey.LENGTH], WRAPPED);
    }

    @Override
    public DataKey open(BlobKey blob, Bytes contentId, WrappedKey wrapped) {
      return new DataKey(new byte[DataKey.LENGTH], wrapped);
    }
  }
}
