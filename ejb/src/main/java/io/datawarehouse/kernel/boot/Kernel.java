package io.datawarehouse.kernel.boot;

import io.datawarehouse.kernel.audit.AuditTrail;
import io.datawarehouse.kernel.balance.BalancingOffice;
import io.datawarehouse.kernel.bus.KernelBus;
import io.datawarehouse.kernel.bus.TopicStatus;
import io.datawarehouse.kernel.cluster.ClusterOffice;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.context.PluginGuards;
import io.datawarehouse.kernel.deadletter.DeadLetterOffice;
import io.datawarehouse.kernel.health.NodeConditions;
import io.datawarehouse.kernel.health.Pulse;
import io.datawarehouse.kernel.heat.HotShardOffice;
import io.datawarehouse.kernel.heat.SegmentFigures;
import io.datawarehouse.kernel.keys.KeyOffice;
import io.datawarehouse.kernel.keys.Keyring;
import io.datawarehouse.kernel.metric.PrometheusMetrics;
import io.datawarehouse.kernel.metric.RequestTraffic;
import io.datawarehouse.kernel.plugin.PluginDirectory;
import io.datawarehouse.kernel.plugin.PluginStatus;
import io.datawarehouse.kernel.rebalance.PlanDecisions;
import io.datawarehouse.kernel.rebalance.RebalanceOffice;
import io.datawarehouse.kernel.scrub.ScrubOffice;
import io.datawarehouse.kernel.scrub.Scrubber;
import io.datawarehouse.kernel.security.Authenticator;
import io.datawarehouse.kernel.whatif.WhatIfOffice;
import io.datawarehouse.sdk.cluster.ClusterContext;
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
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * The kernel of one node. Thread-safe. Starts in a plain JVM, several in one if each has a data
 * directory of its own.
 */
public final class Kernel {

  /** What a running kernel consists of. */
  record Parts(
      DataDirectory directory,
      OperatingMode mode,
      ClusterContext cluster,
      Instant startedAt,
      KernelBus wholeBus,
      MessageBus bus,
      PluginDirectory plugins,
      Supplier<List<PluginGuards>> pluginGuards,
      DeadLetterOffice deadLetters,
      AuditTrail audit,
      Authenticator authenticator,
      Keyring keyring,
      KeyOffice keyOffice,
      Optional<Scrubber> scrubber,
      PrometheusMetrics metrics,
      RequestTraffic requests,
      BalancingOffice balancing,
      WhatIfOffice whatIf,
      HeatAssembly.Parts heat,
      ClusterOffice office,
      RebalanceOffice rebalance,
      Supplier<PlanDecisions> decisions,
      Pulse pulse,
      long leastFreeBytes,
      ShutdownSteps shutdown) {}

  private final KernelOptions options;
  private final Parts parts;
  private final AtomicReference<NodeConditions.Phase> phase =
      new AtomicReference<>(NodeConditions.Phase.RUNNING);
  private final NodeConditions conditions = new Conditions();

  private Kernel(KernelOptions options, Parts parts) {
    this.options = options;
    this.parts = parts;
  }

  /**
   * Starts a kernel.
   *
   * @param plugins those that were found; which of them run is the kernel's business
   * @throws WarehouseException {@code BOOT_FAILED}, with all problems in one message; nothing is
   *     left running then
   */
  public static Kernel start(KernelOptions options, Collection<WarehousePlugin> plugins) {
    return new Kernel(options, new KernelAssembly(options, plugins).assemble());
  }

  /** Returns the identity of the node. */
  public NodeId nodeId() {
    return parts.directory.nodeId();
  }

  /** Returns whether the kernel works alone. */
  public OperatingMode mode() {
    return parts.mode;
  }

  /** Returns the cluster, or the cluster of one that a kernel working alone is. */
  public ClusterContext cluster() {
    return parts.cluster;
  }

  /** Returns the circuits and pools of running plugins. */
  public List<PluginGuards> pluginGuards() {
    return parts.pluginGuards.get();
  }

  /** Returns what operators see and do of the cluster. */
  public ClusterOffice clusterOffice() {
    return parts.office;
  }

  /** Returns what operators see and do of plans that move blobs between nodes. */
  public RebalanceOffice rebalance() {
    return parts.rebalance;
  }

  /** Returns why plans were made without being asked for, or none; asks the leader, and waits. */
  public PlanDecisions planDecisions() {
    return parts.decisions.get();
  }

