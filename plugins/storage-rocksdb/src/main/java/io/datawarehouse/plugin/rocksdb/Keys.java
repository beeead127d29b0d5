package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The keys of rows. A manifest's key is its bucket, a zero byte, and its key in UTF-8, so that
 * RocksDB's own order is the order of listings: neither part can hold a zero byte, and 0xFF occurs
 * in no UTF-8 text.
 */
final class Keys {

  static final byte[] FORMAT = {'f'};
  static final byte[] EPOCH = {'e'};
  static final byte[] PROBE = {'p'};

  private static final byte BUCKET = 'b';
  private static final byte BLOB_COUNT = 'c';
  private static final byte BYTE_COUNT = 's';
  private static final byte AFTER_ALL_UTF_8 = (byte) 0xFF;

  private Keys() {}

  static byte[] manifest(BlobKey key) {
    return manifest(key.bucket(), key.key());
  }

  static byte[] manifest(BucketName bucket, String key) {
    return append(firstOf(bucket), key.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns the smallest key after the given one. */
  static byte[] after(BucketName bucket, String key) {
    byte[] present = manifest(bucket, key);
    return Arrays.copyOf(present, present.length + 1);
  }

  static byte[] afterPrefix(BucketName bucket, String prefix) {
    byte[] after = after(bucket, prefix);
    after[after.length - 1] = AFTER_ALL_UTF_8;
    return after;
  }

  /** Returns what all manifests of a bucket come after. */
  static byte[] firstOf(BucketName bucket) {
    byte[] name = bucket.value().getBytes(StandardCharsets.UTF_8);
    return Arrays.copyOf(name, name.length + 1);
  }

  /** Returns what all manifests of a bucket come before. */
  static byte[] endOf(BucketName bucket) {
    byte[] end = firstOf(bucket);
    end[end.length - 1] = 1;
    return end;
  }

  /** Returns the key's text, given how long the bucket's part is. */
  static String keyOf(byte[] manifestKey, int bucketPart) {
    return new String(
        manifestKey, bucketPart, manifestKey.length - bucketPart, StandardCharsets.UTF_8);
  }

  static byte[] bucket(BucketName bucket) {
    return named(BUCKET, bucket);
  }

  static byte[] firstBucket() {
    return new byte[] {BUCKET};
  }

  static byte[] endOfBuckets() {
    return new byte[] {BUCKET + 1};
  }

  static BucketName bucketOf(byte[] bucketKey) {
    return new BucketName(new String(bucketKey, 1, bucketKey.length - 1, StandardCharsets.UTF_8));
  }

  static byte[] blobCount(BucketName bucket) {
    return named(BLOB_COUNT, bucket);
  }

  static byte[] byteCount(BucketName bucket) {
    return named(BYTE_COUNT, bucket);
  }

  /** Big-endian, so that content written later has a later key and tables do not overlap. */
  static byte[] content(long id) {
    return ByteBuffer.allocate(Long.BYTES).putLong(id).array();
  }

  static long contentOf(byte[] key) {
    return ByteBuffer.wrap(key).getLong();
  }

  private static byte[] named(byte kind, BucketName bucket) {
    return append(new byte[] {kind}, bucket.value().getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] append(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
