package io.datawarehouse.sdk.cluster;

import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What this node thinks of the health of another, and why. Immutable.
 *
 * @param node the node that is judged
 * @param health the judgement
 * @param suspicion how unusual the silence of the node is, as an accrual detector counts it: 0 for
 *     none, 8 and more for as good as dead
 * @param load how busy it said it is; empty where it never said, or too long ago
 * @param lastHeard when it was last heard, by this node's clock; empty if never
 * @param reason why it is judged so, in words
 * @since 0.1
 */
public record HealthReport(
    NodeId node,
    NodeHealth health,
    double suspicion,
    Optional<NodeLoad> load,
    Optional<Instant> lastHeard,
    String reason) {

  /** Checks; the error names the field. */
  public HealthReport {
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(health, "health");
    if (!(suspicion >= 0)) {
      throw WarehouseException.invalid("suspicion", suspicion, "must not be negative");
    }
    Objects.requireNonNull(load, "load");
    Objects.requireNonNull(lastHeard, "lastHeard");
    Objects.requireNonNull(reason, "reason");
  }
}
