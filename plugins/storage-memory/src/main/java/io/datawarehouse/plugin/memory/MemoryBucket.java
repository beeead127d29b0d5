package io.datawarehouse.plugin.memory;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.Function;

/** A bucket with its blobs, by the bytes of their keys. Thread-safe: changes happen one by one. */
final class MemoryBucket {

  private volatile BucketDefinition definition;
  private final ConcurrentNavigableMap<byte[], MemoryVersion> versions =
      new ConcurrentSkipListMap<>(Arrays::compareUnsigned);
  private volatile BucketUsage usage = BucketUsage.EMPTY;
  private boolean deleted; // guarded by this

  MemoryBucket(BucketDefinition definition) {
    this.definition = definition;
  }

  static byte[] bytes(String key) {
    return key.getBytes(StandardCharsets.UTF_8);
  }

  BucketDefinition definition() {
    return definition;
  }

  /** Replaces the definition unless it has changed, or the bucket is gone. */
  synchronized boolean redefine(BucketDefinition present, BucketDefinition next) {
    if (deleted || !definition.equals(present)) {
      return false;
    }
    definition = next;
    return true;
  }

  BucketUsage usage() {
    return usage;
  }

  Optional<MemoryVersion> find(String key) {
    return Optional.ofNullable(versions.get(bytes(key)));
  }

  ConcurrentNavigableMap<byte[], MemoryVersion> versions() {
    return versions;
  }

  /** Replaces the version by what the function makes of it; returns the one that was replaced. */
  synchronized Optional<MemoryVersion> replace(
      String key, Function<Optional<MemoryVersion>, MemoryVersion> function) {
    requirePresent();
    Optional<MemoryVersion> before = find(key);
    MemoryVersion after = function.apply(before);
    versions.put(bytes(key), after);
    count(before.isPresent() ? 0 : 1, after.manifest().size() - size(before));
    return before;
  }

  synchronized Optional<MemoryVersion> remove(String key, Consumer<BlobManifest> check) {
    Optional<MemoryVersion> present = find(key);
    present.ifPresent(
        version -> {
          check.accept(version.manifest());
          versions.remove(bytes(key));
          count(-1, -version.manifest().size());
        });
    return present;
  }

  synchronized void markDeleted() {
    requirePresent();
    if (!versions.isEmpty()) {
      throw new WarehouseException(
          StandardErrorCode.BUCKET_NOT_EMPTY,
          "bucket " + definition.name().value() + " holds " + usage.blobCount() + " blobs");
    }
    deleted = true;
  }

  private void requirePresent() {
    if (deleted) {
      throw MemoryStore.noSuchBucket(definition.name());
    }
  }

  private void count(long blobs, long bytes) {
    usage = new BucketUsage(usage.blobCount() + blobs, usage.bytes() + bytes);
  }

  private static long size(Optional<MemoryVersion> version) {
    return version.map(present -> present.manifest().size()).orElse(0L);
  }
}
