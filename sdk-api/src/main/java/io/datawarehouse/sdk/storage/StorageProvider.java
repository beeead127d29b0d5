package io.datawarehouse.sdk.storage;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Keeps buckets, manifests and content on one node. The kernel does all the rest: naming rules,
 * digests, conditions, ranges, events. Thread-safe: calls come from many threads at once.
 *
 * <p>A provider MUST: (1) have on disk what it acknowledged when the call returns, unless it says
 * that it is not durable; (2) show a version whole or not at all, also after a crash, without
 * repair by hand; (3) give readers the version that they opened, to its end, whatever is written
 * meanwhile; (4) check what it reads and throw {@code BLOB_CORRUPT} rather than give wrong bytes;
 * (5) throw {@code DISK_FULL} for a full disk, {@code STORAGE_FAILED} for a failing one, and lose
 * nothing.
 */
public interface StorageProvider {

  /** The capability: several may be installed, {@code dw.storage.provider} names one. */
  CapabilityKey<StorageProvider> CAPABILITY =
      CapabilityKey.of("storage", StorageProvider.class, Cardinality.SELECTED);

  /** Makes a bucket; returns {@code false}, changing nothing, if it is there already. */
  boolean createBucket(BucketDefinition definition);

  /** Returns the bucket, if it is there. */
  Optional<BucketDefinition> findBucket(BucketName bucket);

  /**
   * Replaces the definition of a bucket, durably.
   *
   * @param present what it was when the caller decided
   * @param next what it shall be, of the same name
   * @return {@code false}, changing nothing, if the bucket has another definition by now or is gone
   */
  boolean replaceBucket(BucketDefinition present, BucketDefinition next);

  /** Returns all buckets, sorted by name. */
  List<BucketDefinition> buckets();

  /** Returns what the bucket holds; throws {@code NO_SUCH_BUCKET}. Must be quick. */
  BucketUsage usage(BucketName bucket);

  /** Removes an empty bucket; throws {@code NO_SUCH_BUCKET} or {@code BUCKET_NOT_EMPTY}. */
  void deleteBucket(BucketName bucket);

  /**
   * Begins a version of a blob. Nothing of it can be seen before it is committed.
   *
   * @param expectedSize the number of bytes that will be written, where known; a hint
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code NO_SUCH_BUCKET}
   */
  BlobWriter openWriter(BlobKey key, OptionalLong expectedSize);

  /** Returns the present version's manifest. Empty also where there is no such bucket. */
  Optional<BlobManifest> findManifest(BlobKey key);

  /**
   * Opens the present version. The caller must close it. Empty also where there is no such bucket.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code BLOB_CORRUPT} if its content is
   *     gone or its checksum does not hold
   */
  Optional<BlobReader> openReader(BlobKey key);

  /**
   * Deletes the present version.
   *
   * @param check called with it at the moment of deleting, no other change of this key between; an
   *     exception that it throws stops the deletion and is thrown on
   * @return the version that was deleted; empty where there was none (the check is not called)
   */
  Optional<BlobManifest> delete(BlobKey key, Consumer<BlobManifest> check);

  /**
   * Opens a cursor over the manifests of a bucket, in the order of the keys' UTF-8 bytes, without
   * loading more than it shows. The caller must close it. Throws {@code NO_SUCH_BUCKET}.
   */
  ManifestCursor openCursor(BucketName bucket);

  /** Writes something small durably, reads it back, and throws if that does not work. */
  void probe();

  /**
   * Reads what the store keeps beside the contents of blobs, its tables for example, as it lies on
   * the disk, past all caches, to see whether it is sound. Takes long; called by one thread at a
   * time, and never needed for the safety of what is read.
   *
   * @param pace told before anything is read how many bytes that will be; may take its time, and
   *     may throw to end the check
   * @return what is damaged, each in words; nothing where all is sound, or where the store, as by
   *     default, has nothing to check
   */
  default List<String> verify(LongConsumer pace) {
    return List.of();
  }
}
