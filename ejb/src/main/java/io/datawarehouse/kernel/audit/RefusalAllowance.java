package io.datawarehouse.kernel.audit;

/** How many refusals may still be recorded this minute. Thread-safe. */
final class RefusalAllowance {

  private static final long MINUTE_MILLIS = 60_000;

  private final int perMinute;
  // Guarded by this, as the next two.
  private long sinceMillis = Long.MIN_VALUE;
  private int used;
  private long passedOver;

  RefusalAllowance(int perMinute) {
    this.perMinute = perMinute;
  }

  /** Takes one; returns how many before it were passed over, or -1 where this one is, too. */
  synchronized long take(long nowMillis) {
    // Also where the clock was put back.
    if (sinceMillis == Long.MIN_VALUE || Math.abs(nowMillis - sinceMillis) >= MINUTE_MILLIS) {
      sinceMillis = nowMillis;
      used = 0;
    }
    if (used == perMinute) {
      passedOver++;
      return -1;
    }
    used++;
    long before = passedOver;
    passedOver = 0;
    return before;
  }
}
