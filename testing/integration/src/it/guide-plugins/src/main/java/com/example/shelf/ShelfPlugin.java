package com.example.shelf;

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
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/** Keeps blobs in memory, a shelf for each bucket. What it holds is gone when the node stops. */
@Plugin
public class ShelfPlugin extends StoragePluginBase {

  private final Map<String, Shelf> shelves = new ConcurrentSkipListMap<>();

  /** Says who it is; {@code dw.storage.provider=shelf} selects it. */
  public ShelfPlugin() {
    super(PluginManifest.of("shelf", "Shelf storage", "1.0.0", "storage"), "shelf");
  }

  @Override
  protected void onStop() {
    shelves.clear();
  }

  @Override
  public boolean createBucket(BucketDefinition definition) {
    return shelves.putIfAbsent(definition.name().value(), new Shelf(definition)) == null;
  }

  @Override
  public Optional<BucketDefinition> findBucket(BucketName bucket) {
    return find(bucket).map(Shelf::definition);
  }

  @Override
  public boolean replaceBucket(BucketDefinition present, BucketDefinition next) {
    return find(present.name()).map(shelf -> shelf.redefine(present, next)).orElse(false);
  }

  @Override
  public List<BucketDefinition> buckets() {
    return shelves.values().stream().map(Shelf::definition).toList();
  }

  @Override
  public BucketUsage usage(BucketName bucket) {
    return shelf(bucket).usage();
  }

  @Override
  public void deleteBucket(BucketName bucket) {
    Shelf shelf = shelf(bucket);
    shelf.close();
    shelves.remove(bucket.value(), shelf);
  }

  @Override
  public BlobWriter openWriter(BlobKey key, OptionalLong expectedSize) {
    return shelf(key.bucket()).writer(key.key());
  }

  @Override
  public Optional<BlobManifest> findManifest(BlobKey key) {
    return find(key.bucket()).flatMap(shelf -> shelf.find(key.key())).map(Shelf.Version::manifest);
  }

  @Override
  public Optional<BlobReader> openReader(BlobKey key) {
    return find(key.bucket()).flatMap(shelf -> shelf.find(key.key()));
  }

  @Override
  public Optional<BlobManifest> delete(BlobKey key, Consumer<BlobManifest> check) {
    return find(key.bucket()).flatMap(shelf -> shelf.delete(key.key(), check));
  }

  @Override
  public ManifestCursor openCursor(BucketName bucket) {
    return shelf(bucket).cursor();
  }

  @Override
  public void probe() {
    // Memory does not fail.
  }

  private Optional<Shelf> find(BucketName bucket) {
    return Optional.ofNullable(shelves.get(bucket.value()));
  }

  private Shelf shelf(BucketName bucket) {
    return find(bucket).orElseThrow(() -> noSuchBucket(bucket));
  }

  static WarehouseException noSuchBucket(BucketName bucket) {
    return new WarehouseException(
        StandardErrorCode.NO_SUCH_BUCKET, "there is no bucket " + bucket.value());
  }
}
