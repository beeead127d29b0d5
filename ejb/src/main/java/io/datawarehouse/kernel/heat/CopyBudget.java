package io.datawarehouse.kernel.heat;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Bounds how many bytes of copies an owner gives away: so many in an interval, given back evenly. A
 * token bucket. Thread-safe.
 */
final class CopyBudget {

  private final LongSupplier ticker;

  // Guarded by this.
  private double most;
  private double perNano;
  private double left;
  private long at;

  /** Makes a budget of nothing. */
  CopyBudget(LongSupplier ticker) {
    this.ticker = ticker;
    this.at = ticker.getAsLong();
  }

  /** Sets how many bytes may go out in an interval; a budget that grows is there at once. */
  synchronized void limit(long bytes, Duration interval) {
    refill();
    left += Math.max(0, bytes - most);
    most = bytes;
    left = Math.min(left, most);
    perNano = (double) bytes / Math.max(1, interval.toNanos());
  }

  /** Takes so many bytes, if they are there. */
  synchronized boolean take(long bytes) {
    refill();
    if (bytes > left) {
      return false;
    }
    left -= bytes;
    return true;
  }

  /** Returns how many bytes are left now. */
  synchronized long left() {
    refill();
    return (long) left;
  }

  private void refill() {
    long now = ticker.getAsLong();
    left = Math.min(most, left + (now - at) * perNano);
    at = now;
  }
}
