package io.datawarehouse.kernel.sharding;

import io.datawarehouse.kernel.cluster.RouteAnswer;
import io.datawarehouse.kernel.placement.KeyOwners;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.sharding.Shard;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The maps of all buckets that this node knows, read without a lock. Thread-safe. Who learns of a
 * bucket from the cluster says so here; what is not known is asked for before a message goes out,
 * so that a bucket can be used everywhere as soon as it is made.
 */
public final class ShardMaps implements KeyOwners {

  private final Map<String, ShardMap> maps = new ConcurrentHashMap<>();
  private volatile Supplier<? extends CompletionStage<?>> question =
      () -> CompletableFuture.completedFuture(null);

  /** Says how to ask the cluster for all maps; what comes of it is told by {@link #put}. */
  public void askBy(Supplier<? extends CompletionStage<?>> asking) {
    question = asking;
  }

  /** Takes the map of a bucket; the caller sees to the order. */
  public void put(BucketName bucket, ShardMap map) {
    maps.put(bucket.value(), map);
  }

  /** Forgets a bucket that is gone. */
  public void remove(BucketName bucket) {
    maps.remove(bucket.value());
  }

  /** Returns the map of a bucket; empty where this node knows none. */
  public Optional<ShardMap> find(BucketName bucket) {
    return Optional.ofNullable(maps.get(bucket.value()));
  }

  /** Returns who owns own segments of any bucket, sorted. */
  public Set<NodeId> owners() {
    Set<NodeId> owners = new TreeSet<>();
    maps.values().forEach(map -> owners.addAll(map.owners()));
    return owners;
  }

  @Override
  public boolean knows(String affinityKey) {
    int slash = affinityKey.indexOf('/');
    return slash < 0 || maps.containsKey(affinityKey.substring(0, slash));
  }

  @Override
  public CompletionStage<Void> learn(String affinityKey) {
    return question.get().thenAccept(known -> {});
  }

  @Override
  public NodeId owner(String affinityKey, Placement placement) {
    int slash = affinityKey.indexOf('/');
    ShardMap map = slash < 0 ? null : maps.get(affinityKey.substring(0, slash));
    if (map == null || map == ShardMap.HASHED) {
      return placement.primary(affinityKey);
    }
    String key = affinityKey.substring(slash + 1);
    int segment = map.segmentOf(affinityKey, slash, key);
    if (!ShardMap.isOwn(segment)) {
      return placement.owners(segment).get(0);
    }
    NodeId owner = map.owner(segment);
    if (owner == null) {
      throw nobody(map.shardOf(key));
    }
    return owner;
  }

  /** Makes the error for a key that no node may hold that is there. */
  public static WarehouseException nobody(Shard shard) {
    return new WarehouseException(
        StandardErrorCode.RESIDENCY_UNSATISFIED,
        "no node is there that may hold the key: " + shard.rule());
  }

  @Override
  public Place explain(String affinityKey, Placement placement) {
    int slash = affinityKey.indexOf('/');
    ShardMap map = slash < 0 ? null : maps.get(affinityKey.substring(0, slash));
    if (map == null) {
      return KeyOwners.byHash().explain(affinityKey, placement);
    }
    String key = affinityKey.substring(slash + 1);
    int segment = map.segmentOf(affinityKey, slash, key);
    Shard shard = map.shardOf(key);
    return new Place(
        segment,
        ShardMap.isOwn(segment)
            ? Optional.ofNullable(map.owner(segment))
            : Optional.of(placement.owners(segment).get(0)),
        Optional.of(
            new RouteAnswer.Division(map.choice().scheme().id(), shard.name(), shard.rule())));
  }
}
