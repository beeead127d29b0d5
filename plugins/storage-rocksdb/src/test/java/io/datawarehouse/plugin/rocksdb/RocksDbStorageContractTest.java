package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.storage.StorageProvider;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import io.datawarehouse.testkit.storage.StorageProviderContract;
import java.nio.file.Path;
import java.util.Map;

class RocksDbStorageContractTest extends StorageProviderContract {

  private FakeKernelContext context;
  private RocksDbStoragePlugin plugin;

  @Override
  protected StorageProvider openProvider(Path directory) throws Exception {
    context = new FakeKernelContext("storage-rocksdb", directory, Map.of());
    plugin = new RocksDbStoragePlugin();
    plugin.start(context);
    return plugin;
  }

  @Override
  protected void closeProvider() throws Exception {
    plugin.stop();
    context.close();
  }
}
