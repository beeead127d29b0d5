package io.datawarehouse.kernel.sharding;

import io.datawarehouse.kernel.cluster.RouteAnswer;
import io.datawarehouse.kernel.placement.KeyOwners;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.sharding.Shard;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The maps of all buckets that this node knows, read without a lock. Thread-safe. Who learns of a
 * bucket from the cluster says so here; what is not known is asked for before a message goes out,
 * so that a bucket can be used everywhere as soon as it is made.
 */
public final class ShardMaps implements KeyOwners {

  /**
   * A map and the version of the entry that holds it. Immutable.
   *
   * @param map where the keys of the bucket lie
   * @param version the version of its entry
   */
  public record Known(ShardMap map, long version) {}

  /** How many buckets that are gone are remembered. */
  private static final int MOST_GONE = 1_000;

  private final Map<String, Known> maps = new ConcurrentHashMap<>();
  private final Map<String, Known> gone = new ConcurrentHashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Supplier<? extends CompletionStage<?>> question =
      () -> CompletableFuture.completedFuture(null);
  private volatile BooleanSupplier answerable = () -> true;

  /**
   * Says how to ask the cluster for all maps; what comes of it is told by {@link #put}.
   *
   * @param hopeful whether there is somebody who could answer
   */
  public void askBy(Supplier<? extends CompletionStage<?>> asking, BooleanSupplier hopeful) {
    question = asking;
    answerable = hopeful;
  }

  /**
   * Takes the map of a bucket; the caller sees to the order, and to it that listeners are told.
   *
   * @return whether it is another map than before
   */
  public boolean put(BucketName bucket, ShardMap map, long version) {
    Known before = maps.put(bucket.value(), new Known(map, version));
    gone.remove(bucket.value());
    return before == null || !before.map.equals(map);
  }

  /** Tells all listeners that a bucket has another map. */
  public void tell() {
    listeners.forEach(Runnable::run);
  }

  /** Forgets a bucket that is gone, but for what has to be cleared away. */
  public void remove(BucketName bucket) {
    Known known = maps.remove(bucket.value());
    if (known != null) {
      if (gone.size() >= MOST_GONE) {
        gone.clear();
      }
      gone.put(bucket.value(), known);
    }
  }

  /** Returns the map of a bucket; empty where this node knows none. */
  public Optional<ShardMap> find(BucketName bucket) {
    return Optional.ofNullable(mapOf(bucket.value()));
  }

  private @Nullable ShardMap mapOf(String bucket) {
    Known known = maps.get(bucket);
    return known == null ? null : known.map;
  }

  /** Returns the map of a bucket, or the last one that it had; empty where none is known. */
  public Optional<ShardMap> latest(BucketName bucket) {
    Known known = maps.getOrDefault(bucket.value(), gone.get(bucket.value()));
    return Optional.ofNullable(known).map(Known::map);
  }

  /** Returns the maps of all buckets that this node knows, by bucket. */
  public SortedMap<BucketName, Known> all() {
    SortedMap<BucketName, Known> all = new TreeMap<>();
    maps.forEach((bucket, known) -> all.put(new BucketName(bucket), known));
    return all;
  }

  /** Returns the version of the entry that holds the map; 0 where this node knows none. */
  public long version(BucketName bucket) {
    Known known = maps.get(bucket.value());
    return known == null ? 0 : known.version;
  }

  /**
   * Returns what tells maps apart: two nodes that return the same for a bucket, or for all, know
   * the same. 0 where all keys are spread by their hash.
   */
  public long stamp(Optional<BucketName> bucket) {
    if (bucket.isPresent()) {
      return find(bucket.get()).map(ShardMap::stamp).orElse(0L);
    }
    long all = 0;
    for (Map.Entry<String, Known> known : maps.entrySet()) {
      long stamp = known.getValue().map.stamp();
      all ^= stamp == 0 ? 0 : KeyHash.mix(stamp ^ KeyHash.of(known.getKey()));
    }
    return all;
  }

  /** Learns all that was agreed on before the call. */
  public CompletionStage<Void> refresh() {
    return question.get().thenAccept(known -> {});
  }

  /** Tells the listener when a bucket has another map. It must be quick. */
  public Watch watch(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** Returns who owns own segments of any bucket, sorted. */
  public Set<NodeId> owners() {
    Set<NodeId> owners = new TreeSet<>();
    maps.values().forEach(known -> owners.addAll(known.map.owners()));
    return owners;
  }

  @Override
  public boolean knows(String affinityKey) {
    int slash = affinityKey.indexOf('/');
    return slash < 0 || maps.containsKey(affinityKey.substring(0, slash));
  }

  @Override
  public CompletionStage<Void> learn(String affinityKey) {
    // Where nobody can answer the owner says so at once, and no request waits for it.
    return answerable.getAsBoolean() ? refresh() : CompletableFuture.completedFuture(null);
  }

  @Override
  public NodeId owner(String affinityKey, Placement placement) {
    int slash = affinityKey.indexOf('/');
    ShardMap map = slash < 0 ? null : mapOf(affinityKey.substring(0, slash));
    if (map == null || map.stamp() == 0) {
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
    ShardMap map = slash < 0 ? null : mapOf(affinityKey.substring(0, slash));
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
