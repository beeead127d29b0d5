package io.datawarehouse.sdk.balance;

/**
 * What is known of the candidates at this moment, by their number in the {@link CandidateTable}.
 * Thread-safe; the values change under the reader's eyes. Every method is quick, waits for nothing
 * and allocates nothing.
 *
 * <p>Requests under way and latency are measured by the node that chooses; the rest is what the
 * candidates said of themselves. What is not known, or no longer fresh, is NaN or negative as the
 * method says, and MUST be judged neutral: neither best nor worst.
 *
 * @since 0.1
 */
public interface NodeSignals {

  /** Returns how many candidates there are, the size of the table. */
  int size();

  /**
   * Returns whether a candidate may be chosen at all: active, healthy, its breaker closed. Where
   * none is, the kernel itself asks again with the least bad ones allowed.
   */
  boolean usable(int number);

  /** Returns how many requests of this node are under way at a candidate, 0 or more. */
  int inFlight(int number);

  /** Returns the recent latency of a candidate in nanoseconds; negative where it is not known. */
  long latencyNanos(int number);

  /** Returns the processors in use, 0 to 100; NaN where that is not known. */
  double cpuPercent(int number);

  /** Returns the memory in use, 0 to 100; NaN where that is not known. */
  double memoryPercent(int number);

  /** Returns the disk in use, 0 to 100; NaN where that is not known. */
  double diskPercent(int number);

  /** Returns the requests a second that a candidate gets from all; NaN where that is not known. */
  double requestsPerSecond(int number);

  /**
   * Returns how much of its weight a candidate should get now: 1 as a rule, less and rising while a
   * new one warms up, never 0.
   */
  double warmth(int number);
}
