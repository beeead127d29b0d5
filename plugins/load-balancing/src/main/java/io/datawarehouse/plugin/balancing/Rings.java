package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.cluster.NodeId;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rings in use, so that tables with the same candidates share one: topics mostly have the same
 * nodes, and a ring takes megabytes. A ring that no selector holds any more is forgotten.
 * Thread-safe.
 */
final class Rings {

  private record Member(NodeId node, double weight) {}

  private final int pointsEach;
  private final Map<List<Member>, WeakReference<Ring>> known = new HashMap<>();

  Rings(int pointsEach) {
    this.pointsEach = pointsEach;
  }

  synchronized Ring of(CandidateTable table) {
    known.values().removeIf(ring -> ring.get() == null);
    List<Member> members =
        table.candidates().stream().map(one -> new Member(one.node(), one.weight())).toList();
    WeakReference<Ring> before = known.get(members);
    Ring ring = before == null ? null : before.get();
    if (ring == null) {
      ring = new Ring(table, pointsEach);
      known.put(members, new WeakReference<>(ring));
    }
    return ring;
  }
}
