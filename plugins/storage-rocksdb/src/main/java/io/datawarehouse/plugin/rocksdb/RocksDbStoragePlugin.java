package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelContext;
import io.datawarehouse.sdk.plugin.Plugin;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.plugin.PluginManifest.Necessity;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StoragePluginBase;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The storage strategy {@code rocksdb}: durable, on the node's own disk. Opens its store when it
 * starts and hands every call to it.
 */
@Plugin
public class RocksDbStoragePlugin extends StoragePluginBase {

  private final AtomicReference<@Nullable RocksDbStore> store = new AtomicReference<>();

  /** Makes the plugin; it touches nothing before it is started. */
  public RocksDbStoragePlugin() {
    super(
        PluginManifest.of("storage-rocksdb", "RocksDB storage", "0.1.0", "storage")
            .with(Necessity.REQUIRED),
        "rocksdb");
  }

  @Override
  protected void onStart() {
    KernelContext context = context();
    StoreOptions options = StoreOptions.from(context.config(), context.rootPath());
    store.set(
        RocksDbStore.open(
            options,
            new RocksDbStore.Surroundings(
                context.metrics(), context.executor(), context.logger(), step -> {})));
  }

  @Override
  protected void onStop() throws InterruptedException {
    RocksDbStore open = store.getAndSet(null);
    if (open != null) {
      open.close();
    }
  }

  private RocksDbStore store() {
    RocksDbStore open = store.get();
    if (open == null) {
      throw new WarehouseException(StandardErrorCode.UNAVAILABLE, "the store is not open");
    }
    return open;
  }

  @Override
  public boolean createBucket(BucketDefinition definition) {
    return store().createBucket(definition);
  }

  @Override
  public Optional<BucketDefinition> findBucket(BucketName bucket) {
    return store().findBucket(bucket);
  }

  @Override
  public boolean replaceBucket(BucketDefinition present, BucketDefinition next) {
    return store().replaceBucket(present, next);
  }

  @Override
  public List<BucketDefinition> buckets() {
    return store().buckets();
  }

  @Override
  public BucketUsage usage(BucketName bucket) {
    return store().usage(bucket);
  }

  @Override
  public void deleteBucket(BucketName bucket) {
    store().deleteBucket(bucket);
  }

  @Override
  public BlobWriter openWriter(BlobKey key, OptionalLong expectedSize) {
    return store().openWriter(key, expectedSize);
  }

  @Override
  public Optional<BlobManifest> findManifest(BlobKey key) {
    return store().findManifest(key);
  }

  @Override
  public Optional<BlobReader> openReader(BlobKey key) {
    return store().openReader(key);
  }

  @Override
  public Optional<BlobManifest> delete(BlobKey key, Consumer<BlobManifest> check) {
    return store().delete(key, check);
  }

  @Override
  public ManifestCursor openCursor(BucketName bucket) {
    return store().openCursor(bucket);
  }

  @Override
  public void probe() {
    store().probe();
  }

  @Override
  public List<String> verify(LongConsumer pace) {
    return store().verify(pace);
  }
}
