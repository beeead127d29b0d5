package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.List;
import java.util.stream.Collectors;

/** The words of errors that more than one class throws. */
final class PlanErrors {

  private static final int MOST_NAMED = 10;

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

  /** Says that nothing moves, and names what ought to. */
  static WarehouseException nothingToMove(List<PlanStay> stays) {
    String why =
        "nothing is to be moved: every node has its share, or what is too much for one does not fit"
            + " into the limit";
    return conflict(
        stays.isEmpty()
            ? why
            : "nothing can be moved, and these segments stay: "
                + stays.stream()
                    .limit(MOST_NAMED)
                    .map(PlanErrors::named)
                    .collect(Collectors.joining("; "))
                + (stays.size() > MOST_NAMED ? "; and others" : ""));
  }

  private static String named(PlanStay stay) {
    return "%s%s on node %s (%s)"
        .formatted(
            stay.bucket().map(bucket -> "bucket '" + bucket + "' ").orElse(""),
            stay.segments(),
            stay.node(),
            stay.because());
  }

  static WarehouseException notNow(String why) {
    return new WarehouseException(StandardErrorCode.UNAVAILABLE, why);
  }
}
