package io.datawarehouse.sdk.cluster;

import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.Objects;

/**
 * Something that tells of a node's health. Immutable.
 *
 * @since 0.1
 */
public sealed interface HealthEvidence {

  /**
   * The node said that it is alive.
   *
   * @param incarnation which run of it said so, at least 1
   * @param load how busy it is
   */
  record Heartbeat(long incarnation, NodeLoad load) implements HealthEvidence {
    /** Checks; the error names the field. */
    public Heartbeat {
      if (incarnation < 1) {
        throw WarehouseException.invalid("incarnation", incarnation, "must be at least 1");
      }
      Objects.requireNonNull(load, "load");
    }
  }

  /**
   * The node answered a request.
   *
   * @param latency how long that took, not negative
   */
  record Answered(Duration latency) implements HealthEvidence {
    /** Checks; the error names the field. */
    public Answered {
      if (latency.isNegative()) {
        throw WarehouseException.invalid("latency", latency, "must not be negative");
      }
    }
  }

  /**
   * A request to the node failed because of the node.
   *
   * @param detail how, in words
   */
  record Failed(String detail) implements HealthEvidence {
    /** Checks that nothing is missing. */
    public Failed {
      Objects.requireNonNull(detail, "detail");
    }
  }

  /**
   * The connection to the node broke, or it vanished from the membership's view.
   *
   * @param detail how, in words
   */
  record Lost(String detail) implements HealthEvidence {
    /** Checks that nothing is missing. */
    public Lost {
      Objects.requireNonNull(detail, "detail");
    }
  }
}
