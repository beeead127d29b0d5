package io.datawarehouse.web.metric;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.atomic.LongAdder;

/** Counts requests: how many there are now, and how they went over about the last minute. */
@ApplicationScoped
public class RequestTraffic {

  private static final long WINDOW_NANOS = 60_000_000_000L;

  private final LongAdder begun = new LongAdder();
  private final LongAdder ended = new LongAdder();
  private final LongAdder nanos = new LongAdder();

  /** What was counted when a window began. */
  private record Mark(long time, long ended, long nanos) {}

  // The window that is under way, and the one before it.
  private volatile Mark current = new Mark(System.nanoTime(), 0, 0);
  private volatile Mark previous = current;

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

  /** Returns the mean time of a request. */
  public double latencyMillis() {
    Mark since = since();
    long count = ended.sum() - since.ended;
    return count == 0 ? 0 : (nanos.sum() - since.nanos) / 1e6 / count;
  }

  /** Returns requests a second. */
  public double requestsPerSecond() {
    Mark since = since();
    double seconds = (System.nanoTime() - since.time) / 1e9;
    return seconds < 0.001 ? 0 : (ended.sum() - since.ended) / seconds;
  }

  private synchronized Mark since() {
    long now = System.nanoTime();
    if (now - current.time > WINDOW_NANOS) {
      previous = current;
      current = new Mark(now, ended.sum(), nanos.sum());
    }
    return previous;
  }
}
