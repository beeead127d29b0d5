package io.datawarehouse.sdk.cluster;

import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;

/**
 * How fresh an answer must be. Immutable.
 *
 * @since 0.1
 */
public sealed interface ReadConsistency {

  /**
   * From this node's own copy, if it was in touch with a leader not longer ago than that.
   *
   * @param mostAge how old the copy may be, not negative; a century and more for any age
   */
  record Local(Duration mostAge) implements ReadConsistency {

    private static final Duration EVER = Duration.ofDays(36_500);

    /** Checks; the error names the field. */
    public Local {
      if (mostAge.isNegative()) {
        throw WarehouseException.invalid("mostAge", mostAge, "must not be negative");
      }
    }

    /**
     * Returns the consistency of a copy of any age: a node that was started and has not heard a
     * leader yet answers from what it kept. It never knows less then than it knew before its start;
     * where it cannot tell, or never learnt anything, the read fails with {@code UNAVAILABLE}.
     */
    public static Local ofAnyAge() {
      return new Local(EVER);
    }

    /** Returns whether the copy may be of any age. */
    public boolean anyAge() {
      return mostAge.compareTo(EVER) >= 0;
    }
  }

  /** Through the leader: sees every change that was acknowledged before the question. */
  record Latest() implements ReadConsistency {}
}
