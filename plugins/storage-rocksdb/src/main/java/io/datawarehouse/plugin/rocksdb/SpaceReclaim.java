package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes RocksDB give back what was deleted, when the disk is full: deletions that are still in
 * memory free nothing before they are in a table, and the log is kept as long as they are not.
 * Thread-safe.
 */
final class SpaceReclaim {

  private static final long PAUSE_NANOS = Duration.ofSeconds(5).toNanos();

  private final Database database;
  private final Executor executor;
  private final System.Logger logger;
  private final AtomicLong last = new AtomicLong(System.nanoTime() - PAUSE_NANOS);

  SpaceReclaim(Database database, Executor executor, System.Logger logger) {
    this.database = database;
    this.executor = executor;
    this.logger = logger;
  }

  /** Begins, unless that was done a moment ago. */
  void begin() {
    long now = System.nanoTime();
    long before = last.get();
    if (now - before < PAUSE_NANOS || !last.compareAndSet(before, now)) {
      return;
    }
    try {
      executor.execute(this::flush);
    } catch (RejectedExecutionException e) {
      last.set(before);
    }
  }

  private void flush() {
    try {
      database.flush();
    } catch (WarehouseException e) {
      logger.log(
          System.Logger.Level.WARNING, "The disk is full and no space could be reclaimed", e);
    }
  }
}
