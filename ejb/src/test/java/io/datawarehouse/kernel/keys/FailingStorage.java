package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import java.util.List;
import java.util.Optional;

/** A durable map of a node that dies after some changes: nothing changes from then on. */
final class FailingStorage implements KernelStorage {

  private final InMemoryKernelStorage storage;
  private int changesLeft;

  FailingStorage(InMemoryKernelStorage storage, int changesLeft) {
    this.storage = storage;
    this.changesLeft = changesLeft;
  }

  private void change() {
    if (changesLeft-- <= 0) {
      throw new WarehouseException(StandardErrorCode.STORAGE_FAILED, "the node died");
    }
  }

  @Override
  public Optional<Bytes> get(String key) {
    return storage.get(key);
  }

  @Override
  public void put(String key, Bytes value) {
    change();
    storage.put(key, value);
  }

  @Override
  public boolean delete(String key) {
    change();
    return storage.delete(key);
  }

  @Override
  public List<String> keys(String prefix) {
    return storage.keys(prefix);
  }
}
