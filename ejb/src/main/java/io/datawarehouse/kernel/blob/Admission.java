package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.blob.BlobKey;

/** Decides whether this node may answer for a blob at all. Thread-safe. */
interface Admission {

  /**
   * Lets a read in.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException where the node must not answer it
   */
  void read(BlobKey key);

  /**
   * Lets a change in; as long as the passage is open the blob's segment and bucket stay.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException where the node must not answer it
   */
  Passage change(BlobKey key);

  /**
   * Lets a change in that leaves something here, as {@link #change} does.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException where the node must not take it
   */
  default Passage write(BlobKey key) {
    return change(key);
  }

  /** A change on its way. */
  @FunctionalInterface
  interface Passage extends AutoCloseable {
    /**
     * Asks whether the change may go on; to be called again and again while it takes long.
     *
     * @throws io.datawarehouse.sdk.error.WarehouseException {@code OWNER_UNAVAILABLE} where it is
     *     to be begun again, because the blob's key has waited too long to move
     */
    default void requireGoingOn() {}

    @Override
    void close();
  }
}
