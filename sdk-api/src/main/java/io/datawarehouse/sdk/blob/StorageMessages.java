package io.datawarehouse.sdk.blob;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** The commands, queries and answers of the {@link StorageTopics}. All are immutable. */
public final class StorageMessages {

  private StorageMessages() {}

  /**
   * Makes a bucket, or finds that it is there with the same settings.
   *
   * @param bucket its name
   * @param settings what is asked for
   */
  public record CreateBucket(BucketName bucket, BucketSettings settings) {
    /** Checks that nothing is missing. */
    public CreateBucket {
      Objects.requireNonNull(bucket, "bucket");
      Objects.requireNonNull(settings, "settings");
    }
  }

  /**
   * The bucket is there.
   *
   * @param bucket what it is
   * @param created whether it is new
   */
  public record BucketCreated(BucketDescription bucket, boolean created) {}

  /**
   * Gives a bucket another pipeline, for content that is written from now on. What is stored stays
   * as it is, and readable.
   *
   * @param bucket its name
   * @param pipeline the names of the stages, first to last; none for content as it comes
   */
  public record ChangePipeline(BucketName bucket, List<String> pipeline) {
    /** Checks and copies. */
    public ChangePipeline {
      Objects.requireNonNull(bucket, "bucket");
      pipeline = List.copyOf(pipeline);
    }
  }

  /**
   * Divides the keys of a bucket in another way. That of an empty bucket changes at once; for one
   * that holds blobs a plan is made, and nothing moves before that is started.
   *
   * @param bucket its name
   * @param sharding the sharding strategy's name
   * @param shardingOptions its parameters
   */
  public record ChangeSharding(
      BucketName bucket, String sharding, Optional<ShardingOptions> shardingOptions) {
    /** Checks that nothing is missing. */
    public ChangeSharding {
      Objects.requireNonNull(bucket, "bucket");
      Objects.requireNonNull(sharding, "sharding");
      Objects.requireNonNull(shardingOptions, "shardingOptions");
    }
  }

  /**
   * The keys are divided so, or will be.
   *
   * @param bucket what it is now
   * @param plan the plan that has to be started for that; empty where it is so already
   */
  public record ShardingChanged(BucketDescription bucket, Optional<String> plan) {}

  /**
   * Asks for one bucket.
   *
   * @param bucket its name
   */
  public record DescribeBucket(BucketName bucket) {
    /** Checks that nothing is missing. */
    public DescribeBucket {
      Objects.requireNonNull(bucket, "bucket");
    }
  }

  /**
   * A bucket and what it holds.
   *
   * @param name its name
   * @param settings what was asked for
   * @param createdAt when it was made
   * @param usage what it holds
   * @param missing the nodes that could not be asked, so that what they hold is not counted; none
   *     as a rule
   * @param shards how its keys are divided; none where that was not asked for
   */
  public record BucketDescription(
      BucketName name,
      BucketSettings settings,
      Instant createdAt,
      BucketUsage usage,
      List<NodeId> missing,
      List<BucketShard> shards) {
    /** Copies. */
    public BucketDescription {
      missing = List.copyOf(missing);
      shards = List.copyOf(shards);
    }

    /** Makes a description without shards. */
    public BucketDescription(
        BucketName name,
        BucketSettings settings,
        Instant createdAt,
        BucketUsage usage,
        List<NodeId> missing) {
      this(name, settings, createdAt, usage, missing, List.of());
    }

    /** Makes a description for which all nodes were asked. */
    public BucketDescription(
        BucketName name, BucketSettings settings, Instant createdAt, BucketUsage usage) {
      this(name, settings, createdAt, usage, List.of());
    }
  }

  /**
   * A part of a bucket's keys.
   *
   * @param name tells it from the others
   * @param rule which keys belong to it and where they may lie, in words
   * @param from the first key that can belong to it, where it is a range; empty for the first
   * @param to the first key after it, where it is a range; empty for the last
   * @param segments the segments that it has for itself; none where it lies in those of the cluster
   */
  public record BucketShard(
      String name,
      String rule,
      Optional<String> from,
      Optional<String> to,
      List<OwnSegment> segments) {
    /** Copies. */
    public BucketShard {
      segments = List.copyOf(segments);
    }
  }

