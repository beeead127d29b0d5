package io.datawarehouse.sdk.blob;

import io.datawarehouse.sdk.message.Bytes;
import java.util.Objects;

/**
 * A data key as it may lie in the store: encrypted by the key of a bucket. Immutable.
 *
 * @param bucketKeyId which key of the bucket wrapped it, 1 to 200 characters
 * @param material the wrapped key
 */
public record WrappedKey(String bucketKeyId, Bytes material) {

  private static final int LONGEST_ID = 200;

  /** Checks that nothing is missing. */
  public WrappedKey {
    Objects.requireNonNull(material, "material");
    if (bucketKeyId.isEmpty() || bucketKeyId.length() > LONGEST_ID) {
      throw new IllegalArgumentException("the id of a bucket's key has 1 to 200 characters");
    }
  }
}
