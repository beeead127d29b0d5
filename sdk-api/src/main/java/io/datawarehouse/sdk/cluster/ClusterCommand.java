package io.datawarehouse.sdk.cluster;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * A change that the whole cluster must agree on. Immutable. Each is safe to send twice when it
 * names the version it expects.
 *
 * @since 0.1
 */
public sealed interface ClusterCommand {

  /** The version that stands for: the entry must not be there. */
  long ABSENT = 0;

  /** Returns what is to be changed. */
  RegistryEntry.Address address();

  /** Returns the version that must stand, {@link #ABSENT} for none; empty where any will do. */
  OptionalLong expected();

  /**
   * Sets an entry.
   *
   * @param address where
   * @param value to what
   * @param expected the version that must stand
   */
  record Put(RegistryEntry.Address address, String value, OptionalLong expected)
      implements ClusterCommand {
    /** Checks; the error names the field. */
    public Put {
      Objects.requireNonNull(address, "address");
      RegistryEntry.requireValue(value);
      requireVersion(expected);
    }
  }

  /**
   * Removes an entry.
   *
   * @param address where
   * @param expected the version that must stand
   */
  record Remove(RegistryEntry.Address address, OptionalLong expected) implements ClusterCommand {
    /** Checks; the error names the field. */
    public Remove {
      Objects.requireNonNull(address, "address");
      requireVersion(expected);
    }
  }

  private static void requireVersion(OptionalLong expected) {
    if (expected.isPresent() && expected.getAsLong() < 0) {
      throw WarehouseException.invalid("expected", expected.getAsLong(), "must not be negative");
    }
  }
}
