package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteOptions;

/**
 * RocksDB with the handles that belong to it. Thread-safe. Every call goes through a {@link Lease},
 * so that no native handle is touched after it was closed: late calls throw {@code UNAVAILABLE}.
 */
final class Database {

  private static final Duration NATIVE_CALLS_END = Duration.ofMinutes(1);

  private final Lease calls = new Lease();
  private final NativeResources resources;
  private final RocksDB rocks;
  private final Map<Family, ColumnFamilyHandle> handles;
  private final WriteOptions synced;
  private final WriteOptions unsynced;
  private final Set<Rows> openRows = ConcurrentHashMap.newKeySet();

  private Database(
      NativeResources resources, RocksDB rocks, Map<Family, ColumnFamilyHandle> handles) {
    this.resources = resources;
    this.rocks = rocks;
    this.handles = handles;
    this.synced = resources.add(new WriteOptions().setSync(true));
    this.unsynced = resources.add(new WriteOptions().setSync(false));
  }

  /**
   * Opens the database, making it where there is none. Of a log that breaks off at its end, as one
   * does that was being written when the node died, all that is whole is taken. A log that is
   * damaged before its end held what was acknowledged: it is put aside, what comes before the
   * damage is taken, and the loss is told.
   */
  static Database open(StoreOptions options, System.Logger logger) {
    RocksDB.loadLibrary();
    try {
      return open(options, WALRecoveryMode.TolerateCorruptedTailRecords);
    } catch (RocksDBException e) {
      if (!StorageErrors.isCorruption(e)) {
        throw StorageErrors.of("opening the database in " + options.directory(), e);
      }
      return openDamaged(options, logger, e);
    }
  }

  private static Database openDamaged(
      StoreOptions options, System.Logger logger, RocksDBException failure) {
    Path kept = DamagedLog.keep(options.directory());
    try {
      Database database = open(options, WALRecoveryMode.PointInTimeRecovery);
      logger.log(
          System.Logger.Level.ERROR,
          "the log of the database in {0} is damaged: {1}. What was written behind that place since"
              + " the last orderly stop may be lost; the log as it was lies in {2}",
          options.directory(),
          StorageErrors.reason(failure),
          kept);
      return database;
    } catch (RocksDBException e) {
      // It is not the log: nothing was changed.
      DamagedLog.forget(kept);
      throw StorageErrors.of("opening the database in " + options.directory(), e);
    }
  }

  private static Database open(StoreOptions options, WALRecoveryMode mode) throws RocksDBException {
    NativeResources resources = new NativeResources();
    try {
      return open(options, mode, resources);
    } catch (RocksDBException | RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  private static Database open(
      StoreOptions options, WALRecoveryMode mode, NativeResources resources)
      throws RocksDBException {
    Cache cache = resources.add(new LRUCache(options.cacheBytes()));
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    for (Family family : Family.values()) {
      descriptors.add(
          new ColumnFamilyDescriptor(
              family.bytes(), Tuning.family(family, options, cache, resources)));
    }
    DBOptions dbOptions = Tuning.database(options, resources).setWalRecoveryMode(mode);
    List<ColumnFamilyHandle> opened = new ArrayList<>();
    RocksDB rocks =
        resources.add(
            RocksDB.open(
                dbOptions, options.directory().resolve("db").toString(), descriptors, opened));
    Map<Family, ColumnFamilyHandle> handles = new EnumMap<>(Family.class);
    for (Family family : Family.values()) {
      handles.put(family, resources.add(opened.get(family.ordinal())));
    }
    return new Database(resources, rocks, handles);
  }

  ColumnFamilyHandle handle(Family family) {
    return handles.get(family);
  }

  byte @Nullable [] get(Family family, byte[] key) {
    calls.enter();
    try {
      return rocks.get(handle(family), key);
    } catch (RocksDBException e) {
      throw StorageErrors.of("reading from the database", e);
    } finally {
      calls.exit();
    }
  }

  /** Prepares changes and makes them durable before it returns. */
  void write(Consumer<Batch> changes) {
    write(changes, synced);
  }

  /** Prepares changes and makes them, durably with the next {@link #write}. */
  void writeLazily(Consumer<Batch> changes) {
    write(changes, unsynced);
  }

  private void write(Consumer<Batch> changes, WriteOptions options) {
    calls.enter();
    try (Batch batch = new Batch(this)) {
      changes.accept(batch);
      rocks.write(options, batch.changes());
    } catch (RocksDBException e) {
      throw StorageErrors.of("writing to the database", e);
    } finally {
      calls.exit();
    }
  }

  /** Opens the rows from {@code first} up to, but without, {@code end}. */
  Rows rows(Family family, byte[] first, byte[] end) {
    calls.enter();
    try {
      Rows rows = new Rows(this, rocks, handle(family), first, end);
      openRows.add(rows);
      return rows;
    } finally {
      calls.exit();
    }
  }

  /** Calls the visitor with every row from {@code first} up to, but without, {@code end}. */
  void forEach(Family family, byte[] first, byte[] end, BiConsumer<byte[], byte[]> visitor) {
    try (Rows rows = rows(family, first, end)) {
      for (rows.seek(first); rows.next(); ) {
        visitor.accept(rows.key(), rows.value());
      }
    }
  }

  void forget(Rows rows) {
    openRows.remove(rows);
  }

  Lease calls() {
    return calls;
  }

  /** Returns a number that RocksDB keeps of a family, or not-a-number where it has none. */
  double property(Family family, String name) {
    if (!calls.tryEnter()) {
      return Double.NaN;
    }
    try {
      return rocks.getLongProperty(handle(family), name);
    } catch (RocksDBException e) {
      return Double.NaN;
    } finally {
      calls.exit();
    }
  }

  /** Reads all tables from the disk and returns what is wrong with them. */
  List<String> verifyTables(LongConsumer pace) {
    calls.enter();
    List<LiveFileMetaData> tables;
    try {
      tables = rocks.getLiveFilesMetaData();
    } finally {
      calls.exit();
    }
    // Outside of the lease: it takes long, and touches no handle of the database.
    return TableCheck.run(tables, pace);
  }

  /** Writes all memtables to tables, after which the log of them is removed. */
  void flush() {
    calls.enter();
    try {
      flushAll();
    } catch (RocksDBException e) {
      throw StorageErrors.of("writing the memtables", e);
    } finally {
      calls.exit();
    }
  }

  private void flushAll() throws RocksDBException {
    try (FlushOptions all = new FlushOptions().setWaitForFlush(true)) {
      rocks.flush(all, List.copyOf(handles.values()));
    }
  }

  /**
   * Waits for the calls that are under way, writes the memtables, so that the next start has
   * nothing to replay, and closes everything.
   */
  void close() throws InterruptedException {
    calls.shut();
    if (!calls.awaitEmpty(NATIVE_CALLS_END)) {
      // Closing now would crash the process; what is on disk is consistent anyway.
      throw new WarehouseException(
          StandardErrorCode.TIMEOUT,
          calls.inside() + " calls into the database do not end; it stays open");
    }
    openRows.forEach(Rows::closeNative);
    try {
      flushAll();
    } catch (RocksDBException e) {
      throw StorageErrors.of("writing the memtables", e);
    } finally {
      resources.close();
    }
  }
}
