package io.datawarehouse.sdk.capability;

import java.util.List;
import java.util.Optional;

/**
 * What the running plugins provide. Read-only and thread-safe; filled during boot, before anything
 * reads it. The kernel alone looks objects up here: a plugin that wants something of another plugin
 * sends a message.
 */
public interface CapabilityRegistry {

  /** Returns the provider, or throws {@code NOT_FOUND} naming the capability. */
  <T> T require(CapabilityKey<T> key);

  /** Returns the provider, if a running plugin provides it. */
  <T> Optional<T> find(CapabilityKey<T> key);

  /** Returns all running providers, in start order. */
  <T> List<T> all(CapabilityKey<T> key);
}
