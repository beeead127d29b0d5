package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How replication to another site goes. Immutable.
 *
 * @param site its name, as configuration has it
 * @param state what happens now
 * @param lag the age of the oldest change that it has not acknowledged; zero for none
 * @param pending how many changes it has not acknowledged, 0 or more
 * @param failure why the last attempt failed; empty where it did not
 * @since 0.1
 */
public record SiteStatus(
    String site, State state, Duration lag, long pending, Optional<String> failure) {

  /** What happens with a site. */
  public enum State {
    /** Changes flow. */
    FLOWING,
    /** It cannot be reached; changes are kept until it can. */
    UNREACHABLE,
    /** An operator paused it; changes are kept. */
    PAUSED
  }

  /** Checks; the error names the field. */
  public SiteStatus {
    if (site.isBlank()) {
      throw WarehouseException.invalid("site", site, "must not be empty");
    }
    Objects.requireNonNull(state, "state");
    if (lag.isNegative()) {
      throw WarehouseException.invalid("lag", lag, "must not be negative");
    }
    if (pending < 0) {
      throw WarehouseException.invalid("pending", pending, "must not be negative");
    }
    Objects.requireNonNull(failure, "failure");
  }
}
