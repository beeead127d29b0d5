package io.datawarehouse.kernel.scrub;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Keeps a reader to a number of bytes a second. Confined to one thread. */
final class Pacer {

  /** Waits. */
  @FunctionalInterface
  interface Sleeper {
    /** Returns after that time; throws when there is no more need to. */
    void sleep(Duration time) throws InterruptedException;
  }

  private static final long NANOS = 1_000_000_000L;

  /** Shorter waits are put together. */
  private static final long LEAST_WAIT = 20_000_000L;

  private final long bytesPerSecond;
  private final LongSupplier nanos;
  private final Sleeper sleeper;
  private long freeAt;

  Pacer(long bytesPerSecond, LongSupplier nanos, Sleeper sleeper) {
    this.bytesPerSecond = bytesPerSecond;
    this.nanos = nanos;
    this.sleeper = sleeper;
    this.freeAt = nanos.getAsLong();
  }

  /** Returns when so many bytes may be read. Time that was not used is not made up for. */
  void before(int bytes) throws InterruptedException {
    long now = nanos.getAsLong();
    if (freeAt - now > LEAST_WAIT) {
      sleeper.sleep(Duration.ofNanos(freeAt - now));
      now = nanos.getAsLong();
    }
    freeAt = Math.max(freeAt, now) + (long) ((double) bytes * NANOS / bytesPerSecond);
  }
}
