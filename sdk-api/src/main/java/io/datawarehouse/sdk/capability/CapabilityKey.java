package io.datawarehouse.sdk.capability;

import java.util.Objects;

/**
 * A capability with the type of the object that provides it. Immutable.
 *
 * @param name what it is called in manifests and configuration
 * @param type the interface through which the kernel uses it
 * @param cardinality how many may provide it
 * @param <T> the interface
 */
public record CapabilityKey<T>(CapabilityName name, Class<T> type, Cardinality cardinality) {

  /** Checks that nothing is missing. */
  public CapabilityKey {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(cardinality, "cardinality");
  }

  /** Makes a key from the name's text. */
  public static <T> CapabilityKey<T> of(String name, Class<T> type, Cardinality cardinality) {
    return new CapabilityKey<>(new CapabilityName(name), type, cardinality);
  }
}
