package io.datawarehouse.kernel.federation;

import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** A storage that changes no more once its node has crashed, whatever its threads still do. */
record UntilTheCrash(KernelStorage storage, BooleanSupplier crashed) implements KernelStorage {

  @Override
  public Optional<Bytes> get(String key) {
    return storage.get(key);
  }

  @Override
  public void put(String key, Bytes value) {
    if (!crashed.getAsBoolean()) {
      storage.put(key, value);
    }
  }

  @Override
  public boolean delete(String key) {
    return !crashed.getAsBoolean() && storage.delete(key);
  }

  @Override
  public List<String> keys(String prefix) {
    return storage.keys(prefix);
  }
}
