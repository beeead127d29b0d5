package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** The buckets: on disk, and all of them in memory. Thread-safe. */
final class BucketTable {

  private final Database database;
  private final ConcurrentSkipListMap<BucketName, BucketState> buckets =
      new ConcurrentSkipListMap<>();

  BucketTable(Database database) {
    this.database = database;
    database.forEach(
        Family.META,
        Keys.firstBucket(),
        Keys.endOfBuckets(),
        (key, value) -> {
          BucketName name = Keys.bucketOf(key);
          buckets.put(name, new BucketState(BucketFormat.decode(name, value), storedUsage(name)));
        });
  }

  private BucketUsage storedUsage(BucketName name) {
    return new BucketUsage(counter(Keys.blobCount(name)), counter(Keys.byteCount(name)));
  }

  private long counter(byte[] key) {
    byte[] value = database.get(Family.META, key);
    return value == null ? 0 : Batch.counterOf(value);
  }

  synchronized boolean create(BucketDefinition definition) {
    BucketName name = definition.name();
    if (buckets.containsKey(name)) {
      return false;
    }
    database.write(
        batch -> batch.put(Family.META, Keys.bucket(name), BucketFormat.encode(definition)));
    buckets.put(name, new BucketState(definition, BucketUsage.EMPTY));
    return true;
  }

  synchronized boolean replace(BucketDefinition present, BucketDefinition next) {
    BucketState bucket = buckets.get(present.name());
    if (bucket == null || !bucket.definition().equals(present)) {
      return false;
    }
    database.write(
        batch -> batch.put(Family.META, Keys.bucket(next.name()), BucketFormat.encode(next)));
    bucket.redefine(next);
    return true;
  }

  Optional<BucketState> find(BucketName name) {
    return Optional.ofNullable(buckets.get(name));
  }

  BucketState require(BucketName name) {
    return find(name).orElseThrow(() -> StorageErrors.noSuchBucket(name));
  }

  List<BucketDefinition> all() {
    return buckets.values().stream().map(BucketState::definition).toList();
  }

  synchronized void delete(BucketName name) {
    BucketState bucket = require(name);
    requireEmpty(bucket);
    bucket.lock().writeLock().lock();
    try {
      requireEmpty(bucket);
      database.write(
          batch ->
              batch
                  .delete(Family.META, Keys.bucket(name))
                  .delete(Family.META, Keys.blobCount(name))
                  .delete(Family.META, Keys.byteCount(name)));
      bucket.markDeleted();
      buckets.remove(name);
    } finally {
      bucket.lock().writeLock().unlock();
    }
  }

  private static void requireEmpty(BucketState bucket) {
    long blobs = bucket.usage().blobCount();
    if (blobs > 0) {
      throw new WarehouseException(
          StandardErrorCode.BUCKET_NOT_EMPTY,
          "bucket " + bucket.definition().name().value() + " holds " + blobs + " blobs");
    }
  }
}
