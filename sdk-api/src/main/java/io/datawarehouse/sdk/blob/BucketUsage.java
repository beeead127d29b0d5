package io.datawarehouse.sdk.blob;

/**
 * What a bucket holds. Immutable.
 *
 * @param blobCount the number of blobs
 * @param bytes the sum of their sizes, as they were written
 */
public record BucketUsage(long blobCount, long bytes) {

  /** A bucket that holds nothing. */
  public static final BucketUsage EMPTY = new BucketUsage(0, 0);
}
