package io.datawarehouse.sdk.cluster;

import java.util.Objects;
import java.util.Optional;

/**
 * What the cluster made of a command. Losing a race is an answer, not an exception. Immutable.
 *
 * @since 0.1
 */
public sealed interface CommandResult {

  /**
   * The change stands, on a majority of the disks.
   *
   * @param entry the entry as it is now; empty after a removal
   * @param index its place in the log, for readers that must have seen it
   */
  record Applied(Optional<RegistryEntry> entry, long index) implements CommandResult {
    /** Checks that nothing is missing. */
    public Applied {
      Objects.requireNonNull(entry, "entry");
    }
  }

  /**
   * Nothing changed: another version stands than was expected.
   *
   * @param standing the entry as it is; empty where there is none
   */
  record Conflict(Optional<RegistryEntry> standing) implements CommandResult {
    /** Checks that nothing is missing. */
    public Conflict {
      Objects.requireNonNull(standing, "standing");
    }
  }

  /** Returns whether the change stands. */
  default boolean applied() {
    return this instanceof Applied;
  }
}
