package io.datawarehouse.sdk.cluster;

import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What a node needs to join. Immutable. The join token is not part of it: it is a secret and goes
 * from the secret store to the transport.
 *
 * @param clusterName the cluster's name, 1 to 100 characters
 * @param self what the node says of itself
 * @param seeds addresses of nodes that may be there already, {@code host:port}; empty where the
 *     implementation finds them by other means
 * @param limit how long joining may take, more than zero
 * @since 0.1
 */
public record JoinRequest(
    String clusterName, NodeDescriptor self, List<String> seeds, Duration limit) {

  /** Checks and copies; the error names the field. */
  public JoinRequest {
    if (clusterName.isBlank() || clusterName.length() > 100) {
      throw WarehouseException.invalid("clusterName", clusterName, "use 1 to 100 characters");
    }
    Objects.requireNonNull(self, "self");
    seeds = List.copyOf(seeds);
    if (limit.isZero() || limit.isNegative()) {
      throw WarehouseException.invalid("limit", limit, "must be more than zero");
    }
  }
}
