package io.datawarehouse.kernel.keys;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bucket keys in the open that were used last. Bounded; what leaves is wiped. Callers get
 * copies, which they wipe, so that nothing is wiped while it is used. Thread-safe.
 */
final class KeyCache implements AutoCloseable {

  private final int capacity;
  private final LinkedHashMap<String, byte[]> keys = new LinkedHashMap<>(16, 0.75f, true);
  private boolean closed;

  KeyCache(int capacity) {
    this.capacity = capacity;
  }

  synchronized Optional<byte[]> find(String id) {
    return Optional.ofNullable(keys.get(id)).map(byte[]::clone);
  }

  synchronized void put(String id, byte[] material) {
    if (closed) {
      return;
    }
    wipe(keys.put(id, material.clone()));
    while (keys.size() > capacity) {
      Map.Entry<String, byte[]> eldest = keys.entrySet().iterator().next();
      keys.remove(eldest.getKey());
      Arrays.fill(eldest.getValue(), (byte) 0);
    }
  }

  synchronized void forget(String id) {
    wipe(keys.remove(id));
  }

  synchronized int size() {
    return keys.size();
  }

  @Override
  public synchronized void close() {
    closed = true;
    keys.values().forEach(KeyCache::wipe);
    keys.clear();
  }

  private static void wipe(byte @Nullable [] material) {
    if (material != null) {
      Arrays.fill(material, (byte) 0);
    }
  }
}
