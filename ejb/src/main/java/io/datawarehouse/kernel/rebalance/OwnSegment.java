package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardMaps;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.sharding.Shard;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * A segment of a bucket's own, as plans see it. Immutable.
 *
 * @param bucket whose it is
 * @param segment its number
 * @param owner who owns it
 * @param shard to what it belongs, which says who may hold it
 * @param bytes how much is in it
 */
record OwnSegment(BucketName bucket, int segment, NodeId owner, Shard shard, long bytes) {

  /** Tells how much is in a segment of a bucket's own. */
  @FunctionalInterface
  interface Sizes {
    /** Returns how much is in it. */
    long bytes(BucketName bucket, int segment);
  }

  /** Returns all own segments that have an owner. */
  static List<OwnSegment> all(SortedMap<BucketName, ShardMaps.Known> maps, Sizes sizes) {
    List<OwnSegment> all = new ArrayList<>();
    maps.forEach(
        (bucket, known) -> {
          for (ShardMap.Own own : known.map().own()) {
            int number = own.segment();
            Shard shard = known.map().shardOf(number);
            own.owner()
                .ifPresent(
                    owner ->
                        all.add(
                            new OwnSegment(
                                bucket, number, owner, shard, sizes.bytes(bucket, number))));
          }
        });
    return all;
  }

  /** A segment that gets another owner. */
  record Move(OwnSegment segment, NodeId to) {}

  Move to(NodeId node) {
    return new Move(this, node);
  }
}
