package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Map;
import java.util.Objects;

/**
 * What is on a medium, or what was taken from one: carried back, it says from where the next bundle
 * goes on. Immutable.
 *
 * @param bundleId the bundle's identity
 * @param site who it is for
 * @param upTo up to where each node's feed is in it, or was applied, by node
 * @param changes how many changes, 0 or more
 * @param bytes how many bytes of content, 0 or more
 * @param complete whether nothing was left for another bundle
 * @since 0.1
 */
public record BundleReceipt(
    String bundleId,
    String site,
    Map<NodeId, Long> upTo,
    long changes,
    long bytes,
    boolean complete) {

  /** Checks and copies; the error names the field. */
  public BundleReceipt {
    Objects.requireNonNull(bundleId, "bundleId");
    Objects.requireNonNull(site, "site");
    upTo = Map.copyOf(upTo);
    if (changes < 0) {
      throw WarehouseException.invalid("changes", changes, "must not be negative");
    }
    if (bytes < 0) {
      throw WarehouseException.invalid("bytes", bytes, "must not be negative");
    }
  }
}
