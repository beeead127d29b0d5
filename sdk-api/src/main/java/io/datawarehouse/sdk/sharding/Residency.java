package io.datawarehouse.sdk.sharding;

import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which nodes may hold something. Immutable. Each condition that is given must hold; one that is
 * empty is not given.
 *
 * @param nodes the nodes by name
 * @param zones the zones
 * @param labels for each of these labels of a node the values it may have; a node without the label
 *     is out
 * @since 0.1
 */
public record Residency(Set<NodeId> nodes, Set<String> zones, Map<String, Set<String>> labels) {

  /** The label that says in which region a node stands. */
  public static final String REGION = "region";

  /** Any node. */
  public static final Residency ANYWHERE = new Residency(Set.of(), Set.of(), Map.of());

  private static final int MOST = 64;
  private static final int LONGEST = 255;

  /** Checks and copies; the error names the field. */
  public Residency {
    nodes = Set.copyOf(nodes);
    zones = Set.copyOf(zones);
    labels =
        labels.entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    Map.Entry::getKey, entry -> Set.copyOf(entry.getValue())));
    requireFew("nodes", nodes);
    requireFew("zones", zones);
    requireFew("labels", labels.keySet());
    zones.forEach(zone -> requireText("zones", zone));
    labels.forEach(
        (name, values) -> {
          requireText("labels", name);
          if (values.isEmpty()) {
            throw WarehouseException.invalid("labels." + name, values, "give a value or more");
          }
          requireFew("labels." + name, values);
        });
  }

  /** Returns a residency on one node. */
  public static Residency on(NodeId node) {
    return new Residency(Set.of(node), Set.of(), Map.of());
  }

  /** Returns a residency in zones. */
  public static Residency inZones(Set<String> zones) {
    return new Residency(Set.of(), zones, Map.of());
  }

  /** Returns a residency in regions. */
  public static Residency inRegions(Set<String> regions) {
    return new Residency(
        Set.of(), Set.of(), regions.isEmpty() ? Map.of() : Map.of(REGION, regions));
  }

  /** Returns whether any node may hold it. */
  public boolean isAnywhere() {
    return nodes.isEmpty() && zones.isEmpty() && labels.isEmpty();
  }

  /** Returns whether a node may hold it. */
  public boolean admits(NodeDescriptor node) {
    if (!nodes.isEmpty() && !nodes.contains(node.id())
        || !zones.isEmpty() && !zones.contains(node.zone())) {
      return false;
    }
    for (Map.Entry<String, Set<String>> label : labels.entrySet()) {
      String value = node.labels().get(label.getKey());
      if (value == null || !label.getValue().contains(value)) {
        return false;
      }
    }
    return true;
  }

  /** Returns what satisfies both; empty where nothing can. */
  public Optional<Residency> and(Residency other) {
    Map<String, Set<String>> both = new TreeMap<>(labels);
    boolean possible = true;
    for (Map.Entry<String, Set<String>> label : other.labels.entrySet()) {
      Set<String> mine = both.get(label.getKey());
      Set<String> common = mine == null ? label.getValue() : common(mine, label.getValue());
      possible &= !common.isEmpty();
      both.put(label.getKey(), common);
    }
    Set<NodeId> commonNodes = common(nodes, other.nodes);
    Set<String> commonZones = common(zones, other.zones);
    possible &= !commonNodes.isEmpty() || nodes.isEmpty() && other.nodes.isEmpty();
    possible &= !commonZones.isEmpty() || zones.isEmpty() && other.zones.isEmpty();
    return possible ? Optional.of(new Residency(commonNodes, commonZones, both)) : Optional.empty();
  }

  private static <T> Set<T> common(Set<T> one, Set<T> other) {
    if (one.isEmpty()) {
      return other;
    }
    return other.isEmpty()
        ? one
        : one.stream().filter(other::contains).collect(Collectors.toUnmodifiableSet());
  }

  private static void requireFew(String field, Collection<?> values) {
    if (values.size() > MOST) {
      throw WarehouseException.invalid(field, values.size() + " values", "at most " + MOST);
    }
  }

  private static void requireText(String field, String text) {
    if (text.isBlank() || text.length() > LONGEST) {
      throw WarehouseException.invalid(field, text, "use 1 to 255 characters");
    }
  }

  /** Says in words where it may lie. */
  @Override
  public String toString() {
    StringBuilder words = new StringBuilder();
    append(words, "nodes", nodes);
    append(words, "zones", zones);
    new TreeMap<>(labels).forEach((name, values) -> append(words, name, values));
    return words.isEmpty() ? "anywhere" : words.toString();
  }

  private static void append(StringBuilder words, String name, Set<?> values) {
    if (!values.isEmpty()) {
      List<String> sorted = values.stream().map(Object::toString).sorted().toList();
      words.append(words.isEmpty() ? "" : ", ").append(name).append(' ').append(sorted);
    }
  }
}
