package io.datawarehouse.sdk.capability;

import java.util.Objects;

/**
 * One capability that a plugin provides, with the object behind it. Immutable.
 *
 * @param key what is provided
 * @param name the provider's name among several, by which configuration selects it
 * @param instance the object; the kernel uses it only while the plugin is running
 * @param <T> the interface
 */
public record Provision<T>(CapabilityKey<T> key, String name, T instance) {

  /** Checks that the instance is of the key's type. */
  public Provision {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(name, "name");
    if (!key.type().isInstance(instance)) {
      throw new IllegalArgumentException(
          "capability " + key.name() + " needs a " + key.type().getName());
    }
  }
}
