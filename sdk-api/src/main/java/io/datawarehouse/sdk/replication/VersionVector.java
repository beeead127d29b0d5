package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What has been seen: for each node, how many of its writes, without a gap. Immutable; vectors are
 * equal when they have seen the same. {@link #merge} is commutative, associative and idempotent.
 *
 * @param counters by node, sorted; each at least 1, nodes of which nothing was seen are not in it
 * @since 0.1
 */
public record VersionVector(SortedMap<NodeId, Long> counters) {

  private static final VersionVector EMPTY = new VersionVector(new TreeMap<>());

  /** Checks and copies; the error names the field. */
  public VersionVector {
    counters.forEach(
        (node, counter) -> {
          if (counter < 1) {
            throw WarehouseException.invalid("counters." + node, counter, "must be at least 1");
          }
        });
    counters = Collections.unmodifiableSortedMap(new TreeMap<>(counters));
  }

  /** Returns the vector that has seen nothing. */
  public static VersionVector empty() {
    return EMPTY;
  }

  /** Makes a vector of a map. */
  public static VersionVector of(Map<NodeId, Long> counters) {
    return new VersionVector(new TreeMap<>(counters));
  }

  /** Returns how many writes of a node have been seen, 0 for none. */
  public long counter(NodeId node) {
    return counters.getOrDefault(node, 0L);
  }

  /** Returns whether a write has been seen. */
  public boolean covers(Dot dot) {
    return counter(dot.node()) >= dot.counter();
  }

  /** Returns whether all that the other has seen has been seen. */
  public boolean covers(VersionVector other) {
    return other.counters.entrySet().stream()
        .allMatch(entry -> counter(entry.getKey()) >= entry.getValue());
  }

  /** Returns the name of the next write of a node. */
  public Dot next(NodeId node) {
    return new Dot(node, counter(node) + 1);
  }

  /** Returns what has been seen once a write is seen too, and all of its node before it. */
  public VersionVector with(Dot dot) {
    if (covers(dot)) {
      return this;
    }
    TreeMap<NodeId, Long> grown = new TreeMap<>(counters);
    grown.put(dot.node(), dot.counter());
    return new VersionVector(grown);
  }

  /** Returns what either of the two has seen. */
  public VersionVector merge(VersionVector other) {
    TreeMap<NodeId, Long> merged = new TreeMap<>(counters);
    other.counters.forEach((node, counter) -> merged.merge(node, counter, Math::max));
    return new VersionVector(merged);
  }

  /** Returns what both of the two have seen. */
  public VersionVector common(VersionVector other) {
    TreeMap<NodeId, Long> common = new TreeMap<>();
    counters.forEach(
        (node, counter) -> {
          long both = Math.min(counter, other.counter(node));
          if (both > 0) {
            common.put(node, both);
          }
        });
    return new VersionVector(common);
  }

  /** Returns how this stands to another. */
  public Causality compare(VersionVector other) {
    boolean coversOther = covers(other);
    boolean isCovered = other.covers(this);
    if (coversOther) {
      return isCovered ? Causality.EQUAL : Causality.AFTER;
    }
    return isCovered ? Causality.BEFORE : Causality.CONCURRENT;
  }
}
