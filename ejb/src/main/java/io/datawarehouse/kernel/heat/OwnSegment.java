package io.datawarehouse.kernel.heat;

import io.datawarehouse.sdk.blob.BucketName;
import java.util.Objects;

/**
 * A segment of a bucket's own. Immutable.
 *
 * @param bucket whose
 * @param number its number; buckets number theirs for themselves
 */
record OwnSegment(BucketName bucket, int number) {
  OwnSegment {
    Objects.requireNonNull(bucket, "bucket");
  }
}
