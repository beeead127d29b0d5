package io.datawarehouse.sdk.blob;

import io.datawarehouse.sdk.message.Topic;

/** The topics of the blob store, with what goes in and what comes out. */
public final class StorageTopics {

  /** Command: {@link StorageMessages.CreateBucket} to {@link StorageMessages.BucketCreated}. */
  public static final Topic BUCKET_CREATE = Topic.of("storage.bucket.create");

  /**
   * Command: {@link StorageMessages.ChangePipeline} to {@link StorageMessages.BucketDescription}.
   */
  public static final Topic BUCKET_PIPELINE = Topic.of("storage.bucket.pipeline");

  /** Command: {@link StorageMessages.ChangeSharding} to {@link StorageMessages.ShardingChanged}. */
  public static final Topic BUCKET_SHARDING = Topic.of("storage.bucket.sharding");

  /** Query: {@link StorageMessages.DescribeBucket} to {@link StorageMessages.BucketDescription}. */
  public static final Topic BUCKET_DESCRIBE = Topic.of("storage.bucket.describe");

  /** Query: nothing to {@link StorageMessages.BucketList}. */
  public static final Topic BUCKET_LIST = Topic.of("storage.bucket.list");

  /** Command: {@link StorageMessages.DeleteBucket} to nothing. */
  public static final Topic BUCKET_DELETE = Topic.of("storage.bucket.delete");

  /**
   * Command: {@link StorageMessages.WriteBlob} with content to {@link StorageMessages.BlobWritten}.
   */
  public static final Topic WRITE = Topic.of("storage.write");

  /** Query: {@link StorageMessages.ReadBlob} to {@link StorageMessages.BlobRead} with content. */
  public static final Topic READ = Topic.of("storage.read");

  /** Query: {@link StorageMessages.DescribeBlob} to {@link BlobManifest}. */
  public static final Topic DESCRIBE = Topic.of("storage.describe");

  /** Command: {@link StorageMessages.DeleteBlob} to {@link StorageMessages.BlobDeleted}. */
  public static final Topic DELETE = Topic.of("storage.delete");

  /** Query: {@link StorageMessages.ListBlobs} to {@link StorageMessages.BlobListing}. */
  public static final Topic LIST = Topic.of("storage.list");

  /** Query: nothing to {@link StorageMessages.ProbeResult}; writes and reads something small. */
  public static final Topic PROBE = Topic.of("storage.probe");

  /** Event: {@link BlobManifest}; a version was written. */
  public static final Topic WRITTEN = Topic.of("storage.written");

  /** Event: {@link BlobManifest}; the version that was deleted. */
  public static final Topic DELETED = Topic.of("storage.deleted");

  /** Event: a blob was found to be damaged; {@link StorageMessages.BlobDamaged}. */
  public static final Topic DAMAGED = Topic.of("storage.damaged");

  private StorageTopics() {}
}
