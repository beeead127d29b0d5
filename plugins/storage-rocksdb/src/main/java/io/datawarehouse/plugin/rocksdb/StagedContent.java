package io.datawarehouse.plugin.rocksdb;

/**
 * Content that waits for its version. Confined to one thread; {@code RocksDbStore} adds it to the
 * batch that commits the version.
 */
interface StagedContent {

  /** Returns where it lies, or will lie. */
  ContentPlace place();

  /** Adds to the batch what of the content goes into the database. */
  void putContent(Batch batch);

  /**
   * Says that the batch is about to be written: from now on nobody knows, until it succeeded,
   * whether a version refers to the content, so it must not be removed but by the next start.
   */
  void mayBeReferenced();
}
