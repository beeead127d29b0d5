package io.datawarehouse.kernel.rebalance;

/**
 * How fast changed keys have been sent lately, and so how many can be sent while their changes
 * wait. Confined to whoever holds the lock of the work.
 */
final class SendingPace {

  /** How many may always be left: a wait for these is short at any pace that is of use. */
  static final int FEW = 48;

  /** More are never taken for few, however fast it goes. */
  private static final int MANY = 2_000;

  private static final double NEWEST = 0.3;

  private double nanosPerKey;
  private boolean known;

  /** Takes that so many keys took so long. */
  void sent(int keys, long nanos) {
    if (keys > 0) {
      double measured = Math.max(0, nanos) / (double) keys;
      nanosPerKey = known ? nanosPerKey + NEWEST * (measured - nanosPerKey) : measured;
      known = true;
    }
  }

  /** Returns how many keys can be sent in that time; a few where that is not known yet. */
  int within(long nanos) {
    if (!known) {
      return FEW;
    }
    double keys = nanosPerKey == 0 ? MANY : nanos / nanosPerKey;
    return (int) Math.max(FEW, Math.min(MANY, keys));
  }
}
