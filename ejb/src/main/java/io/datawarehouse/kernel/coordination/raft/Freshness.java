package io.datawarehouse.kernel.coordination.raft;

import java.util.OptionalLong;

/**
 * How fresh the local copy is: it holds everything that was agreed on at some moment. A follower
 * learns from its leader up to where the log was agreed on and how long ago that was sure; once it
 * has applied that much, its copy is as of then. Thread-safe.
 */
final class Freshness {

  // Guarded by this.
  private OptionalLong asOf = OptionalLong.empty();
  private boolean waiting;
  private long awaitedIndex;
  private long awaitedTime;

  /** Takes what a leader said. */
  synchronized void learn(long commitIndex, long time, long applied) {
    settle(applied);
    if (applied >= commitIndex) {
      advance(time);
    } else if (!waiting) {
      waiting = true;
      awaitedIndex = commitIndex;
      awaitedTime = time;
    }
  }

  /** Returns as of when the copy is; empty as long as nothing is known. */
  synchronized OptionalLong asOf(long applied) {
    settle(applied);
    return asOf;
  }

  private void settle(long applied) {
    if (waiting && applied >= awaitedIndex) {
      waiting = false;
      advance(awaitedTime);
    }
  }

  private void advance(long time) {
    if (asOf.isEmpty() || time - asOf.getAsLong() > 0) {
      asOf = OptionalLong.of(time);
    }
  }
}
