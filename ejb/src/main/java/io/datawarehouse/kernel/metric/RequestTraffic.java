package io.datawarehouse.kernel.metric;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Counts the requests of clients: how many there are now, and how they went over about the last
 * minute. Thread-safe.
 */
public final class RequestTraffic {

  private static final long WINDOW_NANOS = 60_000_000_000L;

  /** What was counted when a window began. */
  private record Mark(long time, long ended, long nanos) {}

  private final LongSupplier ticker;
  private final LongAdder begun = new LongAdder();
  private final LongAdder ended = new LongAdder();
  private final LongAdder nanos = new LongAdder();

  // The window that is under way, and the one before it.
  private volatile Mark current;
  private volatile Mark previous;

  /**
   * Makes a count that begins now.
   *
   * @param ticker nanoseconds of a clock that never goes back
   */
  public RequestTraffic(LongSupplier ticker) {
    this.ticker = ticker;
    this.current = new Mark(ticker.getAsLong(), 0, 0);
    this.previous = current;
  }

  /** A request begins. */
  public void begin() {
    begun.increment();
  }

  /** A request has ended. */
  public void end(long tookNanos) {
    nanos.add(tookNanos);
    ended.increment();
  }

  /** Returns how many requests are being served. */
  public long active() {
    long done = ended.sum();
    return Math.max(0, begun.sum() - done);
  }

  /** Returns how many requests were served since the start. */
  public long served() {
    return ended.sum();
  }

  /** Returns how long these took, all together, in nanoseconds. */
  public long nanos() {
    return nanos.sum();
  }

  /** Returns the mean time of a request in milliseconds. */
  public double latencyMillis() {
    Mark since = since();
    long count = ended.sum() - since.ended;
    return count == 0 ? 0 : (nanos.sum() - since.nanos) / 1e6 / count;
  }

  /** Returns requests a second. */
  public double requestsPerSecond() {
    Mark since = since();
    double seconds = (ticker.getAsLong() - since.time) / 1e9;
    return seconds < 0.001 ? 0 : (ended.sum() - since.ended) / seconds;
  }

  private synchronized Mark since() {
    long now = ticker.getAsLong();
    if (now - current.time > WINDOW_NANOS) {
      previous = current;
      current = new Mark(now, ended.sum(), nanos.sum());
    }
    return previous;
  }
}
