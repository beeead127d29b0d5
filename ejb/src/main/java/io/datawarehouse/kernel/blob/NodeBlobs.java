package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.blob.StorageMessages.BlobRead;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.message.Topic;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the kernels of a cluster ask each other about the blobs that each of them holds: topics and
 * messages. Each goes to one certain node.
 */
final class NodeBlobs {

  /** Query: {@link UsageQuestion} to {@link UsageAnswer}. */
  static final Topic USAGE = Topic.of("kernel.blobs.usage");

  /** Query: a listing to the page of what that node holds. */
  static final Topic LIST = Topic.of("kernel.blobs.list");

  /** Command: {@link SettleBucket} to {@link Settled}. */
  static final Topic SETTLE = Topic.of("kernel.blobs.settle");

  /** Query: {@link FillBlob} to {@link Filled}, with content. */
  static final Topic FILL = Topic.of("kernel.blobs.fill");

  /** Query: a description for the holder of a lease to the manifest. */
  static final Topic LOOK = Topic.of("kernel.blobs.look");

  private NodeBlobs() {}

  /**
   * Reads for the holder of a lease.
   *
   * @param read what its client asks for
   * @param copy whether it would keep a copy
   */
  record FillBlob(ReadBlob read, boolean copy) {}

  /**
   * What the holder of a lease gets.
   *
   * @param read what follows
   * @param copy whether that is all of the blob and may be kept; else it is what was asked for
   */
  record Filled(BlobRead read, boolean copy) {}

  /**
   * Asks what a node holds.
   *
   * @param bucket in which bucket; in all where empty
   */
  record UsageQuestion(Optional<BucketName> bucket) {}

  /**
   * What a node holds.
   *
   * @param buckets those that it has, sorted by name
   */
  record UsageAnswer(List<Held> buckets) {
    UsageAnswer {
      buckets = List.copyOf(buckets);
    }

    /** Returns what it holds of a bucket; nothing where it does not have it. */
    BucketUsage of(BucketName name) {
      return buckets.stream()
          .filter(held -> held.bucket.equals(name))
          .findFirst()
          .map(Held::usage)
          .orElse(BucketUsage.EMPTY);
    }
  }

  /**
   * What a node holds of one bucket.
   *
   * @param bucket which
   * @param usage how much
   */
  record Held(BucketName bucket, BucketUsage usage) {}

  /**
   * Asks a node to take no more changes of a bucket that is being deleted.
   *
   * @param bucket which
   * @param version the version of its registry entry that says so, at least
   */
  record SettleBucket(BucketName bucket, long version) {
    SettleBucket {
      Objects.requireNonNull(bucket, "bucket");
    }
  }

  /**
   * No change of the bucket is under way on that node, nor will one begin.
   *
   * @param blobCount how many blobs of it are there
   */
  record Settled(long blobCount) {}
}
