package io.datawarehouse.web.http;

import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A watch whose time stands still until a test moves it, and which looks when it is told to. */
public final class ManualTicks implements AutoCloseable {

  private final AtomicLong nanos = new AtomicLong();
  // Its own ticks come once in the lifetime of the universe.
  private final ScheduledThreadPoolExecutor scheduler = new NeverExecutor();
  private final RecordingMetrics metrics = new RecordingMetrics();
  private final StallWatch watch;

  private static final class NeverExecutor extends ScheduledThreadPoolExecutor {
    NeverExecutor() {
      super(1);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
        Runnable command, long first, long delay, TimeUnit unit) {
      return super.scheduleWithFixedDelay(command, 1000, 1000, TimeUnit.DAYS);
    }
  }

  /** Makes a watch with these limits. */
  public ManualTicks(BodyLimits limits) {
    this(limits, new SendWatch.Limits(0, limits.grace(), limits.grace(), Integer.MAX_VALUE));
  }

  /** Makes a watch with limits for what is sent, too. */
  public ManualTicks(BodyLimits limits, SendWatch.Limits sending) {
    watch =
        new StallWatch(limits, nanos::get, scheduler, new SendWatch(sending, nanos::get, metrics));
  }

  /** Returns what is counted. */
  public RecordingMetrics metrics() {
    return metrics;
  }

  /** Lets the watch look. */
  public void look() {
    watch.look();
  }

  /** Returns the watch. */
  public StallWatch watch() {
    return watch;
  }

  /** Lets time pass. */
  public void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Override
  public void close() {
    watch.close();
    scheduler.shutdownNow();
  }
}
