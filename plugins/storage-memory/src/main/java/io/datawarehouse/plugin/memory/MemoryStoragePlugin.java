package io.datawarehouse.plugin.memory;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.plugin.Plugin;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StoragePluginBase;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The storage strategy {@code memory}, for tests and demonstrations. It is <em>not durable</em>:
 * what it holds is gone when the node stops. It holds at most {@code max.bytes} of content, by
 * default 256 MiB, or half of the heap where that is less.
 */
@Plugin
public class MemoryStoragePlugin extends StoragePluginBase {

  private static final long MIB = 1 << 20;
  private static final long DEFAULT_MOST_BYTES = 256 * MIB;

  private final AtomicReference<@Nullable MemoryStore> store = new AtomicReference<>();

  /** Makes the plugin; it holds nothing before it is started. */
  public MemoryStoragePlugin() {
    super(PluginManifest.of("storage-memory", "Memory storage", "0.1.0", "storage"), "memory");
  }

  @Override
  protected void onStart() {
    long heap = Runtime.getRuntime().maxMemory();
    long most =
        context().config().bytes("max.bytes", Math.min(DEFAULT_MOST_BYTES, heap / 2), 0, heap);
    MemoryStore opened = new MemoryStore(most);
    context()
        .metrics()
        .gauge("store.memory.bytes", "Content in memory", Map.of(), opened::usedBytes);
    store.set(opened);
    context()
        .logger()
        .log(
            System.Logger.Level.WARNING,
            "Blobs are kept in memory, at most {0} bytes; they are gone when the node stops",
            Long.toString(most));
  }

  @Override
  protected void onStop() {
    store.set(null);
  }

  private MemoryStore store() {
    MemoryStore open = store.get();
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
}
