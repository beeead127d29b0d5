package io.datawarehouse.web.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Looks after the bodies that are being read, and interrupts the reader of one that has brought
 * nothing for too long: a blocking read cannot be told how long to wait. Thread-safe.
 */
public final class StallWatch implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(StallWatch.class.getName());
  private static final Duration SHORTEST_TICK = Duration.ofMillis(50);
  private static final Duration LONGEST_TICK = Duration.ofSeconds(1);

  private final BodyLimits limits;
  private final LongSupplier nanos;
  private final SendWatch sends;
  private final Set<RequestBody> bodies = ConcurrentHashMap.newKeySet();
  private final ScheduledFuture<?> ticks;

  /** Begins to watch, and lets those look who watch what is sent. */
  public StallWatch(
      BodyLimits limits, LongSupplier nanos, ScheduledExecutorService scheduler, SendWatch sends) {
    this.limits = limits;
    this.sends = sends;
    this.nanos = nanos;
    long tick =
        Math.max(
            SHORTEST_TICK.toNanos(),
            Math.min(LONGEST_TICK.toNanos(), limits.stallTimeout().toNanos() / 8));
    this.ticks = scheduler.scheduleWithFixedDelay(this::look, tick, tick, TimeUnit.NANOSECONDS);
  }

  BodyLimits limits() {
    return limits;
  }

  SendWatch sends() {
    return sends;
  }

  long now() {
    return nanos.getAsLong();
  }

  void add(RequestBody body) {
    bodies.add(body);
  }

  void remove(RequestBody body) {
    bodies.remove(body);
  }

  /** Interrupts every reader that has waited too long, and cuts off clients that are too slow. */
  void look() {
    look("the bodies that come", this::lookAtBodies);
    look("the contents that go", sends::look);
  }

  private void lookAtBodies() {
    long now = now();
    bodies.forEach(body -> body.interruptIfLate(now));
  }

  /** What fails is looked at again with the next tick; an exception would end all ticks. */
  private static void look(String what, Runnable looking) {
    try {
      looking.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "the watch over " + what + " failed", e);
    }
  }

  /** Ends watching. */
  @Override
  public void close() {
    ticks.cancel(false);
  }
}
