package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Objects;
import java.util.Optional;

/**
 * A part of a plan.
 *
 * @param segment which segment's keys move
 * @param from who owns them before
 * @param to who owns them afterwards
 * @param bytes how much that was when the plan was made
 * @param bucket whose own segment it is; empty for a segment of the cluster
 */
public record PlanMove(
    int segment, NodeId from, NodeId to, long bytes, Optional<BucketName> bucket) {
  /** Checks that nothing is missing. */
  public PlanMove {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    Objects.requireNonNull(bucket, "bucket");
  }

  /** Makes a move of a segment of the cluster. */
  public PlanMove(int segment, NodeId from, NodeId to, long bytes) {
    this(segment, from, to, bytes, Optional.empty());
  }
}
