package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Keeps the copies of this node whole: restores one blob while its reader waits, compares all of
 * them in the background. Thread-safe.
 *
 * <p>An implementation MUST: (1) take a version from any peer that has it whole, owner or not; (2)
 * check size and digest before it replaces anything; (3) never replace a version by one that it has
 * seen; (4) restore a blob once, however many ask for it at the same time; (5) bound what repairs
 * take from disks and network.
 *
 * @since 0.1
 */
public interface ReplicationService {

  /** The capability: {@code dw.replication.service.provider} names the one that runs. */
  CapabilityKey<ReplicationService> CAPABILITY =
      CapabilityKey.of("replication.service", ReplicationService.class, Cardinality.SELECTED);

  /**
   * Makes the local copy of a blob whole again. The stage completes at the latest soon after the
   * request's limit, on a thread of the implementation. That nobody has it is a result; it fails
   * with {@code DISK_FULL} or {@code STORAGE_FAILED} where the local store cannot take it.
   */
  CompletionStage<RestoreResult> restore(RestoreRequest request);

  /**
   * Begins to compare all copies of this node with those of the other owners; returns at once. A
   * comparison of the same bucket that is under way is returned instead.
   *
   * @param bucket what to compare; empty for everything
   */
  RepairStatus repair(Optional<BucketName> bucket);

  /** Returns the comparisons of late, the latest first; a snapshot. */
  List<RepairStatus> repairs();

  /** Returns how far each copy of each segment is behind, as far as this node knows; a snapshot. */
  List<ReplicaLag> lags();
}
