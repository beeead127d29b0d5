package io.datawarehouse.kernel.placement;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which node owns which segment, as the cluster agreed. It changes by agreement alone, never
 * because a node went away: what a node owns is on its disk. Immutable.
 */
public final class SegmentTable {

  /** How many segments there are, for ever. */
  public static final int SEGMENTS = SingleNodePlacement.SEGMENTS;

  /** Where the table stands among the things that the cluster agreed on. */
  public static final RegistryEntry.Address ADDRESS =
      new RegistryEntry.Address("segments", "table");

  /** The table as it is kept: the nodes once, and for each segment the number of its node. */
  private record Form(List<NodeId> nodes, List<Integer> owners) {}

  private final List<NodeId> owners;

  private SegmentTable(List<NodeId> owners) {
    this.owners = List.copyOf(owners);
  }

  /** Gives all segments to one node. */
  public static SegmentTable allTo(NodeId node) {
    return new SegmentTable(Collections.nCopies(SEGMENTS, node));
  }

  /**
   * Spreads the segments over nodes by their weights, as evenly as whole segments allow: each
   * segment in turn goes to the node that is furthest behind its share.
   */
  public static SegmentTable spread(List<ClusterNode> nodes) {
    List<ClusterNode> sorted =
        nodes.stream().sorted(Comparator.comparing(ClusterNode::id)).toList();
    double all = totalWeight(sorted);
    int[] counts = new int[sorted.size()];
    List<NodeId> owners = new ArrayList<>(SEGMENTS);
    for (int segment = 0; segment < SEGMENTS; segment++) {
      int next = 0;
      double most = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < counts.length; i++) {
        double behind = sorted.get(i).descriptor().weight() / all * (segment + 1) - counts[i];
        if (behind > most) {
          most = behind;
          next = i;
        }
      }
      counts[next]++;
      owners.add(sorted.get(next).id());
    }
    return new SegmentTable(owners);
  }

  /**
   * Returns this table with segments of one node given to nodes that own too little, so that every
   * node has at least its share, rounded down; the table itself where nothing is to be given.
   */
  public SegmentTable relieved(NodeId giver, List<ClusterNode> nodes) {
    Map<NodeId, Integer> counts = new HashMap<>();
    owners.forEach(owner -> counts.merge(owner, 1, Integer::sum));
    double all = totalWeight(nodes);
    List<NodeId> changed = new ArrayList<>(owners);
    for (ClusterNode node : nodes.stream().sorted(Comparator.comparing(ClusterNode::id)).toList()) {
      int share = (int) (node.descriptor().weight() / all * SEGMENTS);
      if (node.id().equals(giver)) {
        continue;
      }
      int own = keeps(giver, nodes, all);
      for (int segment = SEGMENTS - 1; segment >= 0; segment--) {
        if (counts.getOrDefault(node.id(), 0) >= share || counts.getOrDefault(giver, 0) <= own) {
          break;
        }
        if (changed.get(segment).equals(giver)) {
          changed.set(segment, node.id());
          counts.merge(giver, -1, Integer::sum);
          counts.merge(node.id(), 1, Integer::sum);
        }
      }
    }
    return changed.equals(owners) ? this : new SegmentTable(changed);
  }

  /**
   * Returns this table with other owners of some segments.
   *
   * @param moves the new owners, by segment
   */
  public SegmentTable with(Map<Integer, NodeId> moves) {
    List<NodeId> changed = new ArrayList<>(owners);
    moves.forEach(changed::set);
    return new SegmentTable(changed);
  }

  /** Returns the nodes that own more in another table than in this one, or others. */
  public List<NodeId> receivers(SegmentTable next) {
    Set<NodeId> receivers = new LinkedHashSet<>();
    for (int segment = 0; segment < SEGMENTS; segment++) {
      if (!owners.get(segment).equals(next.owner(segment))) {
        receivers.add(next.owner(segment));
      }
    }
    return List.copyOf(receivers);
  }

  private static int keeps(NodeId giver, List<ClusterNode> nodes, double all) {
    return nodes.stream()
        .filter(node -> node.id().equals(giver))
        .mapToInt(node -> (int) Math.ceil(node.descriptor().weight() / all * SEGMENTS))
        .findFirst()
        .orElse(0);
  }

  private static double totalWeight(List<ClusterNode> nodes) {
    return nodes.stream().mapToDouble(node -> node.descriptor().weight()).sum();
  }

  /** Returns who owns a segment. */
  public NodeId owner(int segment) {
    return owners.get(segment);
  }

  /** Returns whether a node owns anything. */
  public boolean owns(NodeId node) {
    return owners.contains(node);
  }

  /** Returns all owners, each once, in the order of their first segments. */
  public List<NodeId> nodes() {
    return List.copyOf(new LinkedHashSet<>(owners));
  }

  /** Returns the text that the cluster agrees on. */
  public String toText() {
    List<NodeId> nodes = nodes();
    return new String(
        Json.write(new Form(nodes, owners.stream().map(nodes::indexOf).toList())),
        StandardCharsets.UTF_8);
  }

  /**
   * Reads what {@link #toText()} wrote.
   *
   * @throws WarehouseException {@code INVALID_JSON} or {@code INVALID_ARGUMENT} where it is no
   *     table
   */
  public static SegmentTable parse(String text) {
    Form form = Json.read(text.getBytes(StandardCharsets.UTF_8), Form.class);
    if (form.owners.size() != SEGMENTS) {
      throw WarehouseException.invalid(
          "owners", form.owners.size() + " segments", "there are " + SEGMENTS);
    }
    return new SegmentTable(
        form.owners.stream()
            .map(
                number -> {
                  if (number < 0 || number >= form.nodes.size()) {
                    throw WarehouseException.invalid("owners", number, "no node has that number");
                  }
                  return form.nodes.get(number);
                })
            .toList());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SegmentTable table && owners.equals(table.owners);
  }

  @Override
  public int hashCode() {
    return owners.hashCode();
  }

  @Override
  public String toString() {
    Map<NodeId, Integer> counts = new HashMap<>();
    owners.forEach(owner -> counts.merge(owner, 1, Integer::sum));
    return "SegmentTable" + counts;
  }
}
