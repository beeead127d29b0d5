package io.datawarehouse.sdk.kernel;

import io.datawarehouse.sdk.message.Bytes;
import java.util.List;
import java.util.Optional;

/**
 * A small durable map of a plugin's own, for state, not for blobs. Thread-safe. What a call changed
 * is on disk when it returns, whole or not at all, and survives a crash.
 *
 * <p>Keys are 1 to 200 bytes of UTF-8; values at most 1 MiB. A failing disk throws {@code
 * STORAGE_FAILED}, a full one {@code DISK_FULL}.
 */
public interface KernelStorage {

  /** Returns the value of the key. */
  Optional<Bytes> get(String key);

  /** Sets the value of the key. */
  void put(String key, Bytes value);

  /** Removes the key; returns whether it was there. */
  boolean delete(String key);

  /** Returns the keys that begin with the prefix, sorted; all of them for the empty prefix. */
  List<String> keys(String prefix);
}
