package io.datawarehouse.kernel.boot;

import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.plugin.WarehousePlugin;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Starts kernels, and stops those that a test left running. */
final class KernelFixture implements AutoCloseable {

  final ManualClock clock = new ManualClock();
  final Map<String, String> settings = new HashMap<>();
  private final Path parent;
  private final List<Kernel> kernels = new ArrayList<>();

  KernelFixture(Path parent) {
    this.parent = parent;
  }

  Path data() {
    return parent.resolve("data");
  }

  /** Starts a kernel with a store and those plugins. */
  Kernel serve(WarehousePlugin... plugins) {
    List<WarehousePlugin> all = new ArrayList<>(List.of(plugins));
    all.add(new FakeStoragePlugin());
    return start(data(), all);
  }

  /** Starts a kernel with those plugins and no others. */
  Kernel start(Path directory, List<WarehousePlugin> plugins) {
    Kernel kernel =
        Kernel.start(
            new KernelOptions(directory, KernelConfig.of(settings), clock, Thread::new), plugins);
    kernels.add(kernel);
    return kernel;
  }

  static Reply ask(MessageBus bus, Message.Builder message) {
    return bus.request(message.build()).toCompletableFuture().join();
  }

  @Override
  public void close() {
    kernels.forEach(Kernel::stop);
  }
}
