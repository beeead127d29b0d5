package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.placement.OwnershipChange;
import java.util.List;

/**
 * A plan before the cluster has agreed on it. Immutable.
 *
 * @param parts what becomes true, one after the other; none where nothing moves
 * @param moves what moves, in all parts
 * @param stays what ought to move and does not
 */
record PlanDraft(List<OwnershipChange> parts, List<PlanMove> moves, List<PlanStay> stays) {
  /** Copies. */
  PlanDraft {
    parts = List.copyOf(parts);
    moves = List.copyOf(moves);
    stays = List.copyOf(stays);
  }

  long bytes() {
    return moves.stream().mapToLong(PlanMove::bytes).sum();
  }
}
