package io.datawarehouse.kernel.bus;

import io.datawarehouse.sdk.metric.Metrics;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts the deliveries of one endpoint. Thread-safe. */
final class Traffic {

  private static final double SECONDS_PER_TICK = 5;
  private static final double ALPHA = 1 - Math.exp(-SECONDS_PER_TICK / 60);

  private final LongAdder started = new LongAdder();
  private final LongAdder finished = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final Metrics.Counter deliveries;
  private final Metrics.Counter failures;
  private long countAtLastTick;
  private volatile double ratePerSecond;

  Traffic(Metrics metrics, String topic, String owner) {
    Map<String, String> tags = Map.of("topic", topic, "owner", owner);
    deliveries = metrics.counter("bus.deliveries", "Messages given to a handler", tags);
    failures = metrics.counter("bus.failures", "Deliveries that failed", tags);
  }

  void begin() {
    started.increment();
  }

  void end(boolean failure) {
    finished.increment();
    deliveries.increment();
    if (failure) {
      failed.increment();
      failures.increment();
    }
  }

  long delivered() {
    return finished.sum();
  }

  long failed() {
    return failed.sum();
  }

  /** Returns what has begun and not ended. Read in this order, it is never too small. */
  long inFlight() {
    long done = finished.sum();
    return started.sum() - done;
  }

  double ratePerSecond() {
    return ratePerSecond;
  }

  /** Takes a sample of the rate; called every five seconds by one thread. */
  void tick() {
    long count = finished.sum();
    double rate = (count - countAtLastTick) / SECONDS_PER_TICK;
    countAtLastTick = count;
    double before = ratePerSecond;
    ratePerSecond = before + ALPHA * (rate - before);
  }
}
