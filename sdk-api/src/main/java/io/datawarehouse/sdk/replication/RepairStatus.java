package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.blob.BucketName;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * How far a comparison of all copies is. Immutable.
 *
 * @param id its identity
 * @param bucket what is compared; empty for everything
 * @param startedAt when it began
 * @param endedAt when it ended; empty while it goes on
 * @param compared how many versions were compared
 * @param repaired how many copies were made or replaced
 * @param failed how many could not be
 * @since 0.1
 */
public record RepairStatus(
    String id,
    Optional<BucketName> bucket,
    Instant startedAt,
    Optional<Instant> endedAt,
    long compared,
    long repaired,
    long failed) {

  /** Checks that nothing is missing. */
  public RepairStatus {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(bucket, "bucket");
    Objects.requireNonNull(startedAt, "startedAt");
    Objects.requireNonNull(endedAt, "endedAt");
  }
}
