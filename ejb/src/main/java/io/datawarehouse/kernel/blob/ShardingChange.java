package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.placement.Ownership;
import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardMaps;
import io.datawarehouse.kernel.sharding.ShardOwnership;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A bucket whose keys are divided in another way: another map. Its entry holds both, so that it
 * comes true at one stroke. Immutable.
 */
public final class ShardingChange implements OwnershipChange {

  /** The kind of these changes. */
  public static final Kind KIND =
      new Kind() {
        @Override
        public String name() {
          return "sharding";
        }

        @Override
        public OwnershipChange parse(String text) {
          return new ShardingChange(Json.read(text.getBytes(StandardCharsets.UTF_8), Form.class));
        }
      };

  /** The longest text that a plan keeps, in characters. */
  private static final int LONGEST = 16_000;

  /**
   * The change as it is kept.
   *
   * @param bucket which bucket
   * @param before its entry until then
   * @param after its entry from then on
   * @param expected the version of its entry
   * @param holders who owns segments of the cluster
   * @param table the version of the table that says so
   */
  private record Form(
      BucketName bucket,
      String before,
      String after,
      long expected,
      List<NodeId> holders,
      long table) {}

  private final Form form;
  private final ShardMap before;
  private final ShardMap after;

  private ShardingChange(Form form) {
    this.form = form;
    this.before = BucketRegistry.stateOf(form.before).map();
    this.after = BucketRegistry.stateOf(form.after).map();
  }

  /**
   * Makes a change.
   *
   * @param present the bucket as it stands
   * @param next what it shall be
   * @param holders who owns segments of the cluster
   * @param table the version of the table that says so
   * @throws WarehouseException {@code RESIDENCY_UNSATISFIED} where keys would lie nowhere, {@code
   *     INVALID_ARGUMENT} where the options are too long for a plan
   */
  static ShardingChange of(
      BucketRegistry.Agreed present, BucketRegistry.State next, List<NodeId> holders, long table) {
    for (int shard = 0; shard < next.map().segments().size(); shard++) {
      for (int own : next.map().segments().get(shard)) {
        if (next.map().owner(own) == null) {
          throw ShardMaps.nobody(next.map().choice().strategy().shards().get(shard));
        }
      }
    }
    ShardingChange change =
        new ShardingChange(
            new Form(
                next.definition().name(),
                BucketRegistry.text(present.state()),
                BucketRegistry.text(next),
                present.version(),
                holders,
                table));
    if (change.toText().length() > LONGEST) {
      throw WarehouseException.invalid(
          "shardingOptions",
          change.toText().length() + " characters with what they lead to",
          "a plan keeps at most " + LONGEST);
    }
    return change;
  }

  @Override
  public String kind() {
    return KIND.name();
  }

  @Override
  public String toText() {
    return new String(Json.write(form), StandardCharsets.UTF_8);
  }

  @Override
  public RegistryEntry.Address address() {
    return BucketRegistry.addressOf(form.bucket);
  }

  @Override
  public long expected() {
    return form.expected;
  }

  @Override
  public boolean fits(String entry) {
    return entry.equals(form.before);
  }

  @Override
  public String value(String entry) {
    return form.after;
  }

  @Override
  public OwnershipChange against(long version) {
    return new ShardingChange(
        new Form(form.bucket, form.before, form.after, version, form.holders, form.table));
  }

  @Override
  public List<Standing> standing() {
    return before.usesClusterSegments() || after.usesClusterSegments()
        ? List.of(new Standing(SegmentTable.ADDRESS, form.table))
        : List.of();
  }

  @Override
  public Optional<BucketName> bucket() {
    return Optional.of(form.bucket);
  }

  @Override
  public List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    for (NodeId from : ownersBy(before)) {
      for (NodeId to : ownersBy(after)) {
        if (!from.equals(to)) {
          routes.add(new Route(from, to));
        }
      }
    }
    return routes;
  }

  private Set<NodeId> ownersBy(ShardMap map) {
    Set<NodeId> owners = new TreeSet<>(map.owners());
    if (map.usesClusterSegments()) {
      owners.addAll(form.holders);
    }
    return owners;
  }

  @Override
  public Optional<Route> routeOf(BlobKey key, Ownership ownership) {
    if (!key.bucket().equals(form.bucket)) {
      return Optional.empty();
    }
    Optional<NodeId> from = ownerBy(before, key, ownership);
    Optional<NodeId> to = ownerBy(after, key, ownership);
    return from.isEmpty() || to.isEmpty() || from.equals(to)
        ? Optional.empty()
        : Optional.of(new Route(from.get(), to.get()));
  }

  @Override
  public boolean unsure(BlobKey key, Ownership ownership) {
    return key.bucket().equals(form.bucket)
        && (ownerBy(before, key, ownership).isEmpty() || ownerBy(after, key, ownership).isEmpty());
  }

  /** Returns the segment in which a key will lie. */
  int segmentAfter(BlobKey key) {
    return after.segmentOf(key.bucket(), key.key());
  }

  /** Returns who owns keys until then. */
  List<NodeId> sources() {
    return List.copyOf(ownersBy(before));
  }

  private static Optional<NodeId> ownerBy(ShardMap map, BlobKey key, Ownership ownership) {
    int segment = map.segmentOf(key.bucket(), key.key());
    return ShardMap.isOwn(segment)
        ? Optional.ofNullable(map.owner(segment))
        : ownership.table().map(table -> table.owner(segment));
  }

  @Override
  public boolean inForce(Ownership ownership) {
    return actsBy(after, ownership);
  }

  @Override
  public boolean undone(Ownership ownership) {
    return actsBy(before, ownership);
  }

  private boolean actsBy(ShardMap map, Ownership ownership) {
    return ownership instanceof ShardOwnership known
        && known.map(form.bucket).filter(map::equals).isPresent();
  }
}
