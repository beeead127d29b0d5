package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Makes, shows and steers plans. Thread-safe; blocks. */
public interface RebalanceOffice {

  /**
   * Makes a plan that gives every node its share of what is in the cluster's segments and in those
   * that buckets have for themselves, and shows it; nothing moves yet. Nodes that are not active
   * give everything away that another node may hold; what none may hold the plan names.
   *
   * @param mostMovedPercent how much of all bytes may move at most, 1 to 100; empty for any part
   * @param by who asks
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code PLAN_CONFLICT} where nothing is to
   *     be moved, {@code UNAVAILABLE} where it cannot be told how much is where
   */
  RebalancePlan preview(OptionalInt mostMovedPercent, String by);

  /**
   * Makes a plan that moves certain segments, and shows it.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code INVALID_ARGUMENT} naming {@code
   *     moves} where there is no such segment, or the node may not hold it
   */
  RebalancePlan preview(List<WantedMove> moves, String by);

  /** Makes a plan that moves certain segments of the cluster, and shows it. */
  default RebalancePlan preview(Map<Integer, NodeId> moves, String by) {
    return preview(
        moves.entrySet().stream()
            .map(move -> new WantedMove(Optional.empty(), move.getKey(), move.getValue()))
            .toList(),
        by);
  }

  /**
   * Makes a plan of any change of ownership, and shows it.
   *
   * @param moves what is shown of it
   */
  RebalancePlan preview(OwnershipChange change, List<PlanMove> moves, String by);

  /** Returns all plans that are remembered, the latest first. */
  List<RebalancePlan> plans();

  /**
   * Returns a plan.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code NOT_FOUND}
   */
  RebalancePlan plan(String id);

  /**
   * Begins a plan.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code TOPOLOGY_CHANGED} where it does
   *     not fit any more, {@code PLAN_CONFLICT} where it was begun before or another one runs
   */
  RebalancePlan start(String id, String by);

  /** Stops copying for a while. */
  RebalancePlan pause(String id, String by);

  /** Goes on with a plan that was paused. */
  RebalancePlan resume(String id, String by);

  /** Gives a plan up; what was copied is dropped. */
  RebalancePlan abort(String id, String by);

  /** Returns whether a plan was begun and is not finished, as far as this node knows. */
  boolean rebalancing();
}
