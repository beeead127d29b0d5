package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.sdk.blob.StorageMessages.BucketShard;
import io.datawarehouse.sdk.blob.StorageMessages.OwnSegment;
import io.datawarehouse.sdk.sharding.Shard;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The shards of a bucket as they are shown. */
final class ShardViews {

  private ShardViews() {}

  static List<BucketShard> of(ShardMap map) {
    List<String> splits = map.choice().ranges().map(ranges -> ranges.splits()).orElse(List.of());
    boolean ranges = map.choice().ranges().isPresent();
    List<BucketShard> views = new ArrayList<>();
    List<Shard> shards = map.choice().strategy().shards();
    for (int i = 0; i < shards.size(); i++) {
      Shard shard = shards.get(i);
      views.add(
          new BucketShard(
              shard.name(),
              shard.rule(),
              ranges && i > 0 ? Optional.of(splits.get(i - 1)) : Optional.empty(),
              ranges && i < splits.size() ? Optional.of(splits.get(i)) : Optional.empty(),
              map.segments().get(i).stream()
                  .map(own -> new OwnSegment(own, Optional.ofNullable(map.owner(own))))
                  .toList()));
    }
    return views;
  }
}
