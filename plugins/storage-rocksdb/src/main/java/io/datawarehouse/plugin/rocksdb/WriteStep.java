package io.datawarehouse.plugin.rocksdb;

/** The steps of writing a version, at which tests look at the disk. */
enum WriteStep {
  /** The id of the file is recorded as unreferenced. */
  RESERVED,
  /** The file is there, empty. */
  FILE_CREATED,
  /** All frames, the index and the trailer are written, nothing is synced. */
  FILE_WRITTEN,
  /** File and directory are synced. */
  FILE_SYNCED,
  /** The batch is synced; the version is acknowledged. */
  COMMITTED,
  /** The file of the version before is unlinked, and still recorded as unreferenced. */
  REPLACED_UNLINKED;

  /** Told of every step. */
  @FunctionalInterface
  interface Watcher {
    /** Called on the thread that takes the step. */
    void at(WriteStep step);
  }
}
