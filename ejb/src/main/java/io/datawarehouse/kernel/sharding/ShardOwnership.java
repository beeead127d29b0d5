package io.datawarehouse.kernel.sharding;

import io.datawarehouse.kernel.placement.Ownership;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import java.util.Optional;
import java.util.SortedMap;

/** Who owns which blob, with the maps of buckets. Thread-safe. */
public interface ShardOwnership extends Ownership {

  /** Returns the map of a bucket that this node acts by; empty where it knows none. */
  Optional<ShardMap> map(BucketName bucket);

  /** Returns the maps of all buckets that this node knows, with the versions of their entries. */
  SortedMap<BucketName, ShardMaps.Known> maps();

  /** Returns whether a rule that this node knows keeps a node from some keys of a bucket. */
  default boolean forbidsSome(NodeDescriptor node, BucketName bucket) {
    return map(bucket)
        .filter(
            map ->
                map.choice().strategy().shards().stream()
                    .anyMatch(shard -> !shard.residency().admits(node)))
        .isPresent();
  }

  /** Returns whether a rule that this node knows says that a node must not hold a key. */
  default boolean forbids(NodeDescriptor node, BlobKey key) {
    return map(key.bucket())
        .filter(
            map -> {
              int segment = map.segmentOf(key.bucket(), key.key());
              return ShardMap.isOwn(segment) && !map.residency(segment).admits(node);
            })
        .isPresent();
  }
}
