package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.WrappedKey;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;

/** The keys of a node that has none: nothing can be encrypted, and nothing encrypted be read. */
public final class NoDataKeys implements DataKeys {

  @Override
  public DataKey create(BlobKey blob, Bytes contentId) {
    throw none();
  }

  @Override
  public DataKey open(BlobKey blob, Bytes contentId, WrappedKey wrapped) {
    throw none();
  }

  private static WarehouseException none() {
    return new WarehouseException(
        StandardErrorCode.KEY_UNAVAILABLE, "this node has no provider of keys");
  }
}
