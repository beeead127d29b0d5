package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.cluster.KeyHash;
import java.util.concurrent.atomic.AtomicLong;

/** Gives each selector of a strategy a seed of its own; the same ones for the same seed. */
final class Seeds {

  private static final long STEP = 0x9e3779b97f4a7c15L;

  private final AtomicLong next;

  Seeds(long seed) {
    next = new AtomicLong(seed);
  }

  long next() {
    return KeyHash.mix(next.getAndAdd(STEP));
  }
}
