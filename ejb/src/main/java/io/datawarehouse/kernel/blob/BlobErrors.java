package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Optional;

/** The words of errors that more than one class throws. */
final class BlobErrors {

  private BlobErrors() {}

  static WarehouseException noSuchBucket(BucketName bucket) {
    return new WarehouseException(
        StandardErrorCode.NO_SUCH_BUCKET, "bucket '" + bucket + "' does not exist");
  }

  static WarehouseException noSuchBlob(BlobKey key) {
    return new WarehouseException(
        StandardErrorCode.NO_SUCH_BLOB,
        "bucket '" + key.bucket() + "' has no blob " + WarehouseException.shown(key.key()));
  }

  static WarehouseException preconditionFailed(String header, BlobKey key, Optional<String> etag) {
    return preconditionFailed(
        header,
        key,
        etag.map(tag -> "its entity tag is \"" + tag + "\"").orElse("it does not exist"));
  }

  static WarehouseException preconditionFailed(String header, BlobKey key, String why) {
    return new WarehouseException(
        StandardErrorCode.PRECONDITION_FAILED,
        header + " does not hold for " + WarehouseException.shown(key) + ": " + why);
  }
}
