package io.datawarehouse.kernel.plugin;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Calls code that may hang, each call on a thread of its own. Thread-safe. */
final class BoundedCalls {

  /** How a call ended. */
  sealed interface Outcome<T> {

    /** It gave a value. */
    record Returned<T>(T value) implements Outcome<T> {}

    /** It threw. */
    record Threw<T>(Throwable cause) implements Outcome<T> {}

    /** It took too long; whether it ended once it was interrupted. */
    record TimedOut<T>(boolean ended) implements Outcome<T> {}

    /** The thread that waited for it was interrupted. */
    record Interrupted<T>() implements Outcome<T> {}

    /** Returns what is said of a call that gave no value. */
    static Optional<String> problem(Outcome<?> outcome, Duration limit) {
      if (outcome instanceof Threw<?> threw) {
        return Optional.of(Causes.inWords(threw.cause));
      }
      if (outcome instanceof TimedOut<?> timedOut) {
        return Optional.of(
            "took longer than "
                + limit.toMillis()
                + " ms"
                + (timedOut.ended ? "" : " and does not react to being interrupted"));
      }
      return outcome instanceof Interrupted<?>
          ? Optional.of("was interrupted: the node is being stopped")
          : Optional.empty();
    }
  }

  private final ThreadFactory threads;
  private final Duration grace;

  /**
   * Makes a caller.
   *
   * @param grace how long a call may take to end once it was interrupted
   */
  BoundedCalls(ThreadFactory threads, Duration grace) {
    this.threads = threads;
    this.grace = grace;
  }

  <T> Outcome<T> call(String threadName, Duration limit, Callable<T> code) {
    FutureTask<T> task = new FutureTask<>(code);
    Thread thread = threads.newThread(task);
    if (thread == null) {
      return new Outcome.Threw<>(new IllegalStateException("no thread is left"));
    }
    thread.setName(threadName);
    thread.start();
    try {
      return new Outcome.Returned<>(task.get(limit.toNanos(), TimeUnit.NANOSECONDS));
    } catch (ExecutionException e) {
      return new Outcome.Threw<>(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      task.cancel(true);
      return new Outcome.TimedOut<>(endsSoon(thread));
    } catch (InterruptedException e) {
      task.cancel(true);
      return new Outcome.Interrupted<>();
    }
  }

  private boolean endsSoon(Thread thread) {
    try {
      thread.join(Math.max(1, grace.toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }
}
