package io.datawarehouse.kernel.health;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a pool of threads still takes tasks: gives it a task that does nothing and looks,
 * whenever it is asked, since when that one waits. Never waits itself. Thread-safe.
 */
public final class Pulse {

  private final String name;
  private final Executor pool;
  private final Clock clock;
  private final Duration limit;

  /** When the beat that is under way was sent; null between beats. */
  private final AtomicReference<@Nullable Instant> sent = new AtomicReference<>();

  /**
   * Makes the pulse of a pool.
   *
   * @param name what the pool is called in messages
   * @param limit how long a task may wait before the pool counts as hanging
   */
  public Pulse(String name, Executor pool, Clock clock, Duration limit) {
    this.name = name;
    this.pool = pool;
    this.clock = clock;
    this.limit = limit;
  }

  /** Returns what is to say of the pool where it hangs. */
  public Optional<String> stall() {
    Instant now = clock.instant();
    Instant waiting = sent.get();
    if (waiting == null) {
      beat(now);
      return Optional.empty();
    }
    Duration age = Duration.between(waiting, now);
    return age.compareTo(limit) < 0
        ? Optional.empty()
        : Optional.of("%s have not taken a task for %d s".formatted(name, age.toSeconds()));
  }

  private void beat(Instant now) {
    if (sent.compareAndSet(null, now)) {
      try {
        pool.execute(() -> sent.set(null));
      } catch (RejectedExecutionException e) {
        // The pool is closed or full: the beat stays, and counts from now on.
        sent.set(now);
      }
    }
  }
}
