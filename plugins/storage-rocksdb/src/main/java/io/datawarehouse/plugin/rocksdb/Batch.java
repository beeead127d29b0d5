package io.datawarehouse.plugin.rocksdb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** Changes that happen together. Confined to one thread; holds native memory until closed. */
final class Batch implements AutoCloseable {

  private final Database database;
  private final WriteBatch changes = new WriteBatch();

  Batch(Database database) {
    this.database = database;
  }

  Batch put(Family family, byte[] key, byte[] value) {
    try {
      changes.put(database.handle(family), key, value);
      return this;
    } catch (RocksDBException e) {
      throw StorageErrors.of("preparing a write", e);
    }
  }

  Batch delete(Family family, byte[] key) {
    try {
      changes.delete(database.handle(family), key);
      return this;
    } catch (RocksDBException e) {
      throw StorageErrors.of("preparing a write", e);
    }
  }

  /** Deletes a key that was put once and never again, which leaves less behind. */
  Batch deleteOnly(Family family, byte[] key) {
    try {
      changes.singleDelete(database.handle(family), key);
      return this;
    } catch (RocksDBException e) {
      throw StorageErrors.of("preparing a write", e);
    }
  }

  /** Adds to a counter, without reading it. */
  Batch add(byte[] key, long amount) {
    if (amount == 0) {
      return this;
    }
    try {
      changes.merge(database.handle(Family.META), key, counter(amount));
      return this;
    } catch (RocksDBException e) {
      throw StorageErrors.of("preparing a write", e);
    }
  }

  WriteBatch changes() {
    return changes;
  }

  @Override
  public void close() {
    changes.close();
  }

  /** Counters are 64 bits, little-endian, and wrap around: adding a negative number subtracts. */
  static byte[] counter(long value) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  static long counterOf(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }
}
