package io.datawarehouse.plugin.affinity;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.StorageMessages.BlobDamaged;
import io.datawarehouse.sdk.blob.StorageMessages.ChangePipeline;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBlob;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBlob;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBucket;
import io.datawarehouse.sdk.blob.StorageMessages.ListBlobs;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.message.Message;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a message is about. */
final class Subject {

  /** The header that names a bucket. */
  static final String BUCKET = "dw-bucket";

  /** The header that names a key in that bucket. */
  static final String KEY = "dw-key";

  private Subject() {}

  /** Returns the address of the blob that a message is about; null where it is about none. */
  static @Nullable String blob(Message message) {
    String bucket = header(message, BUCKET);
    String key = header(message, KEY);
    if (bucket != null && key != null) {
      return bucket + "/" + key;
    }
    Object value = message.payload().find(Object.class).orElse(null);
    BlobKey blob = value == null ? null : blob(value);
    return blob == null ? null : blob.affinityKey();
  }

  private static @Nullable BlobKey blob(Object value) {
    if (value instanceof ReadBlob read) {
      return read.blobKey();
    }
    if (value instanceof WriteBlob write) {
      return write.blobKey();
    }
    if (value instanceof DescribeBlob describe) {
      return describe.blobKey();
    }
    if (value instanceof DeleteBlob delete) {
      return delete.blobKey();
    }
    if (value instanceof BlobManifest manifest) {
      return manifest.blobKey();
    }
    if (value instanceof BlobDamaged damaged) {
      return damaged.blob();
    }
    return value instanceof BlobKey key ? key : null;
  }

  /** Returns the name of the bucket that a message is about; null where it is about none. */
  static @Nullable String bucket(Message message) {
    String named = header(message, BUCKET);
    if (named != null) {
      return named;
    }
    Object value = message.payload().find(Object.class).orElse(null);
    if (value == null) {
      return null;
    }
    BlobKey blob = blob(value);
    BucketName bucket = blob == null ? bucket(value) : blob.bucket();
    return bucket == null ? null : bucket.value();
  }

  private static @Nullable BucketName bucket(Object value) {
    if (value instanceof ListBlobs list) {
      return list.bucket();
    }
    if (value instanceof CreateBucket create) {
      return create.bucket();
    }
    if (value instanceof ChangePipeline change) {
      return change.bucket();
    }
    if (value instanceof DescribeBucket describe) {
      return describe.bucket();
    }
    if (value instanceof DeleteBucket delete) {
      return delete.bucket();
    }
    return value instanceof BucketName name ? name : null;
  }

  /** Returns the value of a tag of the blob that a message is about; null where there is none. */
  static @Nullable String tag(Message message, String name) {
    Object value = message.payload().find(Object.class).orElse(null);
    Map<String, String> tags =
        value instanceof WriteBlob write
            ? write.tags()
            : value instanceof BlobManifest manifest ? manifest.tags() : Map.of();
    return filled(tags.get(name));
  }

  /** Returns the value of a header, its name in lower case; null where it is missing or empty. */
  static @Nullable String header(Message message, String name) {
    return filled(message.headers().get(name));
  }

  private static @Nullable String filled(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }
}
