package io.datawarehouse.kernel.whatif;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where segments would be if other nodes shared them by weight, and no more of them moved than
 * must. Stateless.
 */
final class SegmentShift {

  private SegmentShift() {}

  /**
   * Returns who would own each segment.
   *
   * @param owners who owns each now
   * @param weights the nodes that would be there
   */
  static List<NodeId> of(List<NodeId> owners, SortedMap<NodeId, Double> weights) {
    SortedMap<NodeId, Integer> wanted = shares(owners, weights);
    Map<NodeId, Integer> kept = new HashMap<>();
    List<NodeId> after = new ArrayList<>(owners);
    List<Integer> homeless = new ArrayList<>();
    for (int segment = 0; segment < owners.size(); segment++) {
      NodeId owner = owners.get(segment);
      if (kept.getOrDefault(owner, 0) < wanted.getOrDefault(owner, 0)) {
        kept.merge(owner, 1, Integer::sum);
      } else {
        homeless.add(segment);
      }
    }
    int next = 0;
    for (Map.Entry<NodeId, Integer> node : wanted.entrySet()) {
      for (int have = kept.getOrDefault(node.getKey(), 0); have < node.getValue(); have++) {
        after.set(homeless.get(next++), node.getKey());
      }
    }
    return after;
  }

  /** Whole segments by weight; what is left over stays with those that have the most already. */
  private static SortedMap<NodeId, Integer> shares(
      List<NodeId> owners, SortedMap<NodeId, Double> weights) {
    double all = weights.values().stream().mapToDouble(weight -> weight).sum();
    Map<NodeId, Integer> has = new HashMap<>();
    owners.forEach(owner -> has.merge(owner, 1, Integer::sum));
    SortedMap<NodeId, Integer> wanted = new TreeMap<>();
    int left = owners.size();
    for (Map.Entry<NodeId, Double> node : weights.entrySet()) {
      int share = (int) (node.getValue() / all * owners.size());
      wanted.put(node.getKey(), share);
      left -= share;
    }
    List<NodeId> byExcess = new ArrayList<>(wanted.keySet());
    byExcess.sort(
        (one, other) ->
            Integer.compare(
                has.getOrDefault(other, 0) - wanted.getOrDefault(other, 0),
                has.getOrDefault(one, 0) - wanted.getOrDefault(one, 0)));
    for (int i = 0; i < left; i++) {
      wanted.merge(byExcess.get(i % byExcess.size()), 1, Integer::sum);
    }
    return wanted;
  }
}
