package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A blob whose local copy is damaged or missing. Immutable.
 *
 * @param key the blob
 * @param etag the version that is wanted; empty for the newest that anybody has
 * @param preferred who to ask first, best first; may be empty. All other peers are asked after them
 * @param limit how long that may take, more than zero
 * @since 0.1
 */
public record RestoreRequest(
    BlobKey key, Optional<String> etag, List<NodeId> preferred, Duration limit) {

  /** Checks and copies; the error names the field. */
  public RestoreRequest {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(etag, "etag");
    preferred = List.copyOf(preferred);
    if (limit.isZero() || limit.isNegative()) {
      throw WarehouseException.invalid("limit", limit, "must be more than zero");
    }
  }
}
