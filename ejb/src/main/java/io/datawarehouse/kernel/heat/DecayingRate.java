package io.datawarehouse.kernel.heat;

/**
 * A rate that forgets: each event counts for {@code exp(-age / memory)}, so that the sum of what
 * all events count for, divided by the memory, is the rate of late. The decay is lazy: counting
 * touches nothing here, and the sum is brought up to date when it is asked for, by however much
 * time and however many events lie between. Confined to whoever guards it.
 *
 * <p>The weighting is the exponential one of Cormode, Shkapenyuk, Srivastava and Xu, "Forward
 * decay: a practical time decay model for streaming systems" (ICDE 2009). Events between two looks
 * are taken to be spread evenly over that time, which makes a steady rate exact however seldom one
 * looks.
 */
final class DecayingRate {

  private final double memoryNanos;
  private long seen;
  private long at;
  private double sum;

  DecayingRate(double memoryNanos, long now) {
    this.memoryNanos = memoryNanos;
    this.at = now;
  }

  /**
   * Returns the rate a second.
   *
   * @param total how many events there have been ever
   * @param now nanoseconds that only grow
   */
  double perSecond(long total, long now) {
    long nanos = now - at;
    if (nanos > 0) {
      double ages = nanos / memoryNanos;
      double kept = Math.exp(-ages);
      sum = sum * kept + (total - seen) * (1 - kept) / ages;
      seen = total;
      at = now;
    }
    return sum / memoryNanos * 1e9;
  }
}
