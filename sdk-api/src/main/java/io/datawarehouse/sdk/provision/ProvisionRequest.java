package io.datawarehouse.sdk.provision;

import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What kind of node is wanted. Immutable.
 *
 * @param requestId makes the request safe to repeat: the same id never starts a second node; 1 to
 *     64 letters, digits, {@code -} or {@code _}
 * @param clusterName the cluster that the node is to join, not empty
 * @param zone where it is to run; empty where that does not matter
 * @param weight its share of the keys compared to others, more than 0
 * @param seeds addresses of members that it joins by, {@code host:port}, at least one
 * @param joinToken the file that holds the join token, which the provisioner hands on without
 *     showing it anywhere
 * @param labels names and values that the node is to carry
 * @param limit how long it may take until the node runs, more than zero
 * @since 0.1
 */
public record ProvisionRequest(
    String requestId,
    String clusterName,
    String zone,
    double weight,
    List<String> seeds,
    Path joinToken,
    Map<String, String> labels,
    Duration limit) {

  /** Checks and copies; the error names the field. */
  public ProvisionRequest {
    if (!requestId.matches("[A-Za-z0-9_-]{1,64}")) {
      throw WarehouseException.invalid(
          "requestId", requestId, "use 1 to 64 letters, digits, '-' or '_'");
    }
    if (clusterName.isBlank()) {
      throw WarehouseException.invalid("clusterName", clusterName, "must not be empty");
    }
    Objects.requireNonNull(zone, "zone");
    if (!(weight > 0) || Double.isInfinite(weight)) {
      throw WarehouseException.invalid("weight", weight, "must be more than 0");
    }
    seeds = List.copyOf(seeds);
    if (seeds.isEmpty()) {
      throw WarehouseException.invalid("seeds", null, "needs at least one member");
    }
    Objects.requireNonNull(joinToken, "joinToken");
    labels = Map.copyOf(labels);
    if (limit.isZero() || limit.isNegative()) {
      throw WarehouseException.invalid("limit", limit, "must be more than zero");
    }
  }
}
