package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.WrappedKey;
import io.datawarehouse.sdk.message.Bytes;

/**
 * Makes and opens data keys: one key of 256 bits for each version of each blob, wrapped by the key
 * of the blob's bucket. The wrapping is bound to the blob and the content, so that it opens in no
 * other place. Thread-safe; a caller closes every key that it gets.
 */
public interface DataKeys {

  /**
   * Makes a fresh key and wraps it.
   *
   * @param blob the blob whose version is written
   * @param contentId the version's own random name
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code KEY_UNAVAILABLE} if the provider
   *     of keys cannot answer; a bucket whose key was destroyed gets a new one
   */
  DataKey create(BlobKey blob, Bytes contentId);

  /**
   * Opens the key of a version that was written before.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code KEY_DESTROYED} if the key that
   *     wrapped it was deleted, {@code KEY_UNAVAILABLE} if the provider of keys cannot answer,
   *     {@code BLOB_CORRUPT} if the wrapping was changed or belongs to another blob or version
   */
  DataKey open(BlobKey blob, Bytes contentId, WrappedKey wrapped);
}
