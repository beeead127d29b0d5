package io.datawarehouse.kernel.sharding;

import io.datawarehouse.sdk.balance.ShardingScheme;
import io.datawarehouse.sdk.sharding.Residency;
import io.datawarehouse.sdk.sharding.Shard;
import io.datawarehouse.sdk.sharding.ShardingStrategy;
import io.datawarehouse.sdk.sharding.Spread;
import java.util.List;

/** Leaves a bucket in one piece: on one segment, or spread by a hash of its keys. Immutable. */
final class WholeBucket implements ShardingStrategy {

  /** All on one segment. */
  static final WholeBucket NONE =
      new WholeBucket(
          ShardingScheme.NONE, "the whole bucket lies on one segment of the cluster", Spread.ONE);

  /** By a hash of bucket and key, over all segments. */
  static final WholeBucket HASH =
      new WholeBucket(
          ShardingScheme.HASH,
          "a hash of bucket and key decides among the cluster's segments",
          Spread.CLUSTER);

  private final ShardingScheme scheme;
  private final List<Shard> shards;

  private WholeBucket(ShardingScheme scheme, String rule, Spread spread) {
    this.scheme = scheme;
    this.shards = List.of(new Shard("all", rule, Residency.ANYWHERE, spread));
  }

  @Override
  public String scheme() {
    return scheme.id();
  }

  @Override
  public List<Shard> shards() {
    return shards;
  }

  @Override
  public int shardOf(String key) {
    return 0;
  }
}
