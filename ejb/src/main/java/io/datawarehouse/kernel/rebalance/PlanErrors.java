package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;

/** The words of errors that more than one class throws. */
final class PlanErrors {

  private PlanErrors() {}

  static WarehouseException noSuchPlan(String id) {
    return new WarehouseException(
        StandardErrorCode.NOT_FOUND, "there is no plan " + WarehouseException.shown(id));
  }

  static WarehouseException topologyChanged(String why) {
    return new WarehouseException(StandardErrorCode.TOPOLOGY_CHANGED, why);
  }

  static WarehouseException conflict(String why) {
    return new WarehouseException(StandardErrorCode.PLAN_CONFLICT, why);
  }

  static WarehouseException notNow(String why) {
    return new WarehouseException(StandardErrorCode.UNAVAILABLE, why);
  }
}
