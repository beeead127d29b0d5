package io.datawarehouse.sdk.resilience;

import io.datawarehouse.sdk.error.WarehouseException;

/**
 * How much a compartment holds. Immutable.
 *
 * @param concurrency how many calls may be under way at the same time, 1 to 100000
 * @param waiting how many more asynchronous calls may wait for their turn, 0 to 1000000; calls on
 *     the caller's own thread never wait
 * @since 0.1
 */
public record BulkheadSettings(int concurrency, int waiting) {

  private static final BulkheadSettings DEFAULTS = new BulkheadSettings(16, 64);

  /** Checks; the error names the field. */
  public BulkheadSettings {
    if (concurrency < 1 || concurrency > 100_000) {
      throw WarehouseException.invalid("concurrency", concurrency, "use 1 to 100000");
    }
    if (waiting < 0 || waiting > 1_000_000) {
      throw WarehouseException.invalid("waiting", waiting, "use 0 to 1000000");
    }
  }

  /** Returns the defaults: 16 at a time, 64 waiting. */
  public static BulkheadSettings defaults() {
    return DEFAULTS;
  }
}
