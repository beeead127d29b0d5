package io.datawarehouse.kernel.resilience;

import io.datawarehouse.sdk.resilience.BulkheadIsolation;
import io.datawarehouse.sdk.resilience.BulkheadSettings;
import io.datawarehouse.testkit.resilience.BulkheadIsolationContract;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;

class InProcessBulkheadsContractTest extends BulkheadIsolationContract {

  private final ExecutorService executor = Executors.newSingleThreadExecutor();

  @Override
  protected BulkheadIsolation bulkheads(BulkheadSettings settings) {
    return new InProcessBulkheads(pool -> settings, executor);
  }

  @AfterEach
  void end() {
    executor.shutdownNow();
  }
}
