package io.datawarehouse.plugin.memory;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Buckets in memory, with a bound on what they hold together. Thread-safe. */
final class MemoryStore implements StorageProvider {

  private final long mostBytes;
  private final AtomicLong usedBytes = new AtomicLong();
  private final ConcurrentSkipListMap<BucketName, MemoryBucket> buckets =
      new ConcurrentSkipListMap<>();

  MemoryStore(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  static WarehouseException noSuchBucket(BucketName bucket) {
    return new WarehouseException(
        StandardErrorCode.NO_SUCH_BUCKET, "there is no bucket " + bucket.value());
  }

  long usedBytes() {
    return usedBytes.get();
  }

  /** Takes memory for content, or throws {@code DISK_FULL}. */
  void take(long bytes) {
    if (usedBytes.addAndGet(bytes) > mostBytes) {
      usedBytes.addAndGet(-bytes);
      throw new WarehouseException(
          StandardErrorCode.DISK_FULL,
          "the memory for blobs is full: dw.plugin.storage-memory.max.bytes is " + mostBytes);
    }
  }

  void giveBack(long bytes) {
    usedBytes.addAndGet(-bytes);
  }

  @Override
  public boolean createBucket(BucketDefinition definition) {
    return buckets.putIfAbsent(definition.name(), new MemoryBucket(definition)) == null;
  }

  @Override
  public Optional<BucketDefinition> findBucket(BucketName bucket) {
    return Optional.ofNullable(buckets.get(bucket)).map(MemoryBucket::definition);
  }

  @Override
  public boolean replaceBucket(BucketDefinition present, BucketDefinition next) {
    MemoryBucket bucket = buckets.get(present.name());
    return bucket != null && bucket.redefine(present, next);
  }

  @Override
  public List<BucketDefinition> buckets() {
    return buckets.values().stream().map(MemoryBucket::definition).toList();
  }

  @Override
  public BucketUsage usage(BucketName bucket) {
    return require(bucket).usage();
  }

  @Override
  public void deleteBucket(BucketName bucket) {
    MemoryBucket present = require(bucket);
    present.markDeleted();
    buckets.remove(bucket, present);
  }

  @Override
  public BlobWriter openWriter(BlobKey key, OptionalLong expectedSize) {
    return new MemoryWriter(this, require(key.bucket()), key);
  }

  @Override
  public Optional<BlobManifest> findManifest(BlobKey key) {
    return find(key).map(MemoryVersion::manifest);
  }

  @Override
  public Optional<BlobReader> openReader(BlobKey key) {
    return find(key).map(MemoryReader::new);
  }

  private Optional<MemoryVersion> find(BlobKey key) {
    return Optional.ofNullable(buckets.get(key.bucket())).flatMap(found -> found.find(key.key()));
  }

  @Override
  public Optional<BlobManifest> delete(BlobKey key, Consumer<BlobManifest> check) {
    Optional<MemoryVersion> gone =
        Optional.ofNullable(buckets.get(key.bucket()))
            .flatMap(found -> found.remove(key.key(), check));
    gone.ifPresent(version -> giveBack(version.content().length()));
    return gone.map(MemoryVersion::manifest);
  }

  @Override
  public ManifestCursor openCursor(BucketName bucket) {
    return new MemoryCursor(require(bucket));
  }

  /** Memory that can be counted can be written to. */
  @Override
  public void probe() {
    take(1);
    giveBack(1);
  }

  private MemoryBucket require(BucketName bucket) {
    MemoryBucket found = buckets.get(bucket);
    if (found == null) {
      throw noSuchBucket(bucket);
    }
    return found;
  }
}
