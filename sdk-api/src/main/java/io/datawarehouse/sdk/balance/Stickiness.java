package io.datawarehouse.sdk.balance;

import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;

/**
 * How a key stays with its node. Immutable.
 *
 * @since 0.1
 */
public sealed interface Stickiness {

  /** The key's hash decides, each time anew: nothing to remember, the same on all nodes. */
  record ByHash() implements Stickiness {}

  /**
   * The node that was chosen first, by the key's hash, keeps the key while it is in service; then
   * another is chosen, for that key alone, and keeps it. Each node that sends remembers its own.
   *
   * @param idle after how long without a message the key is forgotten, more than zero
   * @param mostKeys how many keys are remembered at most, 1 to 10000000; the longest unused makes
   *     room
   */
  record Pinned(Duration idle, int mostKeys) implements Stickiness {
    /** Checks; the error names the field. */
    public Pinned {
      if (idle.isZero() || idle.isNegative()) {
        throw WarehouseException.invalid("idle", idle, "must be more than zero");
      }
      if (mostKeys < 1 || mostKeys > 10_000_000) {
        throw WarehouseException.invalid("mostKeys", mostKeys, "use 1 to 10000000");
      }
    }
  }
}
