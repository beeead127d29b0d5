package io.datawarehouse.sdk.blob;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;

/**
 * The name of a bucket. Immutable.
 *
 * @param value 3 to 63 of {@code a-z}, {@code 0-9}, {@code -} and {@code .}, in any order: who
 *     makes a file of a name must encode it
 */
public record BucketName(String value) implements Comparable<BucketName> {

  private static final int SHORTEST = 3;
  private static final int LONGEST = 63;

  /** Checks the form. */
  public BucketName {
    if (!wellFormed(value)) {
      throw WarehouseException.invalid(
          StandardErrorCode.INVALID_BUCKET_NAME,
          "bucket",
          value,
          "use 3 to 63 of a-z, 0-9, '-' and '.', not dots alone");
    }
  }

  private static boolean wellFormed(String value) {
    if (value.length() < SHORTEST || value.length() > LONGEST) {
      return false;
    }
    boolean dotsAlone = true;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean dot = c == '.';
      if (!(dot || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-')) {
        return false;
      }
      dotsAlone &= dot;
    }
    return !dotsAlone;
  }

  @Override
  public int compareTo(BucketName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
