package io.datawarehouse.sdk.blob;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * All that is known of a blob but its content. Immutable.
 *
 * @param bucket the bucket
 * @param key the key in it
 * @param size the number of bytes as they were written
 * @param storedSize the number of bytes that the content takes in the store
 * @param contentType its media type
 * @param etag the SHA-256 of the content, 64 lower-case hexadecimal digits, without quotes
 * @param context the causal context of this version, opaque
 * @param createdAt when the key was first written
 * @param lastModified when this version was written, in whole milliseconds
 * @param tags names and values of the writer's own
 * @param owners the nodes that keep it; filled in when it is shown, not stored
 * @param segment the part of the key space it belongs to; filled in when it is shown, not stored
 * @param pipeline what the content went through on its way to the store, first to last
 * @param deleted whether this version says that the blob is gone
 * @param encoding how the content lies in the store; empty where it lies as it was written. Not
 *     shown outside
 */
public record BlobManifest(
    BucketName bucket,
    String key,
    long size,
    long storedSize,
    String contentType,
    String etag,
    String context,
    Instant createdAt,
    Instant lastModified,
    Map<String, String> tags,
    List<NodeId> owners,
    int segment,
    List<String> pipeline,
    boolean deleted,
    Optional<ContentEncoding> encoding) {

  /** Checks and copies. */
  public BlobManifest {
    Objects.requireNonNull(bucket, "bucket");
    Objects.requireNonNull(key, "key");
    if (size < 0) {
      throw WarehouseException.invalid("size", size, "must not be negative");
    }
    Objects.requireNonNull(contentType, "contentType");
    Objects.requireNonNull(etag, "etag");
    Objects.requireNonNull(context, "context");
    Objects.requireNonNull(createdAt, "createdAt");
    Objects.requireNonNull(lastModified, "lastModified");
    tags = Map.copyOf(tags);
    owners = List.copyOf(owners);
    pipeline = List.copyOf(pipeline);
    Objects.requireNonNull(encoding, "encoding");
  }

  /** Makes a manifest of content that lies in the store as it was written. */
  public BlobManifest(
      BucketName bucket,
      String key,
      long size,
      long storedSize,
      String contentType,
      String etag,
      String context,
      Instant createdAt,
      Instant lastModified,
      Map<String, String> tags,
      List<NodeId> owners,
      int segment,
      List<String> pipeline,
      boolean deleted) {
    this(
        bucket,
        key,
        size,
        storedSize,
        contentType,
        etag,
        context,
        createdAt,
        lastModified,
        tags,
        owners,
        segment,
        pipeline,
        deleted,
        Optional.empty());
  }

  /** Returns the blob's address. */
  public BlobKey blobKey() {
    return new BlobKey(bucket, key);
  }

  /** Returns this manifest with the number of bytes that the content takes in the store. */
  public BlobManifest withStoredSize(long newStoredSize) {
    return new BlobManifest(
        bucket,
        key,
        size,
        newStoredSize,
        contentType,
        etag,
        context,
        createdAt,
        lastModified,
        tags,
        owners,
        segment,
        pipeline,
        deleted,
        encoding);
  }

  /** Returns this manifest with its place filled in. */
  public BlobManifest withPlacement(int newSegment, List<NodeId> newOwners) {
    return new BlobManifest(
        bucket,
        key,
        size,
        storedSize,
        contentType,
        etag,
        context,
        createdAt,
        lastModified,
        tags,
        newOwners,
        newSegment,
        pipeline,
        deleted,
        encoding);
  }

  /**
   * Returns this manifest with what its content went through.
   *
   * @param stages the names of the stages, first to last
   * @param how how the content lies in the store
   */
  public BlobManifest withEncoding(List<String> stages, ContentEncoding how) {
    return new BlobManifest(
        bucket,
        key,
        size,
        storedSize,
        contentType,
        etag,
        context,
        createdAt,
        lastModified,
        tags,
        owners,
        segment,
        stages,
        deleted,
        Optional.of(how));
  }
}
