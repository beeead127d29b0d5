package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets any number of users in, until it is shut: who is inside then may finish, and whoever shut it
 * can wait for that. Guards native handles, which must not be touched once they are closed.
 * Thread-safe.
 */
final class Lease {

  private static final long SHUT = 1L << 62;

  private final AtomicLong users = new AtomicLong();

  /** Enters, or throws {@code UNAVAILABLE}. Every entry has one {@link #exit()}. */
  void enter() {
    if (!tryEnter()) {
      throw new WarehouseException(StandardErrorCode.UNAVAILABLE, "the store is stopping");
    }
  }

  boolean tryEnter() {
    long now = users.get();
    while (!isShut(now)) {
      long found = users.compareAndExchange(now, now + 1);
      if (found == now) {
        return true;
      }
      now = found;
    }
    return false;
  }

  void exit() {
    if (users.decrementAndGet() == SHUT) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  /** Lets nobody in any more. */
  void shut() {
    users.updateAndGet(now -> now | SHUT);
  }

  long inside() {
    return users.get() & ~SHUT;
  }

  /**
   * Waits, after {@link #shut()}, until nobody is inside; returns whether that came true in time.
   */
  synchronized boolean awaitEmpty(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (inside() > 0) {
      long rest = end - System.nanoTime();
      if (rest <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, rest);
    }
    return true;
  }

  private static boolean isShut(long state) {
    return (state & SHUT) != 0;
  }
}
