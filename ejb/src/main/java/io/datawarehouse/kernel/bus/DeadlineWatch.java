package io.datawarehouse.kernel.bus;

import java.time.Clock;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Fails requests whose deadline has passed. One coarse tick for all of them instead of a timer
 * each: entering and leaving is a set operation, and a request learns of its end at most a tick
 * late. It ticks only while somebody waits. Thread-safe.
 */
final class DeadlineWatch {

  /** Something with a deadline. */
  interface Waiting {
    /** Returns when it ends. */
    Instant deadline();

    /** Ends it; called once the deadline has passed, perhaps more than once. */
    void expire(Instant now);
  }

  private static final long TICK_MILLIS = 10;

  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean ticking = new AtomicBoolean();
  private final Clock clock;
  private final ScheduledExecutorService timer;

  DeadlineWatch(Clock clock, ScheduledExecutorService timer) {
    this.clock = clock;
    this.timer = timer;
  }

  void enter(Waiting entry) {
    waiting.add(entry);
    scheduleTick();
  }

  void leave(Waiting entry) {
    waiting.remove(entry);
  }

  /** Ends everything that is due. Called by the tick, and by tests with a clock of their own. */
  void sweep() {
    Instant now = clock.instant();
    waiting.removeIf(
        entry -> {
          boolean due = !now.isBefore(entry.deadline());
          if (due) {
            entry.expire(now);
          }
          return due;
        });
  }

  private void scheduleTick() {
    if (!ticking.get() && ticking.compareAndSet(false, true)) {
      var unused = timer.schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void tick() {
    ticking.set(false);
    sweep();
    // Who entered after the sweep saw 'ticking' unset and scheduled the next tick itself.
    if (!waiting.isEmpty()) {
      scheduleTick();
    }
  }
}
