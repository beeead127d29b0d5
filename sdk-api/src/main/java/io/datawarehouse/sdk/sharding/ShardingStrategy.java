package io.datawarehouse.sdk.sharding;

import java.util.List;

/**
 * Divides the keys of one bucket into shards. Made from parameters that the whole cluster agreed
 * on; which node holds a shard is not its business. Immutable and thread-safe.
 *
 * <p>An implementation MUST: (1) find a shard for every key; (2) find the same one on every node
 * and each time, from its parameters and the key alone: it knows no clock, no chance, no load and
 * no network; (3) answer {@link #shardOf} in time that grows no faster than the logarithm of the
 * number of shards, without allocating; (4) list the same shards each time, at least one, no name
 * twice.
 *
 * @since 0.1
 */
public interface ShardingStrategy {

  /** Returns the name under which a bucket asks for it. */
  String scheme();

  /** Returns the shards, at least one; unmodifiable. */
  List<Shard> shards();

  /**
   * Returns which shard a key belongs to.
   *
   * @param key the key within its bucket
   * @return 0 to {@code shards().size() - 1}
   */
  int shardOf(String key);
}
