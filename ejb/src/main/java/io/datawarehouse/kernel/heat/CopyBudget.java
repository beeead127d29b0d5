package io.datawarehouse.kernel.heat;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Bounds how many bytes of copies an owner gives away: so many in an interval, given back evenly. A
 * token bucket that remembers what was used and not what is left, so that a limit that goes down
 * and up again gives nothing back. Thread-safe.
 */
final class CopyBudget {

  private final LongSupplier ticker;

  // Guarded by this.
  private double most;
  private double perNano;
  private double used;
  private long at;

  /** Makes a budget of nothing. */
  CopyBudget(LongSupplier ticker) {
    this.ticker = ticker;
    this.at = ticker.getAsLong();
  }

  /** Sets how many bytes may go out in an interval; what was used stays used. */
  synchronized void limit(long bytes, Duration interval) {
    giveBack();
    most = bytes;
    perNano = (double) bytes / Math.max(1, interval.toNanos());
  }

  /** Takes so many bytes, if they are there. */
  synchronized boolean take(long bytes) {
    giveBack();
    if (bytes > most - used) {
      return false;
    }
    used += bytes;
    return true;
  }

  /** Returns how many bytes are left now. */
  synchronized long left() {
    giveBack();
    return (long) Math.max(0, most - used);
  }

  private void giveBack() {
    long now = ticker.getAsLong();
    used = Math.max(0, used - (now - at) * perNano);
    at = now;
  }
}
