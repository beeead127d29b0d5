package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** There are none. */
record NoPeerCircuits(BooleanSupplier wouldBreak) implements PeerCircuits {

  @Override
  public boolean breaking() {
    return wouldBreak.getAsBoolean();
  }

  @Override
  public List<PeerCircuit> circuits() {
    return List.of();
  }

  @Override
  public PeerCircuit order(NodeId peer, String operation, Optional<PeerCircuit.State> state) {
    throw new WarehouseException(
        StandardErrorCode.NOT_FOUND, "node " + peer + " is not known; this one works alone");
  }
}
