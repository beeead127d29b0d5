package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What ought to move by a plan and does not.
 *
 * @param bucket whose own segments these are; empty for segments of the cluster
 * @param shard which of its shards; empty for segments of the cluster
 * @param node who owns them, and goes on owning them
 * @param segments which segments; none where there are too many to be named
 * @param bytes how much is in them, as far as that is known
 * @param because why they stay, in words
 */
public record PlanStay(
    Optional<BucketName> bucket,
    Optional<String> shard,
    NodeId node,
    List<Integer> segments,
    long bytes,
    String because) {
  /** Checks that nothing is missing, and copies. */
  public PlanStay {
    Objects.requireNonNull(bucket, "bucket");
    Objects.requireNonNull(shard, "shard");
    Objects.requireNonNull(node, "node");
    segments = List.copyOf(segments);
    Objects.requireNonNull(because, "because");
  }
}
