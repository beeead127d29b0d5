package io.datawarehouse.sdk.resilience;

import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;

/**
 * When a circuit opens and when it is tried again. Immutable.
 *
 * @param failures how many failures in a row open it, 1 to 10000
 * @param openFor how long it stays open before it is tried again, more than zero
 * @param probes how many calls may try it at the same time, and how many must succeed in a row to
 *     close it, 1 to 1000
 * @since 0.1
 */
public record CircuitBreakerSettings(int failures, Duration openFor, int probes) {

  private static final CircuitBreakerSettings DEFAULTS =
      new CircuitBreakerSettings(5, Duration.ofSeconds(30), 1);

  /** Checks; the error names the field. */
  public CircuitBreakerSettings {
    if (failures < 1 || failures > 10_000) {
      throw WarehouseException.invalid("failures", failures, "use 1 to 10000");
    }
    if (openFor.isZero() || openFor.isNegative()) {
      throw WarehouseException.invalid("openFor", openFor, "must be more than zero");
    }
    if (probes < 1 || probes > 1_000) {
      throw WarehouseException.invalid("probes", probes, "use 1 to 1000");
    }
  }

  /** Returns the defaults: 5 failures, 30 seconds, 1 probe. */
  public static CircuitBreakerSettings defaults() {
    return DEFAULTS;
  }
}
