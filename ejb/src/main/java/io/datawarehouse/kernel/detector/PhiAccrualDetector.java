package io.datawarehouse.kernel.detector;

import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;

/**
 * Says how unusual the silence of something is that gives signs of life at more or less regular
 * intervals. Confined: the caller lets one thread at a time in. Allocates nothing once it is made.
 *
 * <p>This is the φ accrual failure detector of N. Hayashibara, X. Défago, R. Yared and T. Katayama
 * (2004): with mean and deviation of the latest intervals, the suspicion after a silence is {@code
 * -log10} of the probability that a sign of life comes still later, intervals being normally
 * distributed. A suspicion of 1 is wrong one time in ten, of 8 one time in a hundred million.
 *
 * <p>The tail of the normal distribution is that of the logistic function of {@code 1.5976 z +
 * 0.07056 z³} (S. R. Bowling and others, 2009), taken in logarithms, so that no silence is too long
 * for it. Deviations below a minimum are taken for that, since nothing is as regular as a short
 * look makes believe, and a pause that is always forgiven is added to the mean.
 */
public final class PhiAccrualDetector {

  private static final double LINEAR = 1.5976;
  private static final double CUBIC = 0.07056;
  private static final double LN_10 = Math.log(10);
  private static final long NANOS_PER_MICRO = 1_000;
  private static final int MOST_INTERVALS = 1_000;
  private static final Duration LONGEST = Duration.ofMinutes(10);

  /**
   * How it judges.
   *
   * @param intervals how many of the latest intervals count, 2 to 1000
   * @param expected the interval that is assumed as long as none was seen
   * @param leastDeviation the least deviation of intervals, more than zero
   * @param pause how much longer than usual a silence may be without any suspicion
   * @param longest an interval longer than that was an outage and does not count
   */
  public record Options(
      int intervals, Duration expected, Duration leastDeviation, Duration pause, Duration longest) {

    /** Checks; the error names the field. */
    public Options {
      if (intervals < 2 || intervals > MOST_INTERVALS) {
        throw WarehouseException.invalid("intervals", intervals, "use 2 to 1000");
      }
      requireBetween("expected", expected, Duration.ofMillis(1));
      requireBetween("leastDeviation", leastDeviation, Duration.ofMillis(1));
      requireBetween("pause", pause, Duration.ZERO);
      requireBetween("longest", longest, expected);
    }

    private static void requireBetween(String field, Duration value, Duration least) {
      if (value.compareTo(least) < 0 || value.compareTo(LONGEST) > 0) {
        throw WarehouseException.invalid(field, value, "use " + least + " to " + LONGEST);
      }
    }
  }

  private final long longestNanos;
  private final double leastDeviationMicros;
  private final double pauseMicros;
  private final long expectedMicros;

  /** The latest intervals in microseconds, in a ring: their sums are exact in a long. */
  private final long[] ring;

  private int next;
  private int filled;
  private long sum;
  private long sumOfSquares;
  private long last;
  private boolean started;

  /** Makes a detector that has seen nothing yet. */
  public PhiAccrualDetector(Options options) {
    this.longestNanos = options.longest().toNanos();
    this.leastDeviationMicros = options.leastDeviation().toNanos() / (double) NANOS_PER_MICRO;
    this.pauseMicros = options.pause().toNanos() / (double) NANOS_PER_MICRO;
    this.expectedMicros = options.expected().toNanos() / NANOS_PER_MICRO;
    this.ring = new long[options.intervals()];
    reset();
  }

  /** Forgets everything. */
  public void reset() {
    next = 0;
    filled = 0;
    sum = 0;
    sumOfSquares = 0;
    started = false;
    // Two intervals around what is expected stand for what is not known yet.
    add(expectedMicros - expectedMicros / 4);
    add(expectedMicros + expectedMicros / 4);
  }

  /**
   * Takes a sign of life.
   *
   * @param nanos when it came, as {@link System#nanoTime()} counts
   */
  public void heartbeat(long nanos) {
    long interval = nanos - last;
    if (started && interval >= 0 && interval <= longestNanos) {
      add(interval / NANOS_PER_MICRO);
    }
    last = nanos;
    started = true;
  }

  private void add(long micros) {
    if (filled == ring.length) {
      long oldest = ring[next];
      sum -= oldest;
      sumOfSquares -= oldest * oldest;
    } else {
      filled++;
    }
    ring[next] = micros;
    next = next + 1 == ring.length ? 0 : next + 1;
    sum += micros;
    sumOfSquares += micros * micros;
  }

  /** Returns how unusual a silence of that many nanoseconds is: 0 or more, never infinite. */
  public double suspicion(long silentNanos) {
    double mean = sum / (double) filled;
    double variance = Math.max(0, sumOfSquares / (double) filled - mean * mean);
    double deviation = Math.max(leastDeviationMicros, Math.sqrt(variance));
    double silent = silentNanos / (double) NANOS_PER_MICRO;
    double z = (silent - mean - pauseMicros) / deviation;
    return minusLogOfTail(z * (LINEAR + CUBIC * z * z));
  }

  /** Minus the common logarithm of {@code 1 / (1 + e^x)}. */
  private static double minusLogOfTail(double x) {
    return x > 0 ? (x + Math.log1p(Math.exp(-x))) / LN_10 : Math.log1p(Math.exp(x)) / LN_10;
  }
}
