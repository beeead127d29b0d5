package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.blob.BlobKey;

/** Decides whether this node may answer for a blob at all. Thread-safe. */
interface Admission {

  /** Lets everything in: the node is alone. */
  Admission ALL =
      new Admission() {
        @Override
        public void read(BlobKey key) {}

        @Override
        public Passage change(BlobKey key) {
          return () -> {};
        }
      };

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

  /** A change on its way. */
  @FunctionalInterface
  interface Passage extends AutoCloseable {
    @Override
    void close();
  }
}
