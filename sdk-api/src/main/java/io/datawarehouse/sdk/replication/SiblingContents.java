package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.message.Bytes;

/**
 * Where a resolver gets the content of siblings from, if it needs it. Confined to the call that it
 * was given to.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface SiblingContents {

  /** The most bytes of content that can be read for merging. */
  int MOST_BYTES = 16 << 20;

  /**
   * Returns the content of one of the conflict's siblings; empty bytes for a deletion. Blocks while
   * it is fetched.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code TOO_LARGE} for more than {@link
   *     #MOST_BYTES}; {@code UNAVAILABLE} where no copy can be reached
   */
  Bytes read(Sibling sibling);
}
