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
   * @param mostAge how old the copy may be, not negative
   */
  record Local(Duration mostAge) implements ReadConsistency {
    /** Checks; the error names the field. */
    public Local {
      if (mostAge.isNegative()) {
        throw WarehouseException.invalid("mostAge", mostAge, "must not be negative");
      }
    }
  }

  /** Through the leader: sees every change that was acknowledged before the question. */
  record Latest() implements ReadConsistency {}
}
