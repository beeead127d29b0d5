package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Locale;
import java.util.Map;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** Says what went wrong below in the warehouse's words. */
final class StorageErrors {

  private StorageErrors() {}

  static WarehouseException of(String doing, IOException cause) {
    if (cause instanceof ClosedByInterruptException) {
      return new WarehouseException(
          StandardErrorCode.UNAVAILABLE, doing + ": interrupted, the node is stopping", cause);
    }
    return failure(isNoSpace(cause.getMessage()), doing, cause);
  }

  static WarehouseException of(String doing, RocksDBException cause) {
    Status status = cause.getStatus();
    if (isCorruption(cause)) {
      return new WarehouseException(
          StandardErrorCode.BLOB_CORRUPT, doing + ": " + reason(cause), cause);
    }
    boolean noSpace = status != null && status.getSubCode() == Status.SubCode.NoSpace;
    return failure(noSpace || isNoSpace(cause.getMessage()), doing, cause);
  }

  static boolean isCorruption(RocksDBException failure) {
    Status status = failure.getStatus();
    return status != null && status.getCode() == Status.Code.Corruption;
  }

  /** Returns what RocksDB says, with the names of files and without where they lie. */
  static String reason(RocksDBException failure) {
    return String.valueOf(failure.getMessage()).replaceAll("(?<![^\\s'\"(:])/[^\\s]*/", "");
  }

  static WarehouseException corrupt(BlobKey key, String what) {
    return new WarehouseException(
        StandardErrorCode.BLOB_CORRUPT,
        WarehouseException.shown(key) + ": " + what,
        Map.of("bucket", key.bucket().value(), "key", key.key()),
        null);
  }

  static WarehouseException noSuchBucket(BucketName bucket) {
    return new WarehouseException(
        StandardErrorCode.NO_SUCH_BUCKET, "there is no bucket " + bucket.value());
  }

  static WarehouseException diskFull(long usable, long needed) {
    return new WarehouseException(
        StandardErrorCode.DISK_FULL,
        "the disk has " + usable + " bytes left, " + needed + " are needed");
  }

  private static WarehouseException failure(boolean noSpace, String doing, Exception cause) {
    ErrorCode code = noSpace ? StandardErrorCode.DISK_FULL : StandardErrorCode.STORAGE_FAILED;
    return new WarehouseException(code, doing + " failed: " + cause.getMessage(), cause);
  }

  private static boolean isNoSpace(@org.jspecify.annotations.Nullable String message) {
    if (message == null) {
      return false;
    }
    String text = message.toLowerCase(Locale.ROOT);
    return text.contains("no space left")
        || text.contains("disk quota exceeded")
        || text.contains("not enough space");
  }
}
