package io.datawarehouse.kernel.placement;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Segments that get other owners: another table of segments. Immutable. */
public final class TableChange implements OwnershipChange {

  /** The kind of these changes. */
  public static final Kind KIND =
      new Kind() {
        @Override
        public String name() {
          return "segments";
        }

        @Override
        public OwnershipChange parse(String text) {
          Form form = Json.read(text.getBytes(StandardCharsets.UTF_8), Form.class);
          return new TableChange(
              SegmentTable.parse(form.before), SegmentTable.parse(form.after), form.expected);
        }
      };

  private record Form(String before, String after, long expected) {}

  private final SegmentTable before;
  private final SegmentTable after;
  private final long expected;

  /**
   * Makes a change.
   *
   * @param before the table that stands
   * @param after the table that shall stand
   * @param expected the version of the one that stands
   */
  public TableChange(SegmentTable before, SegmentTable after, long expected) {
    this.before = Objects.requireNonNull(before, "before");
    this.after = Objects.requireNonNull(after, "after");
    this.expected = expected;
    if (before.equals(after)) {
      throw WarehouseException.invalid("moves", "[]", "at least one segment must move");
    }
  }

  /** Returns the table that stands until then. */
  public SegmentTable tableBefore() {
    return before;
  }

  /** Returns the table that stands from then on. */
  public SegmentTable tableAfter() {
    return after;
  }

  /** Returns the segments that move, each with its route, in their order. */
  public Map<Integer, Route> segments() {
    Map<Integer, Route> moved = new TreeMap<>();
    IntStream.range(0, SegmentTable.SEGMENTS)
        .forEach(segment -> route(segment).ifPresent(route -> moved.put(segment, route)));
    return moved;
  }

  @Override
  public List<Integer> leavingSegments() {
    return List.copyOf(segments().keySet());
  }

  private Optional<Route> route(int segment) {
    NodeId from = before.owner(segment);
    NodeId to = after.owner(segment);
    return from.equals(to) ? Optional.empty() : Optional.of(new Route(from, to));
  }

  @Override
  public String kind() {
    return KIND.name();
  }

  @Override
  public String toText() {
    return new String(
        Json.write(new Form(before.toText(), after.toText(), expected)), StandardCharsets.UTF_8);
  }

  @Override
  public RegistryEntry.Address address() {
    return SegmentTable.ADDRESS;
  }

  @Override
  public long expected() {
    return expected;
  }

  @Override
  public boolean fits(String entry) {
    return entry.equals(before.toText());
  }

  @Override
  public String value(String entry) {
    return after.toText();
  }

  @Override
  public OwnershipChange against(long version) {
    return new TableChange(before, after, version);
  }

  @Override
  public Optional<OwnershipChange> without(Set<Integer> segments) {
    Map<Integer, NodeId> moves = new TreeMap<>();
    segments().forEach((segment, route) -> moves.put(segment, route.to()));
    moves.keySet().removeAll(segments);
    return moves.isEmpty()
        ? Optional.empty()
        : Optional.of(new TableChange(before, before.with(moves), expected));
  }

  @Override
  public Optional<BucketName> bucket() {
    return Optional.empty();
  }

  @Override
  public List<Route> routes() {
    Set<Route> routes = new LinkedHashSet<>(segments().values());
    return List.copyOf(routes);
  }

  @Override
  public Optional<Route> routeOf(BlobKey key, Ownership ownership) {
    int segment = ownership.segment(key);
    // A segment of a bucket's own is not in the table.
    return segment < SegmentTable.SEGMENTS ? route(segment) : Optional.empty();
  }

  @Override
  public boolean mayLeave(BlobKey key, NodeId node, Ownership ownership) {
    // Its bucket may have been spread by a hash when the table changed.
    return ownership.segment(key) >= SegmentTable.SEGMENTS
        || OwnershipChange.super.mayLeave(key, node, ownership);
  }

  @Override
  public boolean undone(Ownership ownership) {
    return ownership
        .table()
        .filter(
            now ->
                segments().entrySet().stream()
                    .allMatch(moved -> now.owner(moved.getKey()).equals(moved.getValue().from())))
        .isPresent();
  }

  @Override
  public boolean inForce(Ownership ownership) {
    return ownership.version(SegmentTable.ADDRESS) > expected
        && ownership
            .table()
            .filter(
                now ->
                    segments().entrySet().stream()
                        .allMatch(moved -> now.owner(moved.getKey()).equals(moved.getValue().to())))
            .isPresent();
  }
}
