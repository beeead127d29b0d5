package io.datawarehouse.kernel.sharding;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.sharding.Residency;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Chooses the first owner of a bucket's own segment: of the nodes that may hold it the one that has
 * the fewest of the bucket's segments for its weight, and among equals the one that draws the
 * greatest number for this bucket and segment, so that small buckets do not all lie on one node.
 */
final class OwnerChoice {

  private OwnerChoice() {}

  /**
   * Chooses.
   *
   * @param nodes who could own it
   * @param chosen who owns the bucket's other segments
   * @return empty where none of the nodes may hold it
   */
  static Optional<NodeId> choose(
      BucketName bucket,
      int segment,
      Residency residency,
      List<ClusterNode> nodes,
      Collection<Optional<NodeId>> chosen) {
    ToDoubleFunction<ClusterNode> load =
        node ->
            (1 + chosen.stream().filter(owner -> isNode(owner, node.id())).count())
                / node.descriptor().weight();
    return nodes.stream()
        .filter(node -> residency.admits(node.descriptor()))
        .min(
            Comparator.comparingDouble(load)
                .thenComparing(
                    Comparator.<ClusterNode>comparingLong(node -> draw(bucket, segment, node.id()))
                        .reversed())
                .thenComparing(ClusterNode::id))
        .map(ClusterNode::id);
  }

  private static boolean isNode(Optional<NodeId> owner, NodeId node) {
    return owner.filter(other -> Objects.equals(other, node)).isPresent();
  }

  private static long draw(BucketName bucket, int segment, NodeId node) {
    return KeyHash.mix(
        KeyHash.of(node.value()) ^ KeyHash.mix(KeyHash.of(bucket.value()) + 31L * segment));
  }
}
