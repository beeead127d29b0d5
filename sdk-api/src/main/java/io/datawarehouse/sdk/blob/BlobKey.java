package io.datawarehouse.sdk.blob;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Where a blob is: a bucket and a key in it. Immutable.
 *
 * @param bucket the bucket
 * @param key 1 to 1024 bytes of UTF-8; may hold {@code /}, but neither {@code .} nor {@code ..} as
 *     a part between slashes, and no control characters
 */
public record BlobKey(BucketName bucket, String key) {

  /** The most bytes of UTF-8 that a key may have. */
  public static final int MOST_BYTES = 1024;

  /** Checks the key. */
  public BlobKey {
    Objects.requireNonNull(bucket, "bucket");
    requireKey(key);
  }

  /** Returns the blob's address. */
  public static BlobKey of(String bucket, String key) {
    return new BlobKey(new BucketName(bucket), key);
  }

  /** Returns the key under which messages about this blob are ordered and routed. */
  public String affinityKey() {
    return bucket.value() + "/" + key;
  }

  /** Throws {@code INVALID_KEY}, saying why, unless the key follows the naming rule. */
  public static void requireKey(String key) {
    if (key.isEmpty()) {
      throw invalid(key, "must not be empty");
    }
    for (int i = 0; i < key.length(); i++) {
      if (Character.isISOControl(key.charAt(i))) {
        throw invalid(key, "must not hold control characters");
      }
    }
    for (int start = 0; start <= key.length(); ) {
      int slash = key.indexOf('/', start);
      int end = slash < 0 ? key.length() : slash;
      int length = end - start;
      if (length == 1 && key.charAt(start) == '.'
          || length == 2 && key.charAt(start) == '.' && key.charAt(start + 1) == '.') {
        throw invalid(key, "must not hold '.' or '..' between slashes");
      }
      start = end + 1;
    }
    if (utf8Length(key) > MOST_BYTES) {
      throw invalid(key, "must not be longer than 1024 bytes of UTF-8");
    }
  }

  private static int utf8Length(String key) {
    try {
      return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(key)).remaining();
    } catch (CharacterCodingException e) {
      throw invalid(key, "must be well-formed Unicode");
    }
  }

  private static WarehouseException invalid(String key, String rule) {
    return WarehouseException.invalid(StandardErrorCode.INVALID_KEY, "key", key, rule);
  }

  @Override
  public String toString() {
    return affinityKey();
  }
}
