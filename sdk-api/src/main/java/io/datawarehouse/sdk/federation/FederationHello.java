package io.datawarehouse.sdk.federation;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.plugin.SdkVersion;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a kernel says of itself when it meets another. Immutable. Who it really is, the transport
 * has proved by its certificate before.
 *
 * @param nodeId its identity
 * @param incarnation which run of it this is, at least 1
 * @param clusterName the cluster it belongs to, not empty
 * @param sdk its version of {@code sdk-api}
 * @param oldestProtocol the oldest version of the wire protocol that it speaks, at least 1
 * @param newestProtocol the newest one
 * @param features names of optional abilities, for example {@code zstd}
 * @since 0.1
 */
public record FederationHello(
    NodeId nodeId,
    long incarnation,
    String clusterName,
    SdkVersion sdk,
    int oldestProtocol,
    int newestProtocol,
    Set<String> features) {

  /** Checks and copies; the error names the field. */
  public FederationHello {
    Objects.requireNonNull(nodeId, "nodeId");
    if (incarnation < 1) {
      throw WarehouseException.invalid("incarnation", incarnation, "must be at least 1");
    }
    if (clusterName.isBlank()) {
      throw WarehouseException.invalid("clusterName", clusterName, "must not be empty");
    }
    Objects.requireNonNull(sdk, "sdk");
    if (oldestProtocol < 1 || oldestProtocol > newestProtocol) {
      throw WarehouseException.invalid(
          "oldestProtocol", oldestProtocol, "use 1 to newestProtocol, " + newestProtocol);
    }
    features = Set.copyOf(features);
  }

  /**
   * Returns how this kernel answers another one's hello: the newest protocol that both speak and
   * the features that both have, or why not.
   */
  public FederationWelcome answer(FederationHello other) {
    if (!clusterName.equals(other.clusterName)) {
      return new FederationWelcome.Refused(
          FederationWelcome.Cause.OTHER_CLUSTER,
          "this is cluster '" + clusterName + "', not '" + other.clusterName + "'");
    }
    if (nodeId.equals(other.nodeId)) {
      return new FederationWelcome.Refused(
          FederationWelcome.Cause.SAME_NODE, "both are node " + nodeId);
    }
    int protocol = Math.min(newestProtocol, other.newestProtocol);
    if (protocol < oldestProtocol || protocol < other.oldestProtocol) {
      return new FederationWelcome.Refused(
          FederationWelcome.Cause.INCOMPATIBLE,
          "protocols %d to %d here, %d to %d there"
              .formatted(
                  oldestProtocol, newestProtocol, other.oldestProtocol, other.newestProtocol));
    }
    Set<String> common =
        features.stream().filter(other.features::contains).collect(Collectors.toUnmodifiableSet());
    return new FederationWelcome.Accepted(nodeId, incarnation, protocol, common);
  }
}
