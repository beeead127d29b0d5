package io.datawarehouse.sdk.resilience;

import java.time.Duration;
import java.util.Objects;

/**
 * What a circuit does with calls at one moment. Immutable.
 *
 * @since 0.1
 */
public sealed interface CircuitState {

  /**
   * Calls go through.
   *
   * @param failures how many failed in a row by now
   */
  record Closed(int failures) implements CircuitState {}

  /**
   * Calls are refused.
   *
   * @param retryAfter how long until it is tried again; zero where the next call may try
   */
  record Open(Duration retryAfter) implements CircuitState {
    /** Checks that nothing is missing. */
    public Open {
      Objects.requireNonNull(retryAfter, "retryAfter");
    }
  }

  /**
   * A few calls try whether it works again, all others are refused.
   *
   * @param underWay how many try at the moment
   * @param succeeded how many succeeded by now
   */
  record HalfOpen(int underWay, int succeeded) implements CircuitState {}

  /**
   * An operator opened it; calls are refused until an operator closes it.
   *
   * @param reason why, in the operator's words
   */
  record HeldOpen(String reason) implements CircuitState {
    /** Checks that nothing is missing. */
    public HeldOpen {
      Objects.requireNonNull(reason, "reason");
    }
  }

  /** Returns the state's name as it is shown: CLOSED, OPEN, HALF_OPEN or HELD_OPEN. */
  default String label() {
    if (this instanceof Closed) {
      return "CLOSED";
    }
    if (this instanceof HalfOpen) {
      return "HALF_OPEN";
    }
    return this instanceof Open ? "OPEN" : "HELD_OPEN";
  }
}
