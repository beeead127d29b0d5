package io.datawarehouse.kernel.boot.cdi;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.boot.KernelOptions;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.plugin.PluginStatus;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.plugin.PluginState;
import io.datawarehouse.sdk.plugin.WarehousePlugin;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.ejb.ConcurrencyManagement;
import jakarta.ejb.ConcurrencyManagementType;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/**
 * Starts the kernel when the application starts, and stops it with it. A kernel that cannot start
 * lets the deployment fail.
 */
@Singleton
@Startup
@TransactionManagement(TransactionManagementType.BEAN)
@ConcurrencyManagement(ConcurrencyManagementType.BEAN)
public class KernelBoot {

  private static final System.Logger LOG = System.getLogger(KernelBoot.class.getName());

  @Inject @Any private Instance<WarehousePlugin> plugins;
  @Inject private Config settings;
  @Inject private KernelHolder holder;

  // The container fills it, as it does the fields above.
  @SuppressWarnings("NullAway.Init")
  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  private @Nullable ContainerThreads kernelThreads;
  private @Nullable Kernel kernel;

  /** Starts the kernel. */
  @PostConstruct
  void start() {
    long begin = System.nanoTime();
    try {
      KernelConfig config = MicroProfileSettings.of(settings);
      Kernel started =
          Kernel.start(
              new KernelOptions(
                  Path.of(config.text("dw.data.dir", "data")),
                  config,
                  Clock.systemUTC(),
                  newThreads()),
              plugins.stream().collect(Collectors.toList()));
      kernel = started;
      holder.started(started);
      LOG.log(System.Logger.Level.INFO, () -> "DW-READY: " + describe(started, begin));
    } catch (RuntimeException | Error e) {
      String reason = e instanceof WarehouseException known ? known.detail() : e.toString();
      holder.failed(reason);
      LOG.log(
          System.Logger.Level.ERROR,
          "DW-BOOT-FAILED: " + reason.replaceAll("\\s*\\p{Cntrl}+\\s*", " "));
      throw new WarehouseException(
          StandardErrorCode.BOOT_FAILED, "the kernel did not start: " + reason, e);
    }
  }

  /** Stops the kernel. */
  @PreDestroy
  void stop() {
    Kernel running = kernel;
    if (kernelThreads != null) {
      kernelThreads.end();
    }
    if (running != null) {
      running.stop();
      LOG.log(System.Logger.Level.INFO, "node {0} has stopped", running.nodeId());
    }
  }

  private ContainerThreads newThreads() {
    ContainerThreads made = new ContainerThreads(threads, KernelBoot.class.getClassLoader());
    kernelThreads = made;
    return made;
  }

  private static String describe(Kernel kernel, long begin) {
    List<PluginStatus> all = kernel.plugins().plugins();
    String running =
        all.stream()
            .filter(plugin -> plugin.state() == PluginState.RUNNING)
            .map(plugin -> plugin.id().value())
            .collect(Collectors.joining(", "));
    String notRunning =
        all.stream()
            .filter(plugin -> plugin.state() != PluginState.RUNNING)
            .map(plugin -> plugin.id() + " " + plugin.state())
            .collect(Collectors.joining(", "));
    return "node %s serves, data in '%s', plugins running: %s%s, started in %d ms"
        .formatted(
            kernel.nodeId(),
            kernel.dataDirectory(),
            running,
            notRunning.isEmpty() ? "" : ", not running: " + notRunning,
            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
  }
}
