package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.blob.BlobKey;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Locks for keys: the same key has always the same lock, and different keys seldom share one, so
 * that a writer that waits for the disk holds up hardly anybody. Thread-safe.
 */
final class KeyStripes {

  private static final int COUNT = 4096;

  private final Lock[] locks = new Lock[COUNT];

  KeyStripes() {
    for (int i = 0; i < COUNT; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  Lock of(BlobKey key) {
    int hash = key.hashCode();
    return locks[(hash ^ hash >>> 12 ^ hash >>> 24) & (COUNT - 1)];
  }
}
