package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketUsage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A bucket in memory: its definition, and its usage, which is the same as the counters on disk once
 * the writes under way have ended. Thread-safe.
 */
final class BucketState {

  private volatile BucketDefinition definition;
  private final AtomicReference<BucketUsage> usage;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean deleted; // guarded by lock

  BucketState(BucketDefinition definition, BucketUsage usage) {
    this.definition = definition;
    this.usage = new AtomicReference<>(usage);
  }

  BucketDefinition definition() {
    return definition;
  }

  /** Called by the table, which changes one definition at a time. */
  void redefine(BucketDefinition next) {
    definition = next;
  }

  BucketUsage usage() {
    return usage.get();
  }

  void add(long blobs, long bytes) {
    usage.updateAndGet(now -> new BucketUsage(now.blobCount() + blobs, now.bytes() + bytes));
  }

  /** Throws {@code NO_SUCH_BUCKET} if it was deleted; called with either half of the lock held. */
  void requirePresent() {
    if (deleted) {
      throw StorageErrors.noSuchBucket(definition.name());
    }
  }

  /** Called with the write half of the lock held. */
  void markDeleted() {
    deleted = true;
  }

  /** Returns the lock: changes of blobs hold the read half, deleting the bucket the write half. */
  ReadWriteLock lock() {
    return lock;
  }
}
