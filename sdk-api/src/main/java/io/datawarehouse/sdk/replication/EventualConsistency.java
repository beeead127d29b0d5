package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import io.datawarehouse.sdk.cluster.NodeId;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Keeps track of what this node has seen, so that effects never show before their causes.
 * Thread-safe. Only its own node makes writes of its own; all others arrive.
 *
 * <p>An implementation MUST: (1) name writes of this node in rising order without a gap, over
 * restarts too; (2) deliver each version once, after all that it has seen; (3) come to the same
 * {@link #seen()} on all nodes when all versions have arrived everywhere, whatever their order and
 * however often they came; (4) bound what waits, and refuse more with {@code BULKHEAD_FULL}, to be
 * sent again.
 *
 * @since 0.1
 */
public interface EventualConsistency {

  /** The capability: {@code dw.replication.causality.provider} names the one that runs. */
  CapabilityKey<EventualConsistency> CAPABILITY =
      CapabilityKey.of("replication.causality", EventualConsistency.class, Cardinality.SELECTED);

  /** Returns all that this node has seen, without a gap; never waits. */
  VersionVector seen();

  /**
   * Names a new write of this node.
   *
   * @param context what its writer had seen; what of it has not arrived here yet counts as seen by
   *     the write
   */
  DottedVersion write(VersionVector context);

  /**
   * Takes a version from elsewhere.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code BULKHEAD_FULL} if too many wait
   */
  CausalDelivery arrive(DottedVersion version);

  /** Returns how many versions wait for their causes. */
  int waiting();

  /**
   * Completes when this node has seen all of that, with {@code true}, or when the limit is over,
   * with {@code false}: so a reader gets at least what it has seen elsewhere.
   *
   * @param limit how long to wait, more than zero
   */
  CompletionStage<Boolean> awaitSeen(VersionVector context, Duration limit);

  /** Takes note of what another node has seen. What is older than what is known changes nothing. */
  void seenBy(NodeId node, VersionVector seen);

  /**
   * Returns what all of some nodes have seen, this one included: deletions in it may be forgotten.
   * Empty where of one of them nothing is known.
   */
  Optional<VersionVector> stable(Set<NodeId> nodes);
}
