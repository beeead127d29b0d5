package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.List;

/** Makes the plans by which the blobs of a bucket come to other nodes. Thread-safe; blocks. */
@FunctionalInterface
public interface ShardingPlans {

  /**
   * What moves.
   *
   * @param segment in which segment it will lie
   * @param from who owns it before
   * @param to who owns it afterwards
   * @param bytes how much it is
   */
  record Move(int segment, NodeId from, NodeId to, long bytes) {}

  /**
   * Makes a plan; nothing moves before it is started.
   *
   * @param moves what is shown of it
   * @return its name
   */
  String preview(OwnershipChange change, List<Move> moves);

  /** Returns what makes no plans, where nothing can move blobs. */
  static ShardingPlans none() {
    return (change, moves) -> {
      throw new WarehouseException(
          StandardErrorCode.BUCKET_NOT_EMPTY,
          "the bucket holds blobs, and this installation cannot move them; empty it first");
    };
  }
}
