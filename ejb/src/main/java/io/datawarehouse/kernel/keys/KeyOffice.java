package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.blob.BucketName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What an administrator may know of keys and do with them; never a key itself. Thread-safe. */
public interface KeyOffice {

  /**
   * A master key.
   *
   * @param id its name
   * @param state ACTIVE or RETIRED
   * @param createdAt when it was made, where that is known
   * @param bucketKeys how many bucket keys it wraps
   */
  record MasterKeyStatus(String id, KeyState state, Optional<Instant> createdAt, long bucketKeys) {}

  /**
   * A key of a bucket.
   *
   * @param id its name
   * @param version 1 for the bucket's first
   * @param state what it is good for
   * @param masterKeyId which master key wraps it, unless it is destroyed
   * @param createdAt when it was made
   * @param retiredAt when another took its place
   * @param destroyedAt when it was destroyed
   */
  record BucketKeyStatus(
      String id,
      int version,
      KeyState state,
      Optional<String> masterKeyId,
      Instant createdAt,
      Optional<Instant> retiredAt,
      Optional<Instant> destroyedAt) {}

  /**
   * The keys of a bucket.
   *
   * @param bucket the bucket
   * @param readable whether their record can be read
   * @param keys all that it has and had, oldest first
   */
  record BucketStatus(BucketName bucket, boolean readable, List<BucketKeyStatus> keys) {}

  /**
   * All keys.
   *
   * @param provider who holds the master keys
   * @param problem why they cannot be used now, where that is so
   * @param masterKeys the master keys, the active one first; none while they are not to be had
   * @param buckets the buckets that have or had keys, by name
   */
  record KeysStatus(
      String provider,
      Optional<String> problem,
      List<MasterKeyStatus> masterKeys,
      List<BucketStatus> buckets) {}

  /**
   * A bucket's key that another followed.
   *
   * @param bucket the bucket
   * @param keyId the new key
   * @param previousKeyId the one before, where there was one
   */
  record RotatedBucket(BucketName bucket, String keyId, Optional<String> previousKeyId) {}

  /**
   * What a rotation did.
   *
   * @param masterKeyId the master key that is active now
   * @param previousMasterKeyId the one before, where it is another
   * @param rewrapped how many bucket keys were wrapped anew by it
   * @param failed the bucket keys that could not be, because they cannot be unwrapped, or that no
   *     other could follow
   * @param buckets the buckets that got a new key
   */
  record Rotation(
      String masterKeyId,
      Optional<String> previousMasterKeyId,
      int rewrapped,
      List<String> failed,
      List<RotatedBucket> buckets) {}

  /**
   * What a destruction did.
   *
   * @param bucket the bucket
   * @param destroyed the keys that are gone
   */
  record Destruction(BucketName bucket, List<String> destroyed) {}

  /** Returns all keys. */
  KeysStatus status();

  /**
   * Makes a new master key, where the provider can, and wraps all bucket keys by the one that is
   * current then. No blob is touched. A rotation that a crash or an error broke off is completed by
   * the next one, or when the node starts; meanwhile all keys work.
   */
  Rotation rotateMaster();

  /**
   * Gives a bucket a new key for what is written from now on.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code NOT_FOUND} if it has none yet
   */
  Rotation rotateBucket(BucketName bucket);

  /** Gives every bucket that has an active key a new one. */
  Rotation rotateBuckets();

  /**
   * Destroys all keys of a bucket: whatever was encrypted with them can never be read again. What
   * is written afterwards gets a new key.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code NOT_FOUND} if it has none
   */
  Destruction destroy(BucketName bucket);
}
