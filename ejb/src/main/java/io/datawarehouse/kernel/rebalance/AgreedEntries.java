package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.CommandResult;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** The entries that changes of ownership replace. Thread-safe; blocks. */
final class AgreedEntries {

  private final ClusterCoordinator coordinator;
  private final Duration limit;

  /**
   * Makes a view of them.
   *
   * @param limit how long an agreement may take
   */
  AgreedEntries(ClusterCoordinator coordinator, Duration limit) {
    this.coordinator = coordinator;
    this.limit = limit;
  }

  /** Returns an entry as it stands now. */
  Optional<RegistryEntry> latest(RegistryEntry.Address address) {
    return Waiting.on(coordinator.read(address, new ReadConsistency.Latest()), limit);
  }

  /** Returns the version of an entry that stands now. */
  long version(RegistryEntry.Address address) {
    return latest(address).map(RegistryEntry::version).orElse(ClusterCommand.ABSENT);
  }

  /** Makes a change come true, unless another version stands than the one it was made for. */
  void replace(OwnershipChange change) {
    latest(change.address())
        .filter(entry -> entry.version() == change.expected())
        .ifPresent(entry -> put(change, change.value(entry.value())));
  }

  /**
   * Gives the entry a new version as it is, so that no replacement that is still on its way comes
   * true; afterwards another version stands than the expected one, or this throws.
   */
  void fence(OwnershipChange change) {
    latest(change.address())
        .filter(entry -> entry.version() == change.expected())
        .ifPresent(entry -> put(change, entry.value()));
  }

  private void put(OwnershipChange change, String value) {
    // Who lost against another change has what it wants as well: another version stands.
    CommandResult unused =
        Waiting.on(
            coordinator.propose(
                new ClusterCommand.Put(change.address(), value, OptionalLong.of(change.expected())),
                limit),
            limit);
  }
}
