package io.datawarehouse.sdk.cluster;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * What must not fork: who leads, and small registries that all nodes agree on (cluster settings,
 * bucket definitions, admissions, committed plans). Thread-safe. Used by the kernel; plugins see
 * {@link ClusterContext#leadership()} and keep their state in their own storage.
 *
 * <p>Every stage completes, at the latest soon after its limit. It fails with {@code UNAVAILABLE}
 * where no majority can be reached, {@code TIMEOUT} where the answer did not come in time (the
 * change may stand or not: ask again with the version that was expected). Stages complete on a
 * thread of the implementation; what is attached to them must not block.
 *
 * <p>An implementation MUST: (1) acknowledge a change only when it is durable on a majority; (2)
 * apply all changes in one order on all nodes; (3) answer {@link #leadership()} from memory; (4)
 * never be asked on the way of an ordinary write or read of a blob.
 *
 * @since 0.1
 */
public interface ClusterCoordinator {

  /** The capability: {@code dw.cluster.coordinator.provider} names the one that runs. */
  CapabilityKey<ClusterCoordinator> CAPABILITY =
      CapabilityKey.of("cluster.coordinator", ClusterCoordinator.class, Cardinality.SELECTED);

  /** Returns who leads, as far as this node knows; never waits. */
  Leadership leadership();

  /** Tells the listener of every change of leadership from now on. It must be quick. */
  Watch watchLeadership(Consumer<Leadership> listener);

  /**
   * Hands leadership to another node, where this one has it, and completes when that is done or
   * there is nobody who could take it; then with {@code false}.
   *
   * @param limit how long that may take, more than zero
   */
  CompletionStage<Boolean> handOver(Duration limit);

  /**
   * Proposes a change and completes when it stands or lost against another.
   *
   * @param limit how long to wait for the answer, more than zero
   */
  CompletionStage<CommandResult> propose(ClusterCommand command, Duration limit);

  /**
   * Reads one entry.
   *
   * @param consistency how fresh the answer must be; a local copy that is too old fails with {@code
   *     UNAVAILABLE}
   */
  CompletionStage<Optional<RegistryEntry>> read(
      RegistryEntry.Address address, ReadConsistency consistency);

  /** Reads all entries of a registry, sorted by key; otherwise like {@link #read}. */
  CompletionStage<List<RegistryEntry>> list(String registry, ReadConsistency consistency);

  /**
   * Tells the listener of every applied change of a registry from now on, in the one order, each
   * once. It must be quick.
   */
  Watch watch(String registry, Consumer<Change> listener);

  /**
   * One applied change. Immutable.
   *
   * @param address what changed
   * @param entry the entry as it is now; empty after a removal
   * @param index its place in the log
   * @since 0.1
   */
  record Change(RegistryEntry.Address address, Optional<RegistryEntry> entry, long index) {}
}
