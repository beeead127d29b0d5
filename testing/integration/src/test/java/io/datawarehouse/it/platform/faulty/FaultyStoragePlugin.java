package io.datawarehouse.it.platform.faulty;

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
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** Starts well, holds nothing, and fails whatever it is asked to do with its disk. */
@Plugin
public class FaultyStoragePlugin extends StoragePluginBase {

  /** What {@code dw.storage.provider} selects it by. */
  public static final String NAME = "faulty";

  /** What it says of its disk. */
  public static final String REASON = "the disk of the fixture is broken";

  /** Makes the plugin. */
  public FaultyStoragePlugin() {
    super(
        PluginManifest.of("storage-faulty", "Storage on a broken disk", "1.0.0", "storage"), NAME);
  }

  @Override
  public boolean createBucket(BucketDefinition definition) {
    throw failure();
  }

  @Override
  public Optional<BucketDefinition> findBucket(BucketName bucket) {
    return Optional.empty();
  }

  @Override
  public boolean replaceBucket(BucketDefinition present, BucketDefinition next) {
    throw failure();
  }

  @Override
  public List<BucketDefinition> buckets() {
    return List.of();
  }

  @Override
  public BucketUsage usage(BucketName bucket) {
    throw failure();
  }

  @Override
  public void deleteBucket(BucketName bucket) {
    throw failure();
  }

  @Override
  public BlobWriter openWriter(BlobKey key, OptionalLong expectedSize) {
    throw failure();
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
    throw failure();
  }

  @Override
  public ManifestCursor openCursor(BucketName bucket) {
    throw failure();
  }

  @Override
  public void probe() {
    throw failure();
  }

  private static WarehouseException failure() {
    return new WarehouseException(StandardErrorCode.STORAGE_FAILED, REASON);
  }
}
