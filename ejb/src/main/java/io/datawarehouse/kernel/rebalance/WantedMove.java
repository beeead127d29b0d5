package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Objects;
import java.util.Optional;

/**
 * A segment that somebody wants to move.
 *
 * @param bucket whose own segment it is; empty for a segment of the cluster
 * @param segment its number
 * @param to who is to own it
 */
public record WantedMove(Optional<BucketName> bucket, int segment, NodeId to) {
  /** Checks that nothing is missing. */
  public WantedMove {
    Objects.requireNonNull(bucket, "bucket");
    Objects.requireNonNull(to, "to");
  }
}