  /**
   * A segment that a bucket has for itself.
   *
   * @param id its number
   * @param owner who owns it; empty where no node has been there yet that may
   */
  public record OwnSegment(int id, Optional<NodeId> owner) {}

  /**
   * All buckets.
   *
   * @param buckets sorted by name
   */
  public record BucketList(List<BucketDescription> buckets) {
    /** Copies. */
    public BucketList {
      buckets = List.copyOf(buckets);
    }
  }

  /**
   * Removes an empty bucket.
   *
   * @param bucket its name
   */
  public record DeleteBucket(BucketName bucket) {
    /** Checks that nothing is missing. */
    public DeleteBucket {
      Objects.requireNonNull(bucket, "bucket");
    }
  }

  /**
   * Writes a version of a blob; its bytes are the message's content.
   *
   * @param bucket the bucket
   * @param key the key in it
   * @param contentType its media type, at most 255 characters
   * @param tags at most 64, names 1 to 128 and values up to 1024 bytes, 8 KiB in all
   * @param digests what the content must have; nothing is stored otherwise
   * @param condition what must hold
   * @param context the causal context that the writer has seen
   */
  public record WriteBlob(
      BucketName bucket,
      String key,
      String contentType,
      Map<String, String> tags,
      List<ContentDigest> digests,
      WriteCondition condition,
      Optional<String> context) {

    private static final int MOST_TAGS = 64;
    private static final int LONGEST_TAG_NAME = 128;
    private static final int LONGEST_TAG_VALUE = 1024;
    private static final int ALL_TAGS = 8192;

    /** Checks and copies. */
    public WriteBlob {
      Objects.requireNonNull(bucket, "bucket");
      BlobKey.requireKey(key);
      if (contentType.isBlank() || contentType.length() > 255) {
        throw WarehouseException.invalid("Content-Type", contentType, "use 1 to 255 characters");
      }
      tags = Map.copyOf(tags);
      requireTags(tags);
      digests = List.copyOf(digests);
    }

    /** Returns the blob's address. */
    public BlobKey blobKey() {
      return new BlobKey(bucket, key);
    }

    private static void requireTags(Map<String, String> tags) {
      if (tags.size() > MOST_TAGS) {
        throw WarehouseException.invalid("DW-Tag", tags.size() + " tags", "at most 64");
      }
      int all = 0;
      for (Map.Entry<String, String> tag : tags.entrySet()) {
        int name = tag.getKey().getBytes(StandardCharsets.UTF_8).length;
        int value = tag.getValue().getBytes(StandardCharsets.UTF_8).length;
        if (name == 0 || name > LONGEST_TAG_NAME) {
          throw WarehouseException.invalid(
              "DW-Tag", tag.getKey(), "a name has 1 to 128 bytes of UTF-8");
        }
        if (value > LONGEST_TAG_VALUE) {
          throw WarehouseException.invalid(
              "DW-Tag", tag.getKey(), "a value has at most 1024 bytes of UTF-8");
        }
        all += name + value;
      }
      if (all > ALL_TAGS) {
        throw WarehouseException.invalid("DW-Tag", all + " bytes", "at most 8192 in all");
      }
    }
  }

  /**
   * The blob is durable.
   *
   * @param manifest what was stored
   * @param created whether the key is new
   */
  public record BlobWritten(BlobManifest manifest, boolean created) {}

  /**
   * Asks for a blob's content, or a part of it.
   *
   * @param bucket the bucket
   * @param key the key in it
   * @param range the part; all of it where empty
   * @param condition what the reader asks of the version
   */
  public record ReadBlob(
      BucketName bucket, String key, Optional<ByteRange> range, ReadCondition condition) {
    /** Checks. */
    public ReadBlob {
      Objects.requireNonNull(bucket, "bucket");
      BlobKey.requireKey(key);
      Objects.requireNonNull(range, "range");
      Objects.requireNonNull(condition, "condition");
    }

    /** Returns the blob's address. */
    public BlobKey blobKey() {
      return new BlobKey(bucket, key);
    }
  }

  /** How a read ended. */
  public enum ReadOutcome {
    /** The whole content follows. */
    WHOLE,
    /** The part that was asked for follows. */
    PART,
    /** The reader has this version already; nothing follows. */
    NOT_MODIFIED
  }

