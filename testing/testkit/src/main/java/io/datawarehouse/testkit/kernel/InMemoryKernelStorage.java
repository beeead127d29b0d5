package io.datawarehouse.testkit.kernel;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * A plugin's map that lasts as long as the object: hand it to a second context to play a restart.
 * Thread-safe.
 */
public final class InMemoryKernelStorage implements KernelStorage {

  private static final int LONGEST_KEY = 200;
  private static final int LARGEST_VALUE = 1 << 20;

  private final ConcurrentSkipListMap<String, Bytes> values = new ConcurrentSkipListMap<>();

  @Override
  public Optional<Bytes> get(String key) {
    return Optional.ofNullable(values.get(checked(key)));
  }

  @Override
  public void put(String key, Bytes value) {
    if (value.size() > LARGEST_VALUE) {
      throw WarehouseException.invalid("value", value.size() + " bytes", "at most 1 MiB");
    }
    values.put(checked(key), value);
  }

  @Override
  public boolean delete(String key) {
    return values.remove(checked(key)) != null;
  }

  @Override
  public List<String> keys(String prefix) {
    return values.tailMap(prefix, true).keySet().stream()
        .takeWhile(key -> key.startsWith(prefix))
        .toList();
  }

  private static String checked(String key) {
    int length = key.getBytes(StandardCharsets.UTF_8).length;
    if (length < 1 || length > LONGEST_KEY) {
      throw WarehouseException.invalid("key", key, "use 1 to 200 bytes of UTF-8");
    }
    return key;
  }
}
