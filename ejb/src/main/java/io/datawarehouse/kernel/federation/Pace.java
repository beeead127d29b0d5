package io.datawarehouse.kernel.federation;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Finds out whether a handler is quick: whether its last calls all gave the thread back soon. One
 * that was slow has to show for longer, each time twice as long, that it is quick. Nobody can tell
 * a handler that blocks from a thread that the system took the processor from, and that happens to
 * every handler where processors are busy; so slow calls are not held against it while they take no
 * more than a twentieth of the time. Thread-safe.
 */
final class Pace {

  private static final long QUICK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
  private static final int FIRST_TRIAL = 64;
  private static final int LONGEST_TRIAL = 1 << 20;
  private static final int SHARE = 20;
  private static final long MOST_SAVED_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final LongSupplier ticker;
  private final boolean mayBeQuick;
  private final AtomicInteger left = new AtomicInteger(FIRST_TRIAL);

  // Guarded by this. How long slow calls may still take, and since when that has not grown.
  private int trial = FIRST_TRIAL;
  private long saved;
  private long since;

  /**
   * Makes one for a handler that has to show that it is quick.
   *
   * @param mayBeQuick whether it can be found quick at all
   */
  Pace(LongSupplier ticker, boolean mayBeQuick) {
    this.ticker = ticker;
    this.mayBeQuick = mayBeQuick;
    this.since = ticker.getAsLong();
  }

  /** Returns whether it may run where nothing may block. */
  boolean quick() {
    return mayBeQuick && left.get() <= 0;
  }

  long begin() {
    return ticker.getAsLong();
  }

  void end(long begin) {
    long now = ticker.getAsLong();
    if (now - begin > QUICK_NANOS) {
      slow(now - begin, now);
    } else if (left.get() > 0) {
      left.decrementAndGet();
    }
  }

  private synchronized void slow(long nanos, long now) {
    saved = Math.min(MOST_SAVED_NANOS, saved + Math.max(0, now - since) / SHARE) - nanos;
    since = now;
    if (saved >= 0) {
      trial = Math.max(FIRST_TRIAL, trial / 2);
    } else {
      saved = 0;
      trial = Math.min(LONGEST_TRIAL, trial * 2);
      left.set(trial);
    }
  }
}