  /**
   * The answer to a read.
   *
   * @param outcome what follows
   * @param manifest the version that was read
   * @param offset the first byte that follows
   * @param length how many bytes follow
   */
  public record BlobRead(ReadOutcome outcome, BlobManifest manifest, long offset, long length) {}

  /**
   * Asks for a blob's manifest.
   *
   * @param bucket the bucket
   * @param key the key in it
   */
  public record DescribeBlob(BucketName bucket, String key) {
    /** Checks. */
    public DescribeBlob {
      Objects.requireNonNull(bucket, "bucket");
      BlobKey.requireKey(key);
    }

    /** Returns the blob's address. */
    public BlobKey blobKey() {
      return new BlobKey(bucket, key);
    }
  }

  /**
   * Deletes a blob.
   *
   * @param bucket the bucket
   * @param key the key in it
   * @param condition what must hold
   * @param context the causal context that the writer has seen
   */
  public record DeleteBlob(
      BucketName bucket, String key, WriteCondition condition, Optional<String> context) {
    /** Checks. */
    public DeleteBlob {
      Objects.requireNonNull(bucket, "bucket");
      BlobKey.requireKey(key);
      Objects.requireNonNull(condition, "condition");
    }

    /** Returns the blob's address. */
    public BlobKey blobKey() {
      return new BlobKey(bucket, key);
    }
  }

  /**
   * The blob is gone, durably.
   *
   * @param manifest the version that was there
   */
  public record BlobDeleted(BlobManifest manifest) {}

  /**
   * A blob is not as it was stored any more; reading it fails with {@code BLOB_CORRUPT}.
   *
   * @param blob which
   * @param reason what is wrong with it, in words
   */
  public record BlobDamaged(BlobKey blob, String reason) {}

  /**
   * Asks for blobs in the order of their keys' UTF-8 bytes.
   *
   * @param bucket the bucket
   * @param prefix what keys begin with; empty for all
   * @param delimiter keys that hold it after the prefix are rolled up into one prefix
   * @param after only what comes after this key or rolled-up prefix
   * @param limit how many blobs and prefixes together, 1 to 1000
   */
  public record ListBlobs(
      BucketName bucket,
      String prefix,
      Optional<String> delimiter,
      Optional<String> after,
      int limit) {
    /** The most that one listing gives. */
    public static final int MOST = 1000;

    /** Checks. */
    public ListBlobs {
      Objects.requireNonNull(bucket, "bucket");
      requireShort("prefix", prefix);
      delimiter.ifPresent(
          text -> {
            requireShort("delimiter", text);
            if (text.isEmpty()) {
              throw WarehouseException.invalid("delimiter", text, "must not be empty");
            }
          });
      after.ifPresent(text -> requireShort("after", text));
      if (limit < 1 || limit > MOST) {
        throw WarehouseException.invalid("limit", limit, "use 1 to 1000");
      }
    }

    private static void requireShort(String field, String text) {
      if (text.getBytes(StandardCharsets.UTF_8).length > BlobKey.MOST_BYTES) {
        throw WarehouseException.invalid(
            StandardErrorCode.INVALID_ARGUMENT,
            field,
            text,
            "must not be longer than 1024 bytes of UTF-8");
      }
    }
  }

  /**
   * A page of a listing.
   *
   * @param blobs the manifests, in order
   * @param prefixes the rolled-up prefixes, in order
   * @param next what to ask for as {@code after} to go on; empty at the end
   * @param missing the nodes that could not be asked, so that their blobs are not in the page; none
   *     as a rule
   */
  public record BlobListing(
      List<BlobManifest> blobs,
      List<String> prefixes,
      Optional<String> next,
      List<NodeId> missing) {
    /** Copies. */
    public BlobListing {
      blobs = List.copyOf(blobs);
      prefixes = List.copyOf(prefixes);
      missing = List.copyOf(missing);
    }

    /** Makes a page for which all nodes were asked. */
    public BlobListing(List<BlobManifest> blobs, List<String> prefixes, Optional<String> next) {
      this(blobs, prefixes, next, List.of());
    }
  }

  /**
   * The store works.
   *
   * @param provider the name of the store
   * @param tookMicros how long the probe took, in microseconds; {@code 0} where too short to tell
   */
  public record ProbeResult(String provider, OptionalLong tookMicros) {}
}
