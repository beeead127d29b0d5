package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;

/** Makes the plans by which the blobs of a bucket come to other nodes. Thread-safe; blocks. */
@FunctionalInterface
public interface ShardingPlans {

  /**
   * Makes a plan; nothing moves before it is started.
   *
   * @return its name
   */
  String preview(OwnershipChange change);

  /** Returns what makes no plans, where nothing can move blobs. */
  static ShardingPlans none() {
    return change -> {
      throw new WarehouseException(
          StandardErrorCode.BUCKET_NOT_EMPTY,
          "the bucket holds blobs, and this installation cannot move them; empty it first");
    };
  }
}
