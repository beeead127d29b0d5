package io.datawarehouse.kernel.sharding;

import io.datawarehouse.sdk.balance.ShardingScheme;
import io.datawarehouse.sdk.sharding.Shard;
import io.datawarehouse.sdk.sharding.ShardingStrategy;
import io.datawarehouse.sdk.sharding.Spread;
import java.util.List;

/**
 * Divides as another strategy does and spreads each shard by a hash within: over that many own
 * segments where it has own ones. Immutable.
 */
final class HashWithin implements ShardingStrategy {

  private final ShardingStrategy first;
  private final List<Shard> shards;

  HashWithin(ShardingStrategy first, int ways) {
    Spread spread = Spread.own(ways);
    this.first = first;
    this.shards =
        first.shards().stream()
            .map(shard -> shard.spread().own() ? shard.on(spread) : shard)
            .toList();
  }

  @Override
  public String scheme() {
    return ShardingScheme.COMPOSITE.id();
  }

  @Override
  public List<Shard> shards() {
    return shards;
  }

  @Override
  public int shardOf(String key) {
    return first.shardOf(key);
  }
}
