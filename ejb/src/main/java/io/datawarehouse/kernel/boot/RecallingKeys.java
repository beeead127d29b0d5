package io.datawarehouse.kernel.boot;

import io.datawarehouse.kernel.heat.ReadCopies;
import io.datawarehouse.kernel.keys.KeyOffice;
import io.datawarehouse.sdk.blob.BucketName;

/**
 * Destroys keys only when nobody serves copies of this node's blobs: what cannot be read any more
 * must not be found in another node's memory. Thread-safe.
 */
final class RecallingKeys implements KeyOffice {

  private final KeyOffice office;
  private final ReadCopies copies;

  RecallingKeys(KeyOffice office, ReadCopies copies) {
    this.office = office;
    this.copies = copies;
  }

  @Override
  public KeysStatus status() {
    return office.status();
  }

  @Override
  public Rotation rotateMaster() {
    return office.rotateMaster();
  }

  @Override
  public Rotation rotateBucket(BucketName bucket) {
    return office.rotateBucket(bucket);
  }

  @Override
  public Rotation rotateBuckets() {
    return office.rotateBuckets();
  }

  @Override
  public Destruction destroy(BucketName bucket) {
    return copies.withoutCopies(() -> office.destroy(bucket));
  }
}
