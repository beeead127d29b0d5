package io.datawarehouse.kernel.blob;

import java.util.concurrent.atomic.AtomicLong;

/** Bounds how many bytes are in memory at once for some purpose. Thread-safe; nobody waits. */
final class ByteRoom {

  private final AtomicLong left;

  ByteRoom(long most) {
    this.left = new AtomicLong(most);
  }

  /** Takes room for so many bytes; returns whether there was as much. */
  boolean take(long bytes) {
    long now = left.get();
    while (bytes <= now) {
      if (left.compareAndSet(now, now - bytes)) {
        return true;
      }
      now = left.get();
    }
    return false;
  }

  /** Gives room back. */
  void give(long bytes) {
    left.addAndGet(bytes);
  }
}
