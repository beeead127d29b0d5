package io.datawarehouse.kernel.bus;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Fails requests whose deadline has passed. One coarse tick for all of them instead of a timer
 * each: to enter is to join a queue, nobody has to leave, and a request learns of its end at most a
 * tick late. It ticks only while there is something to watch. Thread-safe.
 */
final class DeadlineWatch {

  /** Something with deadlines: one request, or all that go one way. */
  interface Waiting {
    /** Ends what is due; returns whether there is more to watch. */
    boolean sweep(Instant now);
  }

  private static final long TICK_MILLIS = 10;

  private final Queue<Waiting> arrived = new ConcurrentLinkedQueue<>();

  /** Those that a tick has found waiting. Guarded by this. */
  private final List<Waiting> waiting = new ArrayList<>();

  private final AtomicBoolean ticking = new AtomicBoolean();
  private final Clock clock;
  private final ScheduledExecutorService timer;

  DeadlineWatch(Clock clock, ScheduledExecutorService timer) {
    this.clock = clock;
    this.timer = timer;
  }

  void enter(Waiting entry) {
    arrived.add(entry);
    scheduleTick();
  }

  /**
   * Ends everything that is due; called by the tick, and by tests with a clock of their own.
   *
   * @return whether there is still something to watch
   */
  synchronized boolean sweep() {
    for (Waiting entry = arrived.poll(); entry != null; entry = arrived.poll()) {
      waiting.add(entry);
    }
    Instant now = clock.instant();
    waiting.removeIf(entry -> !entry.sweep(now));
    return !waiting.isEmpty();
  }

  private void scheduleTick() {
    if (!ticking.get() && ticking.compareAndSet(false, true)) {
      var unused = timer.schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void tick() {
    ticking.set(false);
    // Who arrives after the sweep sees 'ticking' unset and schedules the next tick itself.
    if (sweep()) {
      scheduleTick();
    }
  }
}
