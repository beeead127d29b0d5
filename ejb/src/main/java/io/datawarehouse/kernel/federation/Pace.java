package io.datawarehouse.kernel.federation;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Finds out whether a handler is quick: whether its last calls all gave the thread back soon. One
 * that was slow once has to show for longer, each time twice as long, that it is quick. Nobody can
 * tell a handler that blocks from a thread that the system took the processor from, and that
 * happens to every handler now and then; so what was held against one is halved again when it was
 * quick sixteen times as long. One that is slow once in some thousand calls is quick, one that is
 * slow more often soon is not for good. Thread-safe.
 */
final class Pace {

  private static final long QUICK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
  private static final int FIRST_TRIAL = 64;
  private static final int LONGEST_TRIAL = 1 << 20;
  private static final int FORGIVEN_AFTER = 16;

  private final LongSupplier ticker;
  private final boolean mayBeQuick;
  private final AtomicInteger left = new AtomicInteger(FIRST_TRIAL);
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
    int now = trial;
    if (ticker.getAsLong() - begin > QUICK_NANOS) {
      quickSince.set(0);
      trial = Math.min(LONGEST_TRIAL, now * 2);
      left.set(trial);
    } else if (left.get() > 0) {
      left.decrementAndGet();
    } else if (now > FIRST_TRIAL && quickSince.incrementAndGet() >= now * FORGIVEN_AFTER) {
      quickSince.set(0);
      trial = now / 2;
    }
  }
}
