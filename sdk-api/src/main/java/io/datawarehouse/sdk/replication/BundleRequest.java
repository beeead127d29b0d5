package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What to put on a medium for a site that no network reaches. Immutable.
 *
 * @param directory where the bundle is written; must be empty or not be there yet
 * @param site who it is for, not empty
 * @param buckets which buckets; empty for all
 * @param after up to where that site has each node's feed, by node; nodes that are not in it are
 *     exported from the beginning
 * @param mostBytes how large the bundle may become, at least 1 MiB; the rest goes into another one
 * @since 0.1
 */
public record BundleRequest(
    Path directory, String site, Set<BucketName> buckets, Map<NodeId, Long> after, long mostBytes) {

  private static final long LEAST_BYTES = 1 << 20;

  /** Checks and copies; the error names the field. */
  public BundleRequest {
    Objects.requireNonNull(directory, "directory");
    if (site.isBlank()) {
      throw WarehouseException.invalid("site", site, "must not be empty");
    }
    buckets = Set.copyOf(buckets);
    after = Map.copyOf(after);
    after.forEach(
        (node, sequence) -> {
          if (sequence < 0) {
            throw WarehouseException.invalid("after." + node, sequence, "must not be negative");
          }
        });
    if (mostBytes < LEAST_BYTES) {
      throw WarehouseException.invalid("mostBytes", mostBytes, "must be at least 1 MiB");
    }
  }
}
