package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The office of plans on a node that is alone: there are none. Immutable. */
public final class PlansOfOne implements RebalanceOffice {

  /** Returns why nothing is decided about plans. */
  public static PlanDecisions decisions(NodeId self, Instant now) {
    return new PlanDecisions(
        self,
        Optional.of(self),
        PlanDecision.of(PlanDecision.Verdict.ALONE, "the node works alone", now),
        List.of());
  }

  private static WarehouseException alone() {
    return new WarehouseException(
        StandardErrorCode.SETTING_UNSUPPORTED,
        "the node works alone: there is nowhere to move anything to");
  }

  @Override
  public RebalancePlan preview(OptionalInt mostMovedPercent, String by) {
    throw alone();
  }

  @Override
  public RebalancePlan preview(List<WantedMove> moves, String by) {
    throw alone();
  }

  @Override
  public RebalancePlan preview(OwnershipChange change, List<PlanMove> moves, String by) {
    throw alone();
  }

  @Override
  public List<RebalancePlan> plans() {
    return List.of();
  }

  @Override
  public RebalancePlan plan(String id) {
    throw PlanErrors.noSuchPlan(id);
  }

  @Override
  public RebalancePlan start(String id, String by) {
    throw PlanErrors.noSuchPlan(id);
  }

  @Override
  public RebalancePlan pause(String id, String by) {
    throw PlanErrors.noSuchPlan(id);
  }

  @Override
  public RebalancePlan resume(String id, String by) {
    throw PlanErrors.noSuchPlan(id);
  }

  @Override
  public RebalancePlan abort(String id, String by) {
    throw PlanErrors.noSuchPlan(id);
  }

  @Override
  public boolean rebalancing() {
    return false;
  }
}
