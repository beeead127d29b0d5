package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardMaps;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.sharding.Residency;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** What the maps of buckets say of the segments that these have for themselves. Thread-safe. */
@FunctionalInterface
public interface OwnSegments {

  /**
   * What a map says of a segment. Immutable.
   *
   * @param owner who owns it
   * @param part the part of the bucket that lies in it; another name when that grows or shrinks
   * @param divides whether the part is divided when it is hot
   * @param residency which nodes may hold it
   */
  record Known(NodeId owner, String part, boolean divides, Residency residency) {}

  /** Returns what is known of a segment; empty where there is none, or nobody owns it. */
  Optional<Known> find(BucketName bucket, int segment);

  /** Returns those of a node that is alone: there are none. */
  static OwnSegments none() {
    return (bucket, segment) -> Optional.empty();
  }

  /**
   * Returns those of all buckets that are known.
   *
   * @param dividing whether ranges are divided by themselves at this moment
   */
  static OwnSegments of(ShardMaps maps, BooleanSupplier dividing) {
    return (bucket, segment) ->
        maps.find(bucket)
            .filter(map -> map.has(segment))
            .flatMap(map -> known(map, segment, dividing));
  }

  private static Optional<Known> known(ShardMap map, int segment, BooleanSupplier dividing) {
    return Optional.ofNullable(map.owner(segment))
        .map(
            owner ->
                new Known(
                    owner,
                    map.shardOf(segment).name(),
                    map.choice().ranges().isPresent() && dividing.getAsBoolean(),
                    map.residency(segment)));
  }
}
