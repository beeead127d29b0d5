package io.datawarehouse.kernel.boot;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StoragePluginBase;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** A store without room for anything, which is there and can be asked whether it is well. */
public class FakeStoragePlugin extends StoragePluginBase {

  /** Why a probe fails; empty while all is well. */
  private final AtomicReference<Optional<String>> illness = new AtomicReference<>(Optional.empty());

  /** Makes the store that runs unless configuration selects another. */
  public FakeStoragePlugin() {
    this("fake-storage", "rocksdb");
  }

  /** Makes a store. */
  public FakeStoragePlugin(String id, String strategyName) {
    super(PluginManifest.of(id, "Fake storage", "1", "storage"), strategyName);
  }

  @Override
  public void probe() {
    illness
        .get()
        .ifPresent(
            why -> {
              throw new WarehouseException(StandardErrorCode.STORAGE_FAILED, why);
            });
  }

  @Override
  public boolean replaceBucket(BucketDefinition present, BucketDefinition next) {
    throw full();
  }

  @Override
  public List<BucketDefinition> buckets() {
    return List.of();
  }

  @Override
  public boolean createBucket(BucketDefinition definition) {
    throw full();
  }

  @Override
  public Optional<BucketDefinition> findBucket(BucketName bucket) {
    return Optional.empty();
  }

  @Override
  public BucketUsage usage(BucketName bucket) {
    throw full();
  }

  @Override
  public void deleteBucket(BucketName bucket) {
    throw full();
  }

  @Override
  public BlobWriter openWriter(BlobKey key, OptionalLong expectedSize) {
    throw full();
  }

  @Override
  public Optional<BlobManifest> findManifest(BlobKey key) {
    return Optional.empty();
  }

  @Override
  public Optional<BlobReader> openReader(BlobKey key) {
    return Optional.empty();
  }

  @Override
  public Optional<BlobManifest> delete(BlobKey key, Consumer<BlobManifest> check) {
    return Optional.empty();
  }

  @Override
  public ManifestCursor openCursor(BucketName bucket) {
    throw full();
  }

  private static WarehouseException full() {
    return new WarehouseException(StandardErrorCode.DISK_FULL, "there is no room");
  }
}
