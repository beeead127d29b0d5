package io.datawarehouse.kernel.placement;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A change of who owns which keys that comes true at one stroke, when one entry among those that
 * the cluster agreed on is replaced: first the blobs are copied, then {@link #value} is put at
 * {@link #address()} in place of the version {@link #expected()}. Immutable.
 *
 * <p>MUST: (1) answer the same for the same key on all nodes that know the same {@link Ownership};
 * (2) be written and read again by its {@link Kind} without a loss, because it is part of a plan
 * that outlives nodes; (3) depend on no entry but those in {@link #standing()}.
 */
public interface OwnershipChange {

  /**
   * From where to where keys move. Immutable.
   *
   * @param from who owns them before
   * @param to who owns them afterwards, somebody else
   */
  record Route(NodeId from, NodeId to) {
    /** Checks that nothing is missing. */
    public Route {
      Objects.requireNonNull(from, "from");
      Objects.requireNonNull(to, "to");
      if (from.equals(to)) {
        throw new IllegalArgumentException("keys of " + from + " move to another node");
      }
    }
  }

  /**
   * An entry that must be as it was when the change was made.
   *
   * @param address which
   * @param version the version that must stand
   */
  record Standing(RegistryEntry.Address address, long version) {}

  /** Reads the changes of one kind. Immutable. */
  interface Kind {

    /** Returns the name under which plans keep changes of this kind. */
    String name();

    /**
     * Reads what {@link OwnershipChange#toText()} wrote.
     *
     * @throws io.datawarehouse.sdk.error.WarehouseException {@code INVALID_JSON} or {@code
     *     INVALID_ARGUMENT} where it is none
     */
    OwnershipChange parse(String text);
  }

  /** Returns the name of its {@link Kind}. */
  String kind();

  /** Returns what a plan keeps, at most some 16 thousand characters. */
  String toText();

  /** Returns the entry that makes it so. */
  RegistryEntry.Address address();

  /** Returns the version of that entry that is replaced. */
  long expected();

  /**
   * Returns whether the change can be made of an entry that has another version by now than the one
   * that it was made for: all that it moves is where it was.
   *
   * @param entry what the entry says
   */
  boolean fits(String entry);

  /**
   * Returns what the entry says from then on.
   *
   * @param entry what it says until then
   */
  String value(String entry);

  /** Returns the same change, for a later version of the entry that it {@link #fits}. */
  OwnershipChange against(long version);

  /**
   * Returns the same change without certain segments out of which keys move, which stay where they
   * are; empty where nothing would be left, or where it comes true as a whole or not at all.
   */
  default Optional<OwnershipChange> without(Set<Integer> segments) {
    return Optional.empty();
  }

  /** Returns whether it moves the same as another, in whatever version of the entry. */
  default boolean movesLike(OwnershipChange other) {
    return against(other.expected()).toText().equals(other.toText());
  }

  /** Returns the other entries that it depends on, none as a rule. */
  default List<Standing> standing() {
    return List.of();
  }

  /** Returns the only bucket in which keys move; empty where they move in all. */
  Optional<BucketName> bucket();

  /** Returns all routes on which keys may move, each once, in a fixed order. */
  List<Route> routes();

  /** Returns the segments of the cluster out of which keys may move, in their order. */
  default List<Integer> leavingSegments() {
    return IntStream.range(0, SegmentTable.SEGMENTS).boxed().toList();
  }

  /** Returns on which route a key moves; empty where it stays. The same until it comes true. */
  Optional<Route> routeOf(BlobKey key, Ownership ownership);

  /**
   * Returns whether it cannot be told just now where a key is before or after it, because what
   * others agreed on is not known.
   */
  default boolean unsure(BlobKey key, Ownership ownership) {
    return false;
  }

  /**
   * Returns whether a copy of a key that a node does not own may be left there of this change.
   * Where keys have been divided in another way since, it cannot be told from which change it is.
   */
  default boolean mayLeave(BlobKey key, NodeId node, Ownership ownership) {
    return routeOf(key, ownership)
        .filter(route -> route.from().equals(node) || route.to().equals(node))
        .isPresent();
  }

  /** Returns whether nothing of it is in force: all that would move is owned as it was before. */
  boolean undone(Ownership ownership);

  /** Returns whether all of it is in force: all that moves is owned by whom it moved to. */
  boolean inForce(Ownership ownership);
}
