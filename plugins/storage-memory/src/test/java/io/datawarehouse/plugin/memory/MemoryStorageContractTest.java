package io.datawarehouse.plugin.memory;

import io.datawarehouse.sdk.storage.StorageProvider;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import io.datawarehouse.testkit.storage.StorageProviderContract;
import java.nio.file.Path;
import java.util.Map;

class MemoryStorageContractTest extends StorageProviderContract {

  private FakeKernelContext context;
  private MemoryStoragePlugin plugin;

  @Override
  protected StorageProvider openProvider(Path directory) throws Exception {
    context = new FakeKernelContext("storage-memory", directory, Map.of("max.bytes", "64MiB"));
    plugin = new MemoryStoragePlugin();
    plugin.start(context);
    return plugin;
  }

  @Override
  protected void closeProvider() throws Exception {
    plugin.stop();
    context.close();
  }
}
