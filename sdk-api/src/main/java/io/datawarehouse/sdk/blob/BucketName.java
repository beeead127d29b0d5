package io.datawarehouse.sdk.blob;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;

/**
 * The name of a bucket. Immutable.
 *
 * @param value 3 to 63 of {@code a-z}, {@code 0-9}, {@code -} and {@code .}; it begins and ends
 *     with a letter or digit and holds no two dots in a row
 */
public record BucketName(String value) implements Comparable<BucketName> {

  /** Checks the form. */
  public BucketName {
    if (!wellFormed(value)) {
      throw WarehouseException.invalid(
          StandardErrorCode.INVALID_BUCKET_NAME,
          "bucket",
          value,
          "use 3 to 63 of a-z, 0-9, '-' and '.', with a letter or digit at both ends and no '..'");
    }
  }

  private static boolean wellFormed(String value) {
    if (value.length() < 3 || value.length() > 63 || value.contains("..")) {
      return false;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean alphanumeric = c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
      boolean inside = i > 0 && i < value.length() - 1;
      if (!alphanumeric && !(inside && (c == '-' || c == '.'))) {
        return false;
      }
    }
    return true;
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
