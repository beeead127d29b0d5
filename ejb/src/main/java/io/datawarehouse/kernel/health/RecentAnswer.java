package io.datawarehouse.kernel.health;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks a costly question once for everybody who wants to know at about the same time. Health is
 * asked without a token, and must not be a way to wear down a disk. Thread-safe.
 */
public final class RecentAnswer implements Supplier<Optional<String>> {

  private record Answer(Optional<String> problem, long at) {}

  private final Supplier<Optional<String>> question;
  private final LongSupplier nanos;
  private final long keepNanos;
  private @Nullable Answer last;

  /**
   * Makes a memory for the answers to a question.
   *
   * @param nanos tells the time, as {@link System#nanoTime()} does
   * @param keep how long an answer counts
   */
  public RecentAnswer(Supplier<Optional<String>> question, LongSupplier nanos, Duration keep) {
    this.question = question;
    this.nanos = nanos;
    this.keepNanos = keep.toNanos();
  }

  @Override
  public synchronized Optional<String> get() {
    Answer known = last;
    if (known != null && nanos.getAsLong() - known.at < keepNanos) {
      return known.problem;
    }
    Optional<String> problem = question.get();
    last = new Answer(problem, nanos.getAsLong());
    return problem;
  }
}
