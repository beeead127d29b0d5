package io.datawarehouse.kernel.detector;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts answers and failures of one node over the last ten seconds. Counting is thread-safe and
 * free of locks, and may lose a few at the moment at which the second changes; the rest is for one
 * thread at a time.
 */
final class RecentAnswers {

  private static final int SECONDS = 10;

  private final LongAdder answers = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder nanos = new LongAdder();
  private final long[] answersOf = new long[SECONDS];
  private final long[] failuresOf = new long[SECONDS];
  private final long[] nanosOf = new long[SECONDS];
  private int second;

  void answered(long latencyNanos) {
    answers.increment();
    nanos.add(latencyNanos);
  }

  void failed() {
    failures.increment();
  }

  /** A second is over. */
  void nextSecond() {
    second = (second + 1) % SECONDS;
    answersOf[second] = answers.sumThenReset();
    failuresOf[second] = failures.sumThenReset();
    nanosOf[second] = nanos.sumThenReset();
  }

  void forget() {
    // The seconds that are kept, and the one that has begun.
    for (int i = 0; i <= SECONDS; i++) {
      nextSecond();
    }
  }

  long failures() {
    return failures.sum() + sum(failuresOf);
  }

  long answers() {
    return answers.sum() + sum(answersOf);
  }

  /** Returns the mean time of an answer; zero where there was none. */
  long meanNanos() {
    long count = answers();
    return count == 0 ? 0 : (nanos.sum() + sum(nanosOf)) / count;
  }

  private static long sum(long[] values) {
    long sum = 0;
    for (long value : values) {
      sum += value;
    }
    return sum;
  }
}
