package io.datawarehouse.sdk.resilience;

import java.util.Objects;

/**
 * How full a compartment is at one moment. Immutable.
 *
 * @param pool its name
 * @param settings how much it holds
 * @param active how many calls are under way
 * @param waiting how many wait for their turn
 * @param admitted how many were let in since it exists
 * @param refused how many were refused since it exists
 * @since 0.1
 */
public record BulkheadStatus(
    String pool, BulkheadSettings settings, int active, int waiting, long admitted, long refused) {

  /** Checks that nothing is missing. */
  public BulkheadStatus {
    Objects.requireNonNull(pool, "pool");
    Objects.requireNonNull(settings, "settings");
  }
}
