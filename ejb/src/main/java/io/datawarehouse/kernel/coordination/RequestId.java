package io.datawarehouse.kernel.coordination;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Objects;

/**
 * Tells a proposal from all others, so that one that is sent again is known. Immutable.
 *
 * @param node who proposes
 * @param run in which run of that node; grows with every start
 * @param sequence counts that run's proposals from 1
 */
public record RequestId(NodeId node, long run, long sequence) {

  /** Checks; the error names the field. */
  public RequestId {
    Objects.requireNonNull(node, "node");
    if (run < 0) {
      throw WarehouseException.invalid("run", run, "must not be negative");
    }
    if (sequence < 1) {
      throw WarehouseException.invalid("sequence", sequence, "must be at least 1");
    }
  }
}
