package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.heat.LeasePlace;
import io.datawarehouse.kernel.sharding.RangePlanner;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.blob.StorageMessages.BlobListing;
import io.datawarehouse.sdk.blob.StorageMessages.BlobRead;
import io.datawarehouse.sdk.blob.StorageMessages.ListBlobs;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.cluster.NodeId;
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

  /** Query: {@link ListQuestion} to {@link ListAnswer}. */
  static final Topic LIST = Topic.of("kernel.blobs.list");

  /** Command: {@link SettleBucket} to {@link Settled}. */
  static final Topic SETTLE = Topic.of("kernel.blobs.settle");

  /** Query: {@link FillBlob} to {@link Filled}, with content. */
  static final Topic FILL = Topic.of("kernel.blobs.fill");

  /** Query: a description for the holder of a lease to the manifest. */
  static final Topic LOOK = Topic.of("kernel.blobs.look");

  /** Query: {@link DivideQuestion} to {@link DivideAnswer}. */
  static final Topic DIVIDE = Topic.of("kernel.blobs.divide");

  /** Query: {@link SurveyQuestion} to {@link SurveyAnswer}. */
  static final Topic SURVEY = Topic.of("kernel.blobs.survey");

  private NodeBlobs() {}

  /**
   * Reads for the holder of a lease.
   *
   * @param read what its client asks for
   * @param holder who asks
   * @param place of what it has a lease; empty where it would keep no copy
   * @param most how large a blob may be of which it would keep a copy; 0 where it keeps none
   */
  record FillBlob(ReadBlob read, NodeId holder, Optional<LeasePlace> place, long most) {}

  /**
   * What the holder of a lease gets.
   *
   * @param read what follows
   * @param copy whether that is all of the blob and may be kept; else it is what was asked for
   */
  record Filled(BlobRead read, boolean copy) {}

  /**
   * Asks what a node holds of the ranges of a bucket.
   *
   * @param bucket which
   * @param version the version of its entry that says which ranges there are
   * @param large over how many bytes the middle of a range is looked for; {@link #REQUESTS_ALONE}
   *     where what is held is not to be looked at
   */
  record SurveyQuestion(BucketName bucket, long version, long large) {

    /** Asks for requests and their middles, which needs no look at the store. */
    static final long REQUESTS_ALONE = -1;
  }

  /**
   * What a node holds of each range.
   *
   * @param ranges in their order
   */
  record SurveyAnswer(List<RangePlanner.Survey> ranges) {
    SurveyAnswer {
      ranges = List.copyOf(ranges);
    }
  }

  /**
   * Asks what of a node's blobs a change of sharding would move.
   *
   * @param change the change
   */
  record DivideQuestion(String change) {}

  /**
   * What would move.
   *
   * @param moves from that node to others, by segment
   */
  record DivideAnswer(List<ShardingPlans.Move> moves) {
    DivideAnswer {
      moves = List.copyOf(moves);
    }
  }

  /**
   * Asks what a node holds.
   *
   * @param bucket in which bucket; in all where empty
   * @param stamp by what the one who asks goes, see {@code Ownership.stamp}
   */
  record UsageQuestion(Optional<BucketName> bucket, String stamp) {}

  /** What is answered by what the one who answers knows of who owns what. */
  interface Stamped {
    /** Returns by what it went. */
    String stamp();
  }

  /**
   * Asks for a page of what a node owns.
   *
   * @param query which page
   * @param stamp by what the one who asks goes
   */
  record ListQuestion(ListBlobs query, String stamp) {}

  /**
   * A page of what a node owns.
   *
   * @param page the page
   * @param stamp by what it was made
   */
  record ListAnswer(BlobListing page, String stamp) implements Stamped {}

  /**
   * What a node owns.
   *
   * @param buckets those that it has, sorted by name
   * @param stored how many blobs its store holds, with those that others own
   * @param moving whether copies may be there that others own
   * @param stamp by what it was counted
   */
  record UsageAnswer(List<Held> buckets, long stored, boolean moving, String stamp)
      implements Stamped {
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
   * @param stamp by what the one who asks goes
   */
  record SettleBucket(BucketName bucket, long version, String stamp) {
    SettleBucket {
      Objects.requireNonNull(bucket, "bucket");
    }
  }

  /**
   * No change of the bucket is under way on that node, nor will one begin.
   *
   * @param blobCount how many blobs of it the node owns
   * @param stamp by what they were counted
   */
  record Settled(long blobCount, String stamp) implements Stamped {}
}
