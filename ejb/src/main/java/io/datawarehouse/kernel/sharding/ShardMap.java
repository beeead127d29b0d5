package io.datawarehouse.kernel.sharding;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.sdk.balance.ShardingScheme;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.sharding.Residency;
import io.datawarehouse.sdk.sharding.Shard;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import io.datawarehouse.sdk.sharding.Spread;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where the keys of one bucket lie, as the cluster agreed: its strategy, and who owns the segments
 * that the bucket has for itself. Immutable.
 *
 * <p>Segments below {@link SegmentTable#SEGMENTS} are the cluster's; all buckets share them, and
 * the table of segments says who owns them. Those from there on are the bucket's own. Their numbers
 * are used once; the same number in another bucket is another segment. An own segment without an
 * owner has never had one: nothing lies in it.
 */
public final class ShardMap {

  /** The map of a bucket that never got one. */
  public static final ShardMap HASHED =
      new ShardMap(
          ShardingChoice.of("hash", Optional.empty()),
          List.of(List.of()),
          new TreeMap<>(),
          SegmentTable.SEGMENTS);

  /** The longest text of a map, in characters. */
  public static final int LONGEST = 128 << 10;

  /**
   * A map as it is kept. Immutable.
   *
   * @param scheme the strategy's name
   * @param options its parameters, with what became of them since
   * @param shards for each shard its own segments
   * @param own the own segments
   * @param next the number of the next own segment
   */
  public record Form(
      String scheme,
      ShardingOptions options,
      List<List<Integer>> shards,
      List<Own> own,
      int next) {}

  /**
   * A segment of the bucket's own. Immutable.
   *
   * @param segment its number
   * @param owner who owns it; empty where nobody who may hold it has been there yet
   */
  public record Own(int segment, Optional<NodeId> owner) {}

  private final ShardingChoice choice;
  private final int[][] segments;
  private final SortedMap<Integer, Optional<NodeId>> owners;
  private final int next;

  /** The own segments in order, and beside them owner and shard of each. */
  private final int[] numbers;

  private final @Nullable NodeId[] holders;
  private final Shard[] shards;
  private final long stamp;
  private final long division;

  private ShardMap(
      ShardingChoice choice,
      List<List<Integer>> segments,
      SortedMap<Integer, Optional<NodeId>> owners,
      int next) {
    this.choice = choice;
    this.segments =
        segments.stream()
            .map(own -> own.stream().mapToInt(Integer::intValue).toArray())
            .toArray(int[][]::new);
    this.owners = owners;
    this.next = next;
    this.numbers = owners.keySet().stream().mapToInt(Integer::intValue).toArray();
    this.holders = new NodeId[numbers.length];
    this.shards = new Shard[numbers.length];
    for (int shard = 0; shard < this.segments.length; shard++) {
      for (int segment : this.segments[shard]) {
        int at = indexOf(segment);
        holders[at] = owners.getOrDefault(segment, Optional.empty()).orElse(null);
        shards[at] = choice.strategy().shards().get(shard);
      }
    }
    boolean hashed = choice.scheme() == ShardingScheme.HASH;
    this.stamp = hashed ? 0 : stampOf(form());
    this.division =
        hashed
            ? 0
            : stampOf(new Form(choice.scheme().id(), choice.options(), segments(), List.of(), 0));
  }

  private static long stampOf(Form form) {
    return KeyHash.of(new String(Json.write(form), StandardCharsets.UTF_8));
  }

  /** Returns what tells it from other maps; 0 where a hash spreads all keys. */
  long stamp() {
    return stamp;
  }

  /**
   * Lays a new bucket out.
   *
   * @param nodes who could own segments
   */
  public static ShardMap lay(BucketName bucket, ShardingChoice choice, List<ClusterNode> nodes) {
    return lay(
        bucket,
        choice,
        SegmentTable.SEGMENTS,
        (shard, segment, chosen) ->
            OwnerChoice.choose(bucket, segment, shard.residency(), nodes, chosen));
  }

  /**
   * Returns what tells the way in which keys are divided from other ways, whoever owns the
   * segments: where it is the same every key lies in the same segment.
   */
  public long division() {
    return division;
  }

  /** Lays a bucket out whose blobs all lie on one node. */
  public static ShardMap layOn(BucketName bucket, ShardingChoice choice, NodeId holder) {
    return lay(
        bucket, choice, SegmentTable.SEGMENTS, (shard, segment, chosen) -> Optional.of(holder));
  }

  /** Lays the bucket out anew, on segments that it never had. */
  public ShardMap relaid(BucketName bucket, ShardingChoice other, List<ClusterNode> nodes) {
    return lay(
        bucket,
        other,
        next,
        (shard, segment, chosen) ->
            OwnerChoice.choose(bucket, segment, shard.residency(), nodes, chosen));
  }

  /** Says who shall own a segment. */
  private interface Chooser {
    Optional<NodeId> choose(Shard shard, int segment, Collection<Optional<NodeId>> chosen);
  }

  private static ShardMap lay(
      BucketName bucket, ShardingChoice choice, int first, Chooser chooser) {
    Objects.requireNonNull(bucket, "bucket");
    List<List<Integer>> segments = new ArrayList<>();
    TreeMap<Integer, Optional<NodeId>> owners = new TreeMap<>();
    int next = first;
    for (Shard shard : choice.strategy().shards()) {
      List<Integer> own = new ArrayList<>();
      for (int way = 0; way < shard.spread().ways(); way++) {
        owners.put(next, chooser.choose(shard, next, owners.values()));
        own.add(next++);
      }
      segments.add(own);
    }
    return new ShardMap(choice, segments, owners, next);
  }

  // ---- finding
  // -----------------------------------------------------------------------------------

  /** Returns what the bucket asked for, and what became of it. */
  public ShardingChoice choice() {
    return choice;
  }

  /**
   * Returns the segment of a key.
   *
   * @param affinityKey {@code bucket/key}
   * @param bucket the length of the bucket's name in it
   * @param key the key
   */
  int segmentOf(String affinityKey, int bucket, String key) {
    int shard = choice.strategy().shardOf(key);
    int[] own = segments[shard];
    if (own.length == 1) {
      return own[0];
    }
    if (own.length > 1) {
      return own[KeyHash.segment(KeyHash.mix(KeyHash.of(affinityKey)), own.length)];
    }
    return choice.strategy().shards().get(shard).spread().kind() == Spread.Kind.ONE
        ? wholeSegmentOf(affinityKey.substring(0, bucket))
        : KeyHash.segment(KeyHash.of(affinityKey), SegmentTable.SEGMENTS);
  }

  private static int wholeSegmentOf(String bucket) {
    return KeyHash.segment(KeyHash.of(bucket), SegmentTable.SEGMENTS);
  }

  /** Returns the segment of the cluster in which a bucket lies that lies in one as a whole. */
  public static int wholeSegmentOf(BucketName bucket) {
    return wholeSegmentOf(bucket.value());
  }

  /** Returns the segment of a key. */
  public int segmentOf(BucketName bucket, String key) {
    return segmentOf(bucket.value() + "/" + key, bucket.value().length(), key);
  }

  /** Returns the shard of a key. */
  public Shard shardOf(String key) {
    return choice.strategy().shards().get(choice.strategy().shardOf(key));
  }

  /** Returns whether a segment is one of a bucket's own. */
  public static boolean isOwn(int segment) {
    return segment >= SegmentTable.SEGMENTS;
  }

  /** Returns who owns one of the bucket's own segments; null where nobody does. */
  public @Nullable NodeId owner(int segment) {
    return holders[indexOf(segment)];
  }

  /** Returns which nodes may hold one of the bucket's own segments. */
  public Residency residency(int segment) {
    return shardOf(segment).residency();
  }

  /** Returns the shard that one of the bucket's own segments belongs to. */
  public Shard shardOf(int segment) {
    return shards[indexOf(segment)];
  }

  /** Returns the numbers of the shards of which some of the bucket's own segments hold a part. */
  public Set<Integer> partsIn(Collection<Integer> some) {
    Set<Integer> parts = new TreeSet<>();
    for (int shard = 0; shard < segments.length; shard++) {
      if (Arrays.stream(segments[shard]).anyMatch(some::contains)) {
        parts.add(shard);
      }
    }
    return parts;
  }

  /** Returns whether the bucket has such a segment for itself. */
  public boolean has(int segment) {
    return Arrays.binarySearch(numbers, segment) >= 0;
  }

  private int indexOf(int segment) {
    int at = Arrays.binarySearch(numbers, segment);
    if (at < 0) {
      throw new IndexOutOfBoundsException("the bucket has no segment " + segment);
    }
    return at;
  }

  /** Returns the bucket's own segments with their owners, in their order. */
  public List<Own> own() {
    return owners.entrySet().stream()
        .map(entry -> new Own(entry.getKey(), entry.getValue()))
        .toList();
  }

  /** Returns the own segments of each shard, in the order of the shards. */
  public List<List<Integer>> segments() {
    return Arrays.stream(segments).map(own -> Arrays.stream(own).boxed().toList()).toList();
  }

  /** Returns who owns segments of the bucket's own, sorted. */
  public Set<NodeId> owners() {
    return owners.values().stream()
        .flatMap(Optional::stream)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Returns whether keys of the bucket lie in segments of the cluster. */
  public boolean usesClusterSegments() {
    return choice.strategy().shards().stream().anyMatch(shard -> !shard.spread().own());
  }

  // ---- changing
  // ----------------------------------------------------------------------------------

  /** Returns this map with another owner of an own segment. */
  public ShardMap withOwner(int segment, NodeId owner) {
    TreeMap<Integer, Optional<NodeId>> changed = new TreeMap<>(owners);
    changed.put(segment, Optional.of(owner));
    int unused = indexOf(segment);
    return new ShardMap(choice, segments(), changed, next);
  }

  /**
   * Returns this map with other owners of some own segments.
   *
   * @param moves the new owners, by segment
   */
  public ShardMap withOwners(Map<Integer, NodeId> moves) {
    TreeMap<Integer, Optional<NodeId>> changed = new TreeMap<>(owners);
    moves.forEach(
        (segment, owner) -> {
          int unused = indexOf(segment);
          changed.put(segment, Optional.of(owner));
        });
    return new ShardMap(choice, segments(), changed, next);
  }

  /** Returns this map with owners for segments that have none, where somebody is there now. */
  public ShardMap filled(BucketName bucket, List<ClusterNode> nodes) {
    TreeMap<Integer, Optional<NodeId>> changed = new TreeMap<>(owners);
    for (int i = 0; i < numbers.length; i++) {
      if (holders[i] == null) {
        changed.put(
            numbers[i],
            OwnerChoice.choose(bucket, numbers[i], shards[i].residency(), nodes, changed.values()));
      }
    }
    return changed.equals(owners) ? this : new ShardMap(choice, segments(), changed, next);
  }

  /**
   * Returns this map with a range divided. The new one gets segments of its own, owned by whoever
   * owns the whole now: no blob moves.
   *
   * @param at the first key of the new range
   */
  public ShardMap split(String at) {
    List<String> splits = new ArrayList<>(choice.ranges().orElseThrow().splits());
    int range = choice.strategy().shardOf(at);
    if (range > 0 && splits.get(range - 1).equals(at)) {
      throw WarehouseException.invalid("at", at, "a range begins there already");
    }
    splits.add(range, at);
    List<List<Integer>> changed = new ArrayList<>(segments());
    TreeMap<Integer, Optional<NodeId>> grown = new TreeMap<>(owners);
    List<Integer> fresh = new ArrayList<>();
    int number = next;
    for (int segment : segments[range]) {
      grown.put(number, owners.getOrDefault(segment, Optional.empty()));
      fresh.add(number++);
    }
    changed.add(range + 1, fresh);
    return new ShardMap(choice.withSplits(splits), changed, grown, number);
  }

  /** Returns whether a range and the next one lie on the same nodes, key by key. */
  public boolean alike(int range) {
    for (int way = 0; way < segments[range].length; way++) {
      if (!Objects.equals(owner(segments[range][way]), owner(segments[range + 1][way]))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns this map with a range and the next one put together, which must be {@link #alike}: no
   * blob moves.
   */
  public ShardMap merged(int range) {
    if (!alike(range)) {
      throw new IllegalArgumentException("ranges on different nodes are not put together");
    }
    List<String> splits = new ArrayList<>(choice.ranges().orElseThrow().splits());
    splits.remove(range);
    List<List<Integer>> changed = new ArrayList<>(segments());
    TreeMap<Integer, Optional<NodeId>> fewer = new TreeMap<>(owners);
    changed.remove(range + 1).forEach(fewer::remove);
    return new ShardMap(choice.withSplits(splits), changed, fewer, next);
  }

  // ---- keeping
  // -----------------------------------------------------------------------------------

  /** Returns the form in which the cluster agrees on it. */
  public Form form() {
    return new Form(choice.scheme().id(), choice.options(), segments(), own(), next);
  }

  /**
   * Reads what {@link #form()} gave.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT} where it is no map
   */
  public static ShardMap of(Form form) {
    ShardingChoice choice = ShardingChoice.of(form.scheme, Optional.of(form.options));
    TreeMap<Integer, Optional<NodeId>> owners = new TreeMap<>();
    form.own.forEach(own -> owners.put(own.segment, own.owner));
    List<Shard> shards = choice.strategy().shards();
    Set<Integer> used = new TreeSet<>();
    boolean sound =
        form.shards.size() == shards.size()
            && owners.size() == form.own.size()
            && owners.keySet().stream().allMatch(own -> isOwn(own) && own < form.next);
    for (int i = 0; sound && i < shards.size(); i++) {
      sound = form.shards.get(i).size() == shards.get(i).spread().ways();
      sound &= form.shards.get(i).stream().allMatch(used::add);
    }
    if (!sound || !used.equals(owners.keySet())) {
      throw WarehouseException.invalid("shards", form.shards, "do not fit the strategy");
    }
    return new ShardMap(choice, form.shards, owners, form.next);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ShardMap map && form().equals(map.form());
  }

  @Override
  public int hashCode() {
    return form().hashCode();
  }

  @Override
  public String toString() {
    return "ShardMap" + form();
  }
}
