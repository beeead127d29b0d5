package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.Objects;

/**
 * How far a copy of a segment is behind. Immutable.
 *
 * @param segment which segment, 0 or more
 * @param node who keeps the copy
 * @param site where
 * @param lag the age of the oldest change that it lacks; zero for none
 * @param pending how many changes it lacks, 0 or more
 * @param inSync whether it lacks nothing
 * @since 0.1
 */
public record ReplicaLag(
    int segment, NodeId node, String site, Duration lag, long pending, boolean inSync) {

  /** Checks; the error names the field. */
  public ReplicaLag {
    if (segment < 0) {
      throw WarehouseException.invalid("segment", segment, "must not be negative");
    }
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(site, "site");
    if (lag.isNegative()) {
      throw WarehouseException.invalid("lag", lag, "must not be negative");
    }
    if (pending < 0) {
      throw WarehouseException.invalid("pending", pending, "must not be negative");
    }
  }
}
