package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.sharding.ShardingChoice;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.sharding.Shard;
import io.datawarehouse.sdk.sharding.ShardingStrategy;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets everything in that a node that is alone has, and writes only where a bucket's rules let it
 * hold them: a node that was in a cluster, or stood elsewhere, may have buckets whose rules name
 * others. Thread-safe.
 */
final class LoneBlobs implements Admission {

  /** How many buckets are remembered. */
  private static final int MOST_KNOWN = 1_000;

  /** A bucket's rules, and the definition that they were read from. Immutable. */
  private record Known(BucketDefinition bucket, ShardingStrategy strategy, boolean anywhere) {}

  private final StorageProvider provider;
  private final NodeDescriptor self;
  private final Map<BucketName, Known> known = new ConcurrentHashMap<>();

  LoneBlobs(StorageProvider provider, NodeDescriptor self) {
    this.provider = provider;
    this.self = self;
  }

  @Override
  public void read(BlobKey key) {}

  @Override
  public Passage change(BlobKey key) {
    return () -> {};
  }

  @Override
  public Passage write(BlobKey key) {
    // A bucket that there is not is told of by whoever writes.
    provider.findBucket(key.bucket()).ifPresent(bucket -> requireAllowed(bucket, key));
    return change(key);
  }

  private void requireAllowed(BucketDefinition bucket, BlobKey key) {
    if (bucket.settings().sharding().isEmpty() || bucket.settings().shardingOptions().isEmpty()) {
      return;
    }
    Known rules = rulesOf(bucket);
    if (rules.anywhere) {
      return;
    }
    Shard shard = rules.strategy.shards().get(rules.strategy.shardOf(key.key()));
    if (!shard.residency().admits(self)) {
      throw new WarehouseException(
          StandardErrorCode.RESIDENCY_UNSATISFIED,
          "node %s is alone and must not hold the key: %s".formatted(self.id(), shard.rule()));
    }
  }

  private Known rulesOf(BucketDefinition bucket) {
    Known before = known.get(bucket.name());
    if (before != null && before.bucket.equals(bucket)) {
      return before;
    }
    ShardingChoice choice = BucketRules.sharding(bucket.settings());
    boolean anywhere =
        choice.strategy().shards().stream().allMatch(shard -> shard.residency().isAnywhere());
    Known now = new Known(bucket, choice.strategy(), anywhere);
    if (known.size() >= MOST_KNOWN) {
      known.clear();
    }
    known.put(bucket.name(), now);
    return now;
  }
}
