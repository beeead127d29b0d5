package io.datawarehouse.sdk.plugin;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.kernel.OperatingMode;
import java.util.Objects;

/**
 * What the kernel says of itself in the handshake. Immutable.
 *
 * @param sdk its version of {@code sdk-api}
 * @param nodeId the node
 * @param mode whether it works alone
 */
public record KernelOffer(SdkVersion sdk, NodeId nodeId, OperatingMode mode) {

  /** Checks that nothing is missing. */
  public KernelOffer {
    Objects.requireNonNull(sdk, "sdk");
    Objects.requireNonNull(nodeId, "nodeId");
    Objects.requireNonNull(mode, "mode");
  }
}
