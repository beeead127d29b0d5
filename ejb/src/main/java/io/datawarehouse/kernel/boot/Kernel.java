package io.datawarehouse.kernel.boot;

import io.datawarehouse.kernel.bus.TopicStatus;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.deadletter.DeadLetterOffice;
import io.datawarehouse.kernel.plugin.PluginDirectory;
import io.datawarehouse.kernel.security.Authenticator;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.OperatingMode;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.metric.Metrics;
import io.datawarehouse.sdk.plugin.WarehousePlugin;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** The kernel of one node. Thread-safe. */
public final class Kernel {

  /** What a running kernel consists of. */
  private record Parts(
      NodeId nodeId,
      Instant startedAt,
      MessageBus bus,
      PluginDirectory plugins,
      DeadLetterOffice deadLetters,
      Authenticator authenticator,
      Metrics metrics) {}

  private final KernelOptions options;
  private final Parts parts;
  private final AtomicBoolean stopping = new AtomicBoolean();

  private Kernel(KernelOptions options, Parts parts) {
    this.options = options;
    this.parts = parts;
  }

  /**
   * Starts a kernel.
   *
   * @throws WarehouseException {@code BOOT_FAILED}, with all problems in one message
   */
  public static Kernel start(KernelOptions options, Collection<WarehousePlugin> plugins) {
    return new Kernel(options, assemble(plugins));
  }

  private static Parts assemble(Collection<WarehousePlugin> plugins) {
    throw new WarehouseException(
        StandardErrorCode.BOOT_FAILED, "none of " + plugins.size() + " plugins provides storage");
  }

  /** Returns the identity of the node. */
  public NodeId nodeId() {
    return parts.nodeId;
  }

  /** Returns whether the kernel works alone. */
  public OperatingMode mode() {
    return OperatingMode.STANDALONE;
  }

  /** Returns when the kernel was ready. */
  public Instant startedAt() {
    return parts.startedAt;
  }

  /** Returns the clock of the node. */
  public Clock clock() {
    return options.clock();
  }

  /** Returns the bus as the kernel itself sees it. */
  public MessageBus bus() {
    return parts.bus;
  }

  /** Returns the plugins of this kernel. */
  public PluginDirectory plugins() {
    return parts.plugins;
  }

  /** Returns the topics that somebody handles or hears. */
  public List<TopicStatus> topics() {
    return List.of();
  }

  /** Returns what could not be delivered. */
  public DeadLetterOffice deadLetters() {
    return parts.deadLetters;
  }

  /** Returns who tells what a token allows. */
  public Authenticator authenticator() {
    return parts.authenticator;
  }

  /** Returns the maker of instruments. */
  public Metrics metrics() {
    return parts.metrics;
  }

  /** Returns all instruments in the Prometheus text format. */
  public String scrapeMetrics() {
    return "";
  }

  /** Returns the settings. */
  public KernelConfig config() {
    return options.config();
  }

  /** Returns where the node keeps all that is its own. */
  public Path dataDirectory() {
    return options.dataDirectory();
  }

  /** Returns whether the kernel has begun to stop. */
  public boolean stopping() {
    return stopping.get();
  }

  /** Stops the kernel. Does nothing the second time. */
  public void stop() {
    stopping.set(true);
  }
}
