package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.placement.Ownership;
import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardOwnership;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiPredicate;

/**
 * Segments of a bucket's own that get other owners; how its keys are divided stays as it is.
 * Immutable.
 *
 * <p>It keeps what moves and not the whole map, which may be long. So it goes on where something
 * else of the bucket changes, its pipeline for example, and ends where its keys are divided in
 * another way.
 */
public final class OwnSegmentsChange implements OwnershipChange {

  /** The kind of these changes. */
  public static final Kind KIND =
      new Kind() {
        @Override
        public String name() {
          return "own-segments";
        }

        @Override
        public OwnershipChange parse(String text) {
          return new OwnSegmentsChange(
              Json.read(text.getBytes(StandardCharsets.UTF_8), Form.class));
        }
      };

  /**
   * The segments that go the same way.
   *
   * @param from who owns them before
   * @param to who owns them afterwards
   * @param segments which, in their order
   */
  private record Way(NodeId from, NodeId to, List<Integer> segments) {}

  /**
   * The change as it is kept.
   *
   * @param bucket which bucket
   * @param expected the version of its entry
   * @param division how its keys are divided
   * @param ways what moves
   */
  private record Form(BucketName bucket, long expected, long division, List<Way> ways) {}

  private final Form form;
  private final Map<Integer, Route> routes = new HashMap<>();

  private OwnSegmentsChange(Form form) {
    this.form = form;
    for (Way way : form.ways) {
      Route route = new Route(way.from, way.to);
      way.segments.forEach(segment -> routes.put(segment, route));
    }
    if (routes.isEmpty()) {
      throw WarehouseException.invalid("moves", "[]", "at least one segment must move");
    }
  }

  /**
   * Makes a change.
   *
   * @param map where the bucket's keys lie now
   * @param version the version of the entry that says so
   * @param moves the new owners by segment, at least one; each segment has another owner now
   * @throws WarehouseException {@code INVALID_ARGUMENT} where a segment has no owner, or that one
   */
  public static OwnSegmentsChange of(
      BucketName bucket, ShardMap map, long version, SortedMap<Integer, NodeId> moves) {
    SortedMap<Route, List<Integer>> ways =
        new TreeMap<>(Comparator.comparing(Route::from).thenComparing(Route::to));
    moves.forEach(
        (segment, to) -> {
          NodeId from = map.owner(segment);
          if (from == null || from.equals(to)) {
            throw WarehouseException.invalid(
                "moves", segment, "is owned by " + (from == null ? "nobody" : from));
          }
          ways.computeIfAbsent(new Route(from, to), same -> new ArrayList<>()).add(segment);
        });
    return new OwnSegmentsChange(
        new Form(
            bucket,
            version,
            map.division(),
            ways.entrySet().stream()
                .map(way -> new Way(way.getKey().from(), way.getKey().to(), way.getValue()))
                .toList()));
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
    BucketRegistry.State state = BucketRegistry.stateOf(entry);
    return state.phase() == BucketRegistry.Phase.OPEN
        && state.map().division() == form.division
        && all(state.map(), (now, route) -> now.equals(route.from()));
  }

  @Override
  public String value(String entry) {
    BucketRegistry.State state = BucketRegistry.stateOf(entry);
    Map<Integer, NodeId> owners = new HashMap<>();
    routes.forEach((segment, route) -> owners.put(segment, route.to()));
    return BucketRegistry.text(state.with(state.map().withOwners(owners)));
  }

  @Override
  public OwnershipChange against(long version) {
    return new OwnSegmentsChange(new Form(form.bucket, version, form.division, form.ways));
  }

  @Override
  public Optional<OwnershipChange> without(Set<Integer> segments) {
    List<Way> left = new ArrayList<>();
    for (Way way : form.ways) {
      List<Integer> moving =
          way.segments.stream().filter(segment -> !segments.contains(segment)).toList();
      if (!moving.isEmpty()) {
        left.add(new Way(way.from, way.to, moving));
      }
    }
    return left.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new OwnSegmentsChange(new Form(form.bucket, form.expected, form.division, left)));
  }

  @Override
  public Optional<BucketName> bucket() {
    return Optional.of(form.bucket);
  }

  @Override
  public List<Route> routes() {
    return form.ways.stream().map(way -> new Route(way.from, way.to)).toList();
  }

  @Override
  public List<Integer> leavingSegments() {
    return List.of();
  }

  @Override
  public Optional<Route> routeOf(BlobKey key, Ownership ownership) {
    return key.bucket().equals(form.bucket)
        ? Optional.ofNullable(routes.get(ownership.segment(key)))
        : Optional.empty();
  }

  @Override
  public boolean mayLeave(BlobKey key, NodeId node, Ownership ownership) {
    boolean divided =
        key.bucket().equals(form.bucket)
            && mapIn(ownership).filter(map -> map.division() != form.division).isPresent();
    return divided || OwnershipChange.super.mayLeave(key, node, ownership);
  }

  @Override
  public boolean undone(Ownership ownership) {
    return mapIn(ownership)
        .filter(map -> all(map, (now, route) -> now.equals(route.from())))
        .isPresent();
  }

  @Override
  public boolean inForce(Ownership ownership) {
    return ownership.version(address()) > form.expected
        && mapIn(ownership)
            .filter(map -> all(map, (now, route) -> now.equals(route.to())))
            .isPresent();
  }

  private Optional<ShardMap> mapIn(Ownership ownership) {
    return ownership instanceof ShardOwnership known ? known.map(form.bucket) : Optional.empty();
  }

  private boolean all(ShardMap map, BiPredicate<NodeId, Route> holds) {
    return routes.entrySet().stream()
        .allMatch(
            move -> {
              NodeId owner = map.has(move.getKey()) ? map.owner(move.getKey()) : null;
              return owner != null && holds.test(owner, Objects.requireNonNull(move.getValue()));
            });
  }
}
