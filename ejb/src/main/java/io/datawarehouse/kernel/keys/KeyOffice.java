package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What an administrator may know of keys and do with them; never a key itself. Thread-safe.
 *
 * <p>In a cluster every node has keys of its own, and an office speaks for all of them: what it
 * shows says on which node it is, and what it does is done on every node that answers. The others
 * are named, and nothing is said of them.
 */
public interface KeyOffice {

  /**
   * A master key.
   *
   * @param id its name
   * @param state ACTIVE or RETIRED
   * @param createdAt when it was made, where that is known
   * @param bucketKeys how many bucket keys it wraps
   * @param node whose it is, in a cluster
   */
  record MasterKeyStatus(
      String id,
      KeyState state,
      Optional<Instant> createdAt,
      long bucketKeys,
      Optional<NodeId> node) {

    MasterKeyStatus on(NodeId owner) {
      return new MasterKeyStatus(id, state, createdAt, bucketKeys, Optional.of(owner));
    }
  }

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
   * @param node whose it is, in a cluster
   */
  record BucketKeyStatus(
      String id,
      int version,
      KeyState state,
      Optional<String> masterKeyId,
      Instant createdAt,
      Optional<Instant> retiredAt,
      Optional<Instant> destroyedAt,
      Optional<NodeId> node) {

    BucketKeyStatus on(NodeId owner) {
      return new BucketKeyStatus(
          id, version, state, masterKeyId, createdAt, retiredAt, destroyedAt, Optional.of(owner));
    }
  }

  /**
   * The keys of a bucket.
   *
   * @param bucket the bucket
   * @param readable whether their record can be read, on all nodes
   * @param keys all that it has and had, oldest first
   */
  record BucketStatus(BucketName bucket, boolean readable, List<BucketKeyStatus> keys) {
    /** Copies. */
    public BucketStatus {
      keys = List.copyOf(keys);
    }
  }

  /**
   * All keys.
   *
   * @param provider who holds the master keys
   * @param problem why they cannot be used now, where that is so
   * @param masterKeys the master keys, the active one first; none while they are not to be had
   * @param buckets the buckets that have or had keys, by name
   * @param missing the nodes that did not answer: their keys are not shown
   */
  record KeysStatus(
      String provider,
      Optional<String> problem,
      List<MasterKeyStatus> masterKeys,
      List<BucketStatus> buckets,
      List<NodeId> missing) {
    /** Copies. */
    public KeysStatus {
      masterKeys = List.copyOf(masterKeys);
      buckets = List.copyOf(buckets);
      missing = List.copyOf(missing);
    }
  }

  /**
   * A bucket's key that another followed.
   *
   * @param bucket the bucket
   * @param keyId the new key
   * @param previousKeyId the one before, where there was one
   * @param node whose they are, in a cluster
   */
  record RotatedBucket(
      BucketName bucket, String keyId, Optional<String> previousKeyId, Optional<NodeId> node) {

    RotatedBucket on(NodeId owner) {
      return new RotatedBucket(bucket, keyId, previousKeyId, Optional.of(owner));
    }
  }

  /**
   * A node that answered that it cannot.
   *
   * @param node which
   * @param code the code of its error
   * @param reason why, in words
   */
  record Refusal(NodeId node, String code, String reason) {}

  /**
   * What a rotation did.
   *
   * @param masterKeyId the master key that is active now; in a cluster that of the node that
   *     answers, or of the first that could, where this one could not
   * @param previousMasterKeyId the one before on that node, where it is another
   * @param rewrapped how many bucket keys were wrapped anew, on all nodes
   * @param failed the bucket keys that could not be, because they cannot be unwrapped, or that no
   *     other could follow
   * @param buckets the buckets that got a new key
   * @param refused the nodes that could not rotate: their keys are as they were, or a rotation of
   *     the master key is to be completed
   * @param missing the nodes that did not answer: whether they rotated is not known
   */
  record Rotation(
      String masterKeyId,
      Optional<String> previousMasterKeyId,
      int rewrapped,
      List<String> failed,
      List<RotatedBucket> buckets,
      List<Refusal> refused,
      List<NodeId> missing) {
    /** Copies. */
    public Rotation {
      failed = List.copyOf(failed);
      buckets = List.copyOf(buckets);
      refused = List.copyOf(refused);
      missing = List.copyOf(missing);
    }
  }

  /**
   * What a destruction did.
   *
   * @param bucket the bucket
   * @param destroyed the keys that are gone
   * @param missing the nodes that did not confirm it: they may still read with their keys until
   *     they are back in touch with the cluster
   */
  record Destruction(BucketName bucket, List<String> destroyed, List<NodeId> missing) {
    /** Copies. */
    public Destruction {
      destroyed = List.copyOf(destroyed);
      missing = List.copyOf(missing);
    }
  }

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
   * is written afterwards gets a new key. In a cluster it is agreed on first, and then every node
   * does it, those that are away when they are back.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code NOT_FOUND} if it has none; in a
   *     cluster {@code UNAVAILABLE} where no majority is reached, and nothing is destroyed then,
   *     {@code TIMEOUT} where it is not known whether it was agreed on
   */
  Destruction destroy(BucketName bucket);
}
