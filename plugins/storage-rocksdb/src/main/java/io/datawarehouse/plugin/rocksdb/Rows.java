package io.datawarehouse.plugin.rocksdb;

import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * A run of rows in order of their keys, read one by one. Confined to one thread at a time; {@link
 * Database} closes what is still open when it closes itself.
 */
final class Rows implements AutoCloseable {

  private enum Position {
    /** The iterator stands on the row that comes next. */
    BEFORE_ROW,
    /** The iterator stands on the row that was given out last. */
    ON_ROW
  }

  private final Database database;
  private final NativeResources resources = new NativeResources();
  private final RocksIterator iterator;
  private Position position = Position.BEFORE_ROW;

  /** Called inside the database's lease. Begins before the first row. */
  Rows(Database database, RocksDB rocks, ColumnFamilyHandle family, byte[] first, byte[] end) {
    this.database = database;
    Slice lower = resources.add(new Slice(first));
    Slice upper = resources.add(new Slice(end));
    ReadOptions options =
        resources.add(new ReadOptions()).setIterateLowerBound(lower).setIterateUpperBound(upper);
    iterator = resources.add(rocks.newIterator(family, options));
    iterator.seekToFirst();
  }

  /** Goes before the first row whose key is the given one or comes after it. */
  void seek(byte[] key) {
    database.calls().enter();
    try {
      iterator.seek(key);
      position = Position.BEFORE_ROW;
    } finally {
      database.calls().exit();
    }
  }

  /** Goes to the next row; returns whether there is one. */
  boolean next() {
    database.calls().enter();
    try {
      if (position == Position.ON_ROW && iterator.isValid()) {
        iterator.next();
      }
      position = Position.ON_ROW;
      if (!iterator.isValid()) {
        iterator.status();
        return false;
      }
      return true;
    } catch (RocksDBException e) {
      throw StorageErrors.of("reading from the database", e);
    } finally {
      database.calls().exit();
    }
  }

  byte[] key() {
    database.calls().enter();
    try {
      return iterator.key();
    } finally {
      database.calls().exit();
    }
  }

  byte[] value() {
    database.calls().enter();
    try {
      return iterator.value();
    } finally {
      database.calls().exit();
    }
  }

  @Override
  public void close() {
    // Where the lease is shut, the database closes its rows itself.
    if (database.calls().tryEnter()) {
      try {
        closeNative();
        database.forget(this);
      } finally {
        database.calls().exit();
      }
    }
  }

  void closeNative() {
    resources.close();
  }
}
