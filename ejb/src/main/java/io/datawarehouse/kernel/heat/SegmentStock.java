package io.datawarehouse.kernel.heat;

import java.util.Optional;

/** What this node's store holds of each segment. Thread-safe; answers from memory. */
@FunctionalInterface
public interface SegmentStock {

  /**
   * What is held of a segment. Immutable.
   *
   * @param blobs how many blobs
   * @param bytes the sum of their sizes, as they were written
   * @param storedBytes how many bytes their contents take in the store
   */
  record Stock(long blobs, long bytes, long storedBytes) {}

  /** Returns what the store holds of a segment; empty as long as it has not been counted. */
  Optional<Stock> of(int segment);
}
