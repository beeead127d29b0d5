package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.cluster.KeyHash;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Numbers the choices of one selector and gives each its random numbers: those of SplitMix64
 * (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014), which can be
 * computed for any turn. Thread-safe; allocates nothing.
 */
final class Turns {

  private static final long STEP = 0x9e3779b97f4a7c15L;
  private static final long ATTEMPT = 0xd1b54a32d192ed03L;

  /** Turns begin somewhere in here, so that several senders are not in step. */
  private static final long FIRST = (1L << 40) - 1;

  private final long seed;
  private final AtomicLong next;

  /** Makes turns that begin at a multiple of {@code step}. */
  Turns(long seed, int step) {
    this.seed = KeyHash.mix(seed);
    long first = KeyHash.mix(this.seed ^ STEP) & FIRST;
    this.next = new AtomicLong(first - first % step);
  }

  /** Takes a turn. */
  long take() {
    return next.getAndIncrement();
  }

  /** Returns the turn that would be taken. */
  long peek() {
    return next.get();
  }

  /** Returns a random number of a turn. */
  long draw(long turn, int attempt) {
    return KeyHash.mix(seed + turn * STEP + attempt * ATTEMPT);
  }

  /** Returns a number from 0 to {@code bound - 1}. */
  static int below(long random, int bound) {
    return (int) ((random >>> 32) * bound >>> 32);
  }

  /** Returns a number from 0 to 1 that does not hang together with {@link #below}. */
  static double share(long random) {
    return (random & 0xffff_ffffL) * 0x1p-32;
  }
}
