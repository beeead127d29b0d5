package io.datawarehouse.kernel.placement;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;

/** The segments that this node answers for. Thread-safe. */
public interface Territory {

  /** Returns who owns what now. */
  Placement placement();

  /**
   * Lets a read of a segment in.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code OWNER_UNAVAILABLE} where this node
   *     does not own it
   */
  void requireOwned(int segment);

  /**
   * Lets a read of a segment in that came after this node had asked a leader who owns it.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code OWNER_UNAVAILABLE} where this node
   *     does not own it
   */
  default void requireStillOwned(int segment) {
    requireOwned(segment);
  }

  /** Returns whether what this node owns may have left it already without its knowing. */
  default boolean asking() {
    return false;
  }

  /**
   * Lets a change of a segment in; until the passage is closed the node goes on owning it.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code OWNER_UNAVAILABLE} where this node
   *     does not own it
   */
  Passage enter(int segment);

  /** A change on its way. */
  @FunctionalInterface
  interface Passage extends AutoCloseable {
    /** Returns whether it was broken off: it should end soon, without having changed anything. */
    default boolean brokenOff() {
      return false;
    }

    @Override
    void close();
  }

  /** Returns the territory of a node that is alone: everything. */
  static Territory whole(NodeId node) {
    Placement placement = new SingleNodePlacement(node);
    return new Territory() {
      @Override
      public Placement placement() {
        return placement;
      }

      @Override
      public void requireOwned(int segment) {}

      @Override
      public Passage enter(int segment) {
        return () -> {};
      }
    };
  }
}