  /** Returns who knows which balancing strategy is in force, and lets operators change it. */
  public BalancingOffice balancing() {
    return parts.balancing;
  }

  /** Returns who tells what would be with other settings or nodes. */
  public WhatIfOffice whatIf() {
    return parts.whatIf;
  }

  /** Returns the figures of all segments, wherever they are. */
  public SegmentFigures segments() {
    return parts.heat.figures();
  }

  /** Returns who shows hot segments, wherever they are. */
  public HotShardOffice hotShards() {
    return parts.heat.hotShards();
  }

  /** Returns the count of the requests of clients, for whoever serves them. */
  public RequestTraffic requests() {
    return parts.requests;
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
    return parts.wholeBus.topics();
  }

  /** Returns what could not be delivered. */
  public DeadLetterOffice deadLetters() {
    return parts.deadLetters;
  }

  /** Returns who did what at this node. */
  public AuditTrail audit() {
    return parts.audit;
  }

  /** Returns who tells what a token allows. */
  public Authenticator authenticator() {
    return parts.authenticator;
  }

  /** Returns what an administrator may do with keys, in a cluster with those of all nodes. */
  public KeyOffice keys() {
    return parts.keyOffice;
  }

  /**
   * Returns what an operator may do with the background check of what is stored.
   *
   * @throws WarehouseException {@code UNAVAILABLE} where there is no store to check
   */
  public ScrubOffice scrub() {
    return parts
        .scrubber
        .map(ScrubOffice.class::cast)
        .orElseThrow(
            () ->
                new WarehouseException(
                    StandardErrorCode.UNAVAILABLE, "no storage provider is running"));
  }

  /** Returns the maker of instruments. */
  public Metrics metrics() {
    return parts.metrics;
  }

  /** Returns all instruments in the Prometheus text format. */
  public String scrapeMetrics() {
    return parts.metrics.scrape();
  }

  /** Returns the settings. */
  public KernelConfig config() {
    return options.config();
  }

  /** Returns where the node keeps all that is its own, absolute. */
  public Path dataDirectory() {
    return parts.directory.path();
  }

  /** Returns what the health checks look at. */
  public NodeConditions conditions() {
    return conditions;
  }

  /** Returns whether the kernel has begun to stop. */
  public boolean stopping() {
    return conditions.phase() != NodeConditions.Phase.RUNNING;
  }

  /**
   * Stops the kernel: takes no more messages, finishes those under way, stops the plugins in
   * reverse, lets the data directory go. Returns when that is done; does nothing the second time.
   */
  public void stop() {
    if (phase.compareAndSet(NodeConditions.Phase.RUNNING, NodeConditions.Phase.STOPPING)) {
      parts.shutdown.run();
      phase.set(NodeConditions.Phase.STOPPED);
    }
  }

  /** The health of a kernel that has started. */
  private final class Conditions implements NodeConditions {

    @Override
    public Phase phase() {
      Phase now = phase.get();
      return now == null ? Phase.STOPPED : now;
    }

    @Override
    public Optional<String> failure() {
      return Optional.empty();
    }

    @Override
    public List<PluginStatus> plugins() {
      return parts.plugins.plugins();
    }

    @Override
    public Optional<MessageBus> bus() {
      return Optional.of(parts.bus);
    }

    @Override
    public List<String> stalls() {
      return phase() == Phase.RUNNING ? parts.pulse.stall().stream().toList() : List.of();
    }

    @Override
    public Optional<String> withoutKeys() {
      return parts.keyring.problem().map(problem -> "keys are unavailable: " + problem);
    }

    @Override
    public Optional<String> withoutOwners() {
      return parts.office.withoutOwners();
    }

    @Override
    public int damagedBlobs() {
      return parts.scrubber.map(Scrubber::damaged).orElse(0);
    }

    @Override
    public Optional<String> withoutCoordinator() {
      return parts.office.withoutCoordinator();
    }

    @Override
    public Optional<String> brake() {
      return parts.cluster.health().brake();
    }

    @Override
    public Optional<String> shortOfSpace() {
      long usable = parts.directory.usableBytes();
      return usable >= parts.leastFreeBytes
          ? Optional.empty()
          : Optional.of(
              "the data directory has room for %d more bytes, dw.data.least-free asks for %d"
                  .formatted(usable, parts.leastFreeBytes));
    }
  }
}
