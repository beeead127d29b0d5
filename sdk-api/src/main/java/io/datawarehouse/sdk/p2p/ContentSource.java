package io.datawarehouse.sdk.p2p;

import java.io.InputStream;

/**
 * Content that can be opened again and again, for copies that begin anew. Thread-safe.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface ContentSource {

  /**
   * Opens a part of the content; the caller closes the stream.
   *
   * @param offset the first byte, 0 or more
   * @param length how many bytes, 0 or more; all of them exist
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code NO_SUCH_BLOB} if the version has
   *     gone, {@code BLOB_CORRUPT} if it is damaged
   */
  InputStream open(long offset, long length);
}
