package io.datawarehouse.plugin.compression;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import org.jspecify.annotations.Nullable;

/** The error for a frame that was not compressed like that. */
final class Damaged {

  private Damaged() {}

  static WarehouseException of(String id, @Nullable String why, @Nullable Exception cause) {
    return new WarehouseException(
        StandardErrorCode.BLOB_CORRUPT,
        "it cannot be decompressed by " + id + (why == null ? "" : ", " + why),
        cause);
  }
}
