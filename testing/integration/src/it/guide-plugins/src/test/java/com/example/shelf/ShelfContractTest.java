package com.example.shelf;

import io.datawarehouse.sdk.storage.StorageProvider;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import io.datawarehouse.testkit.storage.StorageProviderContract;
import java.nio.file.Path;
import java.util.Map;

class ShelfContractTest extends StorageProviderContract {

  private FakeKernelContext context;
  private ShelfPlugin plugin;

  @Override
  protected StorageProvider openProvider(Path directory) throws Exception {
    context = new FakeKernelContext("shelf", directory, Map.of());
    plugin = new ShelfPlugin();
    plugin.start(context);
    return plugin;
  }

  @Override
  protected void closeProvider() throws Exception {
    plugin.stop();
    context.close();
  }
}
