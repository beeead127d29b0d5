package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.security.MasterKey;
import io.datawarehouse.sdk.security.MasterWrapping;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Master keys in memory, what they do, and their end: closing wipes them. The first is current.
 * Thread-safe.
 */
final class MasterKeys implements AutoCloseable {

  /** How many bytes a master key has. */
  static final int LENGTH = 32;

  private static final String PURPOSE = "dw.master-key";

  private final SecureRandom random;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

  /** In the order of age, the current one first; guarded by {@link #lock}. */
  private final LinkedHashMap<MasterKey, byte[]> keys = new LinkedHashMap<>();

  private boolean closed;

  MasterKeys(SecureRandom random) {
    this.random = random;
  }

  /** Adds the current key, before all others; takes the array over. */
  void lead(MasterKey key, byte[] material) {
    lock.writeLock().lock();
    try {
      Map<MasterKey, byte[]> before = new LinkedHashMap<>(keys);
      keys.clear();
      keys.put(key, material);
      before.forEach(
          (other, bytes) -> keys.put(new MasterKey(other.id(), false, other.createdAt()), bytes));
    } finally {
      lock.writeLock().unlock();
    }
  }

  List<MasterKey> list() {
    lock.readLock().lock();
    try {
      requireOpen();
      return List.copyOf(keys.keySet());
    } finally {
      lock.readLock().unlock();
    }
  }

  MasterWrapping wrap(byte[] material, Bytes associatedData) {
    lock.readLock().lock();
    try {
      requireOpen();
      Map.Entry<MasterKey, byte[]> current = keys.entrySet().iterator().next();
      String id = current.getKey().id();
      return new MasterWrapping(
          id, KeyWrapping.wrap(current.getValue(), material, place(id, associatedData), random));
    } finally {
      lock.readLock().unlock();
    }
  }

  Optional<byte[]> unwrap(MasterWrapping wrapped, Bytes associatedData) {
    lock.readLock().lock();
    try {
      requireOpen();
      String id = wrapped.masterKeyId();
      byte[] key = find(id);
      if (key == null) {
        throw new WarehouseException(
            StandardErrorCode.KEY_UNAVAILABLE, "there is no master key '" + id + "'");
      }
      return KeyWrapping.unwrap(key, wrapped.material(), place(id, associatedData));
    } finally {
      lock.readLock().unlock();
    }
  }

  private byte @Nullable [] find(String id) {
    return keys.entrySet().stream()
        .filter(entry -> entry.getKey().id().equals(id))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }

  private static Bytes place(String id, Bytes associatedData) {
    return KeyWrapping.place(PURPOSE, Bytes.utf8(id), associatedData);
  }

  private void requireOpen() {
    if (closed || keys.isEmpty()) {
      throw new WarehouseException(
          StandardErrorCode.KEY_UNAVAILABLE, "the provider of keys was closed");
    }
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      closed = true;
      keys.values().forEach(material -> Arrays.fill(material, (byte) 0));
      keys.clear();
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public String toString() {
    return "MasterKeys";
  }
}
