package io.datawarehouse.kernel.pipeline;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import org.jspecify.annotations.Nullable;

/** The words for content that is not what was stored. */
final class Damage {

  private Damage() {}

  static WarehouseException of(BlobKey blob, String why) {
    return of(blob, why, null);
  }

  static WarehouseException of(BlobKey blob, String why, @Nullable Throwable cause) {
    return new WarehouseException(
        StandardErrorCode.BLOB_CORRUPT,
        "the content of " + WarehouseException.shown(blob) + " is damaged: " + why,
        cause);
  }
}
