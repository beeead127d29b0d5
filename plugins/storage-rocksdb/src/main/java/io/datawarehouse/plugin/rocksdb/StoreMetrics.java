package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.metric.Metrics;
import io.datawarehouse.sdk.metric.Metrics.Counter;
import io.datawarehouse.sdk.metric.Metrics.Timer;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** What the store tells of itself. Thread-safe. */
final class StoreMetrics {

  private final Metrics metrics;
  private final Counter written;
  private final Counter read;
  private final Counter framesRead;
  private final Counter commits;
  private final Counter deletes;
  private final Counter corrupt;
  private final Timer commit;
  private final Timer fileSync;

  StoreMetrics(Metrics metrics) {
    this.metrics = metrics;
    written = counter("store.write.bytes", "Content that was committed");
    read = counter("store.read.bytes", "Content that was given to readers");
    framesRead = counter("store.read.frames", "Frames of content files that were read");
    commits = counter("store.commits", "Versions that were committed");
    deletes = counter("store.deletes", "Versions that were deleted");
    corrupt = counter("store.corrupt", "Contents that were found without their checksum");
    commit = metrics.timer("store.commit", "Durable writes to the database", Map.of());
    fileSync = metrics.timer("store.file.sync", "Last syncs of content files", Map.of());
  }

  private Counter counter(String name, String help) {
    return metrics.counter(name, help, Map.of());
  }

  void committed(long bytes, long nanos) {
    commits.increment();
    written.add(bytes);
    commit.record(nanos);
  }

  void deleted(long nanos) {
    deletes.increment();
    commit.record(nanos);
  }

  void fileSynced(long nanos) {
    fileSync.record(nanos);
  }

  void read(long bytes) {
    read.add(bytes);
  }

  void framesRead(long frames) {
    framesRead.add(frames);
  }

  void foundCorrupt() {
    corrupt.increment();
  }

  void watch(Database database, Lease handles, FrameBuffers buffers) {
    gauge("store.handles.open", "Readers, writers and cursors that are open", handles::inside);
    gauge("store.buffers.lent", "Frame buffers in use", buffers::lent);
    sum("rocksdb.memtable.bytes", "Memory of the memtables", "cur-size-all-mem-tables", database);
    sum("rocksdb.tables.bytes", "Size of the tables", "live-sst-files-size", database);
    gauge(
        "rocksdb.keys",
        "Manifests, estimated",
        () -> database.property(Family.MANIFESTS, "rocksdb.estimate-num-keys"));
    gauge(
        "rocksdb.cache.bytes",
        "Memory of the block cache",
        () -> database.property(Family.META, "rocksdb.block-cache-usage"));
    gauge(
        "rocksdb.background.errors",
        "Flushes and compactions that failed",
        () -> database.property(Family.META, "rocksdb.background-errors"));
  }

  private void sum(String name, String help, String property, Database database) {
    gauge(
        name,
        help,
        () -> {
          double sum = 0;
          for (Family family : Family.values()) {
            sum += database.property(family, "rocksdb." + property);
          }
          return sum;
        });
  }

  private void gauge(String name, String help, DoubleSupplier value) {
    metrics.gauge(name, help, Map.of(), value);
  }
}
