package io.datawarehouse.kernel.sharding;

import io.datawarehouse.kernel.placement.Ownership;
import io.datawarehouse.sdk.blob.BucketName;
import java.util.Optional;
import java.util.SortedMap;

/** Who owns which blob, with the maps of buckets. Thread-safe. */
public interface ShardOwnership extends Ownership {

  /** Returns the map of a bucket that this node acts by; empty where it knows none. */
  Optional<ShardMap> map(BucketName bucket);

  /** Returns the maps of all buckets that this node knows, with the versions of their entries. */
  SortedMap<BucketName, ShardMaps.Known> maps();
}
