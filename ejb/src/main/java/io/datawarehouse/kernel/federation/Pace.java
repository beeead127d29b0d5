package io.datawarehouse.kernel.federation;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Finds out whether a handler is quick: whether its last calls all gave the thread back soon. One
 * that was slow has to show for longer, each time twice as long, that it is quick. Nobody can tell
 * a handler that blocks from a thread that the system took the processor from, and that happens to
 * every handler now and then; so one slow call among a thousand is not held against it. Thread-safe.
 */
final class Pace {

  private static final long QUICK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
  private static final int FIRST_TRIAL = 64;
  private static final int LONGEST_TRIAL = 1 << 20;
  private static final int RARE = 1_000;

  private final LongSupplier ticker;
  private final boolean mayBeQuick;
  private final AtomicInteger left = new AtomicInteger(FIRST_TRIAL);

  /** How many calls were quick since a slow one and the trial after it; not counted beyond RARE. */
  private final AtomicInteger quickSince = new AtomicInteger();

  private volatile int trial = FIRST_TRIAL;

  /**
   * Makes one for a handler that has to show that it is quick.
   *
   * @param mayBeQuick whether it can be found quick at all
   */
  Pace(LongSupplier ticker, boolean mayBeQuick) {
    this.ticker = ticker;
    this.mayBeQuick = mayBeQuick;
  }

  /** Returns whether it may run where nothing may block. */
  boolean quick() {
    return mayBeQuick && left.get() <= 0;
  }

  long begin() {
    return ticker.getAsLong();
  }

  void end(long begin) {
    if (ticker.getAsLong() - begin > QUICK_NANOS) {
      slow();
    } else if (left.get() > 0) {
      left.decrementAndGet();
    } else if (quickSince.get() < RARE) {
      quickSince.incrementAndGet();
    }
  }

  private void slow() {
    if (quickSince.getAndSet(0) >= RARE) {
      trial = Math.max(FIRST_TRIAL, trial / 2);
    } else {
      trial = Math.min(LONGEST_TRIAL, trial * 2);
      left.set(trial);
    }
  }
}
