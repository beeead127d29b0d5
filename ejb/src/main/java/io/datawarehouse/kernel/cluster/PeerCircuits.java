package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The circuits between this node and others, for operators. Thread-safe. */
public interface PeerCircuits {

  /** Returns all that were used or ordered, sorted by node and operation. */
  List<PeerCircuit> circuits();

  /** Returns whether circuits open after failures; where not, by an operator's order only. */
  boolean breaking();

  /**
   * Orders a circuit to be open or closed, whatever happens, until another order.
   *
   * @param state {@code OPEN} or {@code CLOSED}; empty to let it follow what happens again, closed
   *     at first
   * @return as it is now
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code INVALID_ARGUMENT} for another
   *     state
   */
  PeerCircuit order(NodeId peer, String operation, Optional<PeerCircuit.State> state);

  /**
   * Returns the circuits of a node that has no others to talk to.
   *
   * @param breaking whether they would open after failures
   */
  static PeerCircuits none(BooleanSupplier breaking) {
    return new NoPeerCircuits(breaking);
  }
}
