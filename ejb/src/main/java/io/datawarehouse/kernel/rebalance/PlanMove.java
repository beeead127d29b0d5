package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Objects;

/**
 * A part of a plan.
 *
 * @param segment which segment's keys move
 * @param from who owns them before
 * @param to who owns them afterwards
 * @param bytes how much that was when the plan was made
 */
public record PlanMove(int segment, NodeId from, NodeId to, long bytes) {
  /** Checks that nothing is missing. */
  public PlanMove {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
  }
}
