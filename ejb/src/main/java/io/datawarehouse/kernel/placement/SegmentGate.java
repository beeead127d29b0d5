package io.datawarehouse.kernel.placement;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps a node of a cluster to what it owns, so that a message that was routed by an older table is
 * refused and not answered wrongly. While the node gives segments away the gate is shut for
 * changes: nothing can be written into a segment that is just leaving. Thread-safe.
 */
public final class SegmentGate implements Territory {

  private final NodeId self;
  private final PlacementBoard board;
  private final AtomicInteger inside = new AtomicInteger();
  private volatile boolean shut;

  /** Makes a gate that is open. */
  public SegmentGate(NodeId self, PlacementBoard board) {
    this.self = self;
    this.board = board;
  }

  @Override
  public Placement placement() {
    return board.placement();
  }

  @Override
  public void requireOwned(int segment) {
    NodeId owner =
        board
            .table()
            .orElseThrow(
                () -> unavailable("the cluster has not agreed yet on who owns which segment"))
            .owner(segment);
    if (!owner.equals(self)) {
      throw Refusals.elsewhere("segment " + segment + " is owned by " + owner + ", not by " + self);
    }
  }

  @Override
  public Passage enter(int segment) {
    // Counted before the gate is looked at, so that whoever shuts it sees all that are inside.
    inside.incrementAndGet();
    try {
      if (shut) {
        throw Refusals.waiting("node " + self + " is giving segments away");
      }
      requireOwned(segment);
    } catch (WarehouseException e) {
      inside.decrementAndGet();
      throw e;
    }
    return inside::decrementAndGet;
  }

  /** Shuts the gate if no change is under way; returns whether it is shut. */
  boolean tryShut() {
    shut = true;
    if (inside.get() == 0) {
      return true;
    }
    shut = false;
    return false;
  }

  /** Opens the gate again. */
  void open() {
    shut = false;
  }

  private static WarehouseException unavailable(String why) {
    return new WarehouseException(StandardErrorCode.OWNER_UNAVAILABLE, why);
  }
}
