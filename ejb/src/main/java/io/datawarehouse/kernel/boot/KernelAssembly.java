package io.datawarehouse.kernel.boot;

import io.datawarehouse.kernel.affinity.Affinities;
import io.datawarehouse.kernel.audit.AuditEvent;
import io.datawarehouse.kernel.audit.AuditTrail;
import io.datawarehouse.kernel.audit.DurableAuditTrail;
import io.datawarehouse.kernel.balance.BalancingOffice;
import io.datawarehouse.kernel.balance.BalancingSetting;
import io.datawarehouse.kernel.balance.KeptOrders;
import io.datawarehouse.kernel.blob.BlobService;
import io.datawarehouse.kernel.bus.BusWorkers;
import io.datawarehouse.kernel.bus.KernelBus;
import io.datawarehouse.kernel.bus.LocalMessageBus;
import io.datawarehouse.kernel.capability.RunningCapabilities;
import io.datawarehouse.kernel.cluster.ClusterOffice;
import io.datawarehouse.kernel.cluster.InMemoryClusterMembership;
import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.kernel.cluster.SingleNodeCluster;
import io.datawarehouse.kernel.cluster.SingleNodeOffice;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.context.PluginContexts;
import io.datawarehouse.kernel.context.SharedExecutor;
import io.datawarehouse.kernel.deadletter.DeadLetterOffice;
import io.datawarehouse.kernel.deadletter.DeadLetterStore;
import io.datawarehouse.kernel.deadletter.DurableDeadLetterOffice;
import io.datawarehouse.kernel.federation.LoneMessageBus;
import io.datawarehouse.kernel.health.Pulse;
import io.datawarehouse.kernel.heat.HotShards;
import io.datawarehouse.kernel.heat.OwnSegments;
import io.datawarehouse.kernel.heat.SegmentFigures;
import io.datawarehouse.kernel.heat.SegmentHeat;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.keys.DataKeys;
import io.datawarehouse.kernel.keys.KeptStorage;
import io.datawarehouse.kernel.keys.KeyOffice;
import io.datawarehouse.kernel.keys.Keyring;
import io.datawarehouse.kernel.metric.PrometheusMetrics;
import io.datawarehouse.kernel.metric.RequestTraffic;
import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.kernel.plugin.CapabilityStatus;
import io.datawarehouse.kernel.plugin.PluginLifecycle;
import io.datawarehouse.kernel.plugin.PluginStatus;
import io.datawarehouse.kernel.plugin.ProviderSelection;
import io.datawarehouse.kernel.rebalance.PlanDecisions;
import io.datawarehouse.kernel.rebalance.PlansOfOne;
import io.datawarehouse.kernel.rebalance.RebalanceOffice;
import io.datawarehouse.kernel.scrub.Finding;
import io.datawarehouse.kernel.scrub.Scrubber;
import io.datawarehouse.kernel.secret.NodeSecrets;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.kernel.security.TokenStore;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.storage.FileKernelStorage;
import io.datawarehouse.kernel.whatif.LoadRecorder;
import io.datawarehouse.kernel.whatif.RecordedBus;
import io.datawarehouse.kernel.whatif.Recordings;
import io.datawarehouse.kernel.whatif.WhatIfOffice;
import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.ShardingScheme;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.StorageMessages.BlobDamaged;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.JoinRequest;
import io.datawarehouse.sdk.cluster.JoinResult;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.OperatingMode;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.plugin.KernelOffer;
import io.datawarehouse.sdk.plugin.PluginState;
import io.datawarehouse.sdk.plugin.SdkVersion;
import io.datawarehouse.sdk.plugin.WarehousePlugin;
import io.datawarehouse.sdk.security.KeyProvider;
import io.datawarehouse.sdk.storage.StorageProvider;
import io.datawarehouse.sdk.transform.ContentTransformer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts a kernel together, step by step, and remembers how to take it apart. Used once, by one
 * thread.
 */
final class KernelAssembly {

  /** The name under which the kernel itself is on the bus. */
  static final String KERNEL = "kernel";

  private static final System.Logger LOG = System.getLogger(KernelAssembly.class.getName());

  private final KernelOptions options;
  private final Collection<WarehousePlugin> plugins;
  private final KernelConfig config;
  private final Clock clock;
  private final ThreadFactory threads;
  private final ShutdownSteps steps = new ShutdownSteps();
  private final RunningCapabilities capabilities = new RunningCapabilities();
  private OperatingMode mode = OperatingMode.STANDALONE;
  private ClusterAssembly.@Nullable Member member;
  private @Nullable BlobService blobs;
  private final AtomicBoolean dividing = new AtomicBoolean();

  /** Lets the node take part in plans that move blobs; before it answers for blobs. */
  private Consumer<BlobService> moving = service -> {};

  private Supplier<RebalanceOffice> plans = PlansOfOne::new;
  private Optional<Supplier<PlanDecisions>> decisions = Optional.empty();
  private volatile Optional<SegmentFigures> figures = Optional.empty();
  private @Nullable Keyring keyring;
  private @Nullable BalancingOffice balancingOffice;
  private final SegmentHeat heat = new SegmentHeat(System::nanoTime);

  KernelAssembly(KernelOptions options, Collection<WarehousePlugin> plugins) {
    this.options = options;
    this.plugins = plugins;
    this.config = options.config();
    this.clock = options.clock();
    this.threads = options.threadFactory();
  }

  /** Starts all parts; what was started is stopped again where one of them fails. */
  Kernel.Parts assemble() {
    try {
      return start();
    } catch (RuntimeException | Error e) {
      steps.run();
      throw e;
    }
  }

  private Kernel.Parts start() {
    SettingsReader reader = new SettingsReader(config);
    KernelSettings settings = KernelSettings.read(reader);
    KeySettings keySettings =
        KeySettings.read(reader, options.dataDirectory().toAbsolutePath().resolve("secrets"));
    Optional<ClusterSettings> clusterSettings =
        reader.flag(ClusterSettings.ENABLED, false)
            ? Optional.of(ClusterSettings.read(reader, options.dataDirectory().toAbsolutePath()))
            : Optional.empty();
    NodePlace place = NodePlace.read(reader);
    mode = clusterSettings.isPresent() ? OperatingMode.CLUSTERED : OperatingMode.STANDALONE;
    Optional<BalancingOffice> opened = openBalancing(reader);
    boolean recording = reader.flag("dw.load-balancing.recording", true);
    List<String> problems = new ArrayList<>(reader.problems());
    SecureRandom random = new SecureRandom();
    DataDirectory directory = openDirectory(settings, random, problems);
    Optional<TokenStore> tokens = openTokens(directory, settings, random, problems);
    PluginLifecycle lifecycle = newLifecycle(directory.nodeId(), settings, keySettings);
    problems.addAll(lifecycle.negotiate());
    if (!problems.isEmpty() || tokens.isEmpty() || opened.isEmpty()) {
      throw failure(problems);
    }
    BalancingOffice balancing = opened.get();
    balancingOffice = balancing;
    warnOfUnknown(reader, lifecycle);
    PrometheusMetrics metrics = new PrometheusMetrics();
    steps.add("closing the metrics", metrics::close);
    measure(metrics, directory, lifecycle);
    ForkJoinPool workers = newWorkers(settings);
    NodeSecrets secrets =
        new NodeSecrets(
            keySettings.secretDirectory(), keySettings.secretKeystore(), options.environment());
    Keyring keys =
        new KeyAssembly(options, keySettings, directory.path(), secrets, random, steps)
            .open(capabilities, metrics, workers);
    keyring = keys;
    DeadLetterStore deadLetters = openDeadLetters(directory, settings, metrics);
    ScheduledThreadPoolExecutor timer = newTimer();
    AuditTrail audit = openAudit(directory, settings, metrics, timer, workers);
    tokens.get().watch(role -> audit.record(replacedToken(role)));
    RequestTraffic requests = new RequestTraffic(System::nanoTime);
    LocalMessageBus local = newBus(directory, settings, metrics, workers, timer, deadLetters);
    SharedExecutor executor = newExecutor(settings);
    Surroundings surroundings =
        clusterSettings
            .map(
                found ->
                    joinOthers(
                        new ClusterAssembly(
                            new ClusterAssembly.Node(
                                directory,
                                found,
                                clock,
                                threads,
                                random,
                                secrets,
                                keys,
                                metrics,
                                requests,
                                local,
                                deadLetters,
                                audit,
                                timer,
                                workers,
                                settings.busTimeout(),
                                balancing,
                                heat,
                                settings.copies(),
                                capabilities,
                                () -> figures,
                                version(),
                                steps))))
            .orElseGet(
                () ->
                    workAlone(
                        directory,
                        place,
                        newLoneBus(directory, local, workers, timer, metrics),
                        balancing,
                        keys,
                        metrics));
    LoadRecorder recorder = newRecorder(recording, balancing, timer);
    KernelBus bus = new RecordedBus(surroundings.bus, recorder, ClusterAssembly::staysLocal);
    ClusterContext cluster = surroundings.cluster;
    PluginContexts contexts =
        new PluginContexts(
            new PluginContexts.Options(
                directory.nodeId(),
                mode,
                cluster,
                directory.path(),
                clock,
                config,
                secrets,
                bus,
                metrics,
                executor,
                new PluginContexts.Resilience(
                    settings.breaker(), settings.bulkhead(), System::nanoTime),
                capabilities,
                settings.stopTimeout(),
                settings.stopTimeout()));
    steps.add("stopping the plugins", lifecycle::stop);
    steps.add("closing the blob service", this::closeBlobs);
    steps.add("draining the bus", () -> drain(bus, settings));
    steps.add("telling that the node stops", surroundings.farewell::run);
    ContentPipelines pipelines =
        new ContentPipelines(
            new ContentPipelines.Options(
                () -> capabilities.all(ContentTransformer.CAPABILITY),
                surroundings.dataKeys,
                workers,
                random,
                settings.pipeline()));
    NodeDescriptor self =
        cluster.membership().view().find(directory.nodeId()).orElseThrow().descriptor();
    startPlugins(lifecycle, contexts, bus, metrics, self, workers, pipelines);
    balancing.open();
    observe(cluster, balancing, timer);
    warnOfMissing(pipelines);
    KeyAssembly.settle(keys);
    Optional<Scrubber> scrubber = startScrub(directory, settings, metrics, pipelines, bus);
    HeatAssembly.Parts hot =
        openHeat(cluster, bus.view(KERNEL), balancing, metrics, timer, workers);
    figures = Optional.of(hot.figures());
    WhatIfOffice whatIf = newWhatIf(balancing, cluster, recorder, bus.view(KERNEL));
    ClusterOffice office = surroundings.opening.get();
    return new Kernel.Parts(
        directory,
        mode,
        cluster,
        clock.instant(),
        bus,
        bus.view(KERNEL),
        lifecycle,
        contexts::guards,
        openOffice(deadLetters, bus),
        audit,
        tokens.get(),
        keys,
        surroundings.keyOffice,
        scrubber,
        metrics,
        requests,
        balancing,
        whatIf,
        hot,
        office,
        plans.get(),
        decisions.orElse(() -> PlansOfOne.decisions(directory.nodeId(), clock.instant())),
        new Pulse("the threads of the bus", workers, clock, settings.stallLimit()),
        settings.leastFreeBytes(),
        steps);
  }

  // ---- what is checked before anything starts --------------------------------------------------

  private DataDirectory openDirectory(
      KernelSettings settings, SecureRandom random, List<String> problems) {
    try {
      DataDirectory directory =
          DataDirectory.open(options.dataDirectory(), settings.nodeName(), random);
      steps.add("unlocking the data directory", directory::close);
      return directory;
    } catch (WarehouseException e) {
      // Nothing more can be looked at without it.
      problems.add(e.detail());
      throw failure(problems);
    }
  }

  private Optional<TokenStore> openTokens(
      DataDirectory directory,
      KernelSettings settings,
      SecureRandom random,
      List<String> problems) {
    Path place = settings.tokenDirectory().orElse(directory.path().resolve("secrets"));
    try {
      return Optional.of(TokenStore.open(place, random, clock));
    } catch (WarehouseException e) {
      problems.add(e.detail());
      return Optional.empty();
    }
  }

  private PluginLifecycle newLifecycle(NodeId node, KernelSettings settings, KeySettings keys) {
    Set<CapabilityName> needed = new HashSet<>(Set.of(StorageProvider.CAPABILITY.name()));
    if (!keys.isBuiltIn()) {
      needed.add(KeyProvider.CAPABILITY.name());
    }
    return new PluginLifecycle(
        new PluginLifecycle.Options(
            new KernelOffer(SdkVersion.CURRENT, node, mode),
            new ProviderSelection(config, KeySettings.builtIn()),
            needed,
            new PluginLifecycle.Limits(
                settings.handshakeTimeout(), settings.startTimeout(), settings.stopTimeout()),
            threads),
        capabilities,
        plugins);
  }

  /** Returns the office of balancing; empty where a setting is wrong, which the reader tells. */
  private Optional<BalancingOffice> openBalancing(SettingsReader reader) {
    Map<BalancingSetting, String> configured = new EnumMap<>(BalancingSetting.class);
    for (BalancingSetting setting : BalancingSetting.values()) {
      reader.find(setting.key()).ifPresent(text -> configured.put(setting, text));
    }
    try {
      return Optional.of(
          new BalancingOffice(
              new BalancingOffice.Options(
                  mode == OperatingMode.CLUSTERED ? DeploymentTier.SMB : DeploymentTier.INDIVIDUAL,
                  configured,
                  () -> capabilities.all(LoadBalancerStrategy.CAPABILITY),
                  () -> capabilities.all(AffinityProvider.CAPABILITY),
                  System::nanoTime)));
    } catch (WarehouseException e) {
      reader.problem("dw.load-balancing: " + e.detail());
      return Optional.empty();
    }
  }

  private LoadRecorder newRecorder(
      boolean enabled, BalancingOffice balancing, ScheduledThreadPoolExecutor timer) {
    LoadRecorder recorder =
        new LoadRecorder(
            enabled,
            System::nanoTime,
            () -> balancing.inForce().settings().config().rebalancing().loadWindow());
    if (enabled) {
      var unused =
          timer.scheduleAtFixedRate(
              recorder::tick,
              LoadRecorder.TICK.toMillis(),
              LoadRecorder.TICK.toMillis(),
              TimeUnit.MILLISECONDS);
    }
    return recorder;
  }

  /** One simulation at a time, on a thread that serves nothing else. */
  private WhatIfOffice newWhatIf(
      BalancingOffice balancing,
      ClusterContext cluster,
      LoadRecorder recorder,
      MessageBus kernelBus) {
    Recordings recordings =
        new Recordings(
            new Recordings.Options(
                cluster.localNodeId(), recorder, nodeRequests(kernelBus), Recordings.LIMIT));
    recordings.register(kernelBus);
    steps.add("telling recorded requests no more", recordings::close);
    ThreadPoolExecutor thread =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.MINUTES,
            new LinkedBlockingQueue<>(),
            new NamedThreads("dw-whatif", threads));
    thread.allowCoreThreadTimeOut(true);
    steps.add("ending the thread of simulations", thread::shutdownNow);
    return new WhatIfOffice(
        new WhatIfOffice.Options(balancing, cluster, recorder, recordings, clock, thread));
  }

  /** Asks one certain node; a node that is alone asks itself. */
  private NodeRequests nodeRequests(MessageBus kernelBus) {
    ClusterAssembly.Member joined = member;
    return joined == null ? (node, message) -> kernelBus.request(message) : joined.bus();
  }

  /** Lets the office of balancing see how big the installation is, again and again. */
  private static void observe(
      ClusterContext cluster, BalancingOffice balancing, ScheduledThreadPoolExecutor timer) {
    var unused =
        timer.scheduleAtFixedRate(
            () -> {
              try {
                balancing.observe(cluster);
              } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "looking at the load failed; it goes on", e);
              }
            },
            0,
            1,
            TimeUnit.SECONDS);
  }

  private static WarehouseException failure(List<String> problems) {
    return new WarehouseException(StandardErrorCode.BOOT_FAILED, String.join("; ", problems));
  }

  private void warnOfUnknown(SettingsReader reader, PluginLifecycle lifecycle) {
    Set<String> known = new HashSet<>(reader.known());
    for (CapabilityStatus capability : lifecycle.capabilities()) {
      known.add(ProviderSelection.key(capability.name()));
    }
    List<String> prefixes =
        lifecycle.plugins().stream()
            .map(PluginStatus::id)
            .map(PluginContexts::configPrefix)
            .toList();
    List<String> unknown = KernelSettings.unknown(config, known, prefixes);
    if (!unknown.isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "settings that nothing reads, perhaps misspelt: {0}",
          String.join(", ", unknown));
    }
  }

  // ---- parts ---------------------------------------------------------------------------------

  private static void measure(
      PrometheusMetrics metrics, DataDirectory directory, PluginLifecycle lifecycle) {
    metrics.gauge(
        "data.usable.bytes",
        "Bytes that can still be written to the data directory",
        Map.of(),
        directory::usableBytes);
    for (PluginState state : PluginState.values()) {
      metrics.gauge(
          "plugins",
          "Plugins, by state",
          Map.of("state", state.name().toLowerCase(Locale.ROOT)),
          () -> lifecycle.plugins().stream().filter(plugin -> plugin.state() == state).count());
    }
  }

  private ForkJoinPool newWorkers(KernelSettings settings) {
    ForkJoinPool workers =
        BusWorkers.create("dw-bus", settings.busThreads(), Kernel.class.getClassLoader());
    steps.add("ending the bus's threads", workers::shutdownNow);
    return workers;
  }

  private DeadLetterStore openDeadLetters(
      DataDirectory directory, KernelSettings settings, PrometheusMetrics metrics) {
    return new DeadLetterStore(
        FileKernelStorage.open(directory.path().resolve("kernel").resolve("kernel.deadletters")),
        Json.codec(),
        clock,
        metrics,
        settings.deadLetters());
  }

  private AuditTrail openAudit(
      DataDirectory directory,
      KernelSettings settings,
      PrometheusMetrics metrics,
      ScheduledExecutorService timer,
      Executor executor) {
    DurableAuditTrail trail =
        DurableAuditTrail.open(
            new DurableAuditTrail.Options(
                directory.path().resolve("kernel").resolve("kernel.audit"),
                directory.nodeId(),
                clock,
                metrics,
                settings.audit()));
    // The timer itself must not wait for a disk: heartbeats and deadlines hang on it.
    var unused =
        timer.scheduleWithFixedDelay(() -> executor.execute(trail::prune), 1, 1, TimeUnit.HOURS);
    return trail;
  }

  /** Whoever can write to the directory of secrets can replace a token. */
  private static AuditEvent replacedToken(Role role) {
    return AuditEvent.ofKernel(
        KERNEL,
        "",
        "token.replace",
        AuditEvent.Outcome.DONE,
        "token of role " + role.label(),
        "its file was replaced");
  }

  private Optional<Scrubber> startScrub(
      DataDirectory directory,
      KernelSettings settings,
      PrometheusMetrics metrics,
      ContentPipelines pipelines,
      KernelBus bus) {
    MessageBus kernelBus = bus.view(KERNEL);
    Optional<Scrubber> scrubber =
        capabilities
            .find(StorageProvider.CAPABILITY)
            .map(
                provider ->
                    new Scrubber(
                        new Scrubber.Options(
                            provider,
                            pipelines,
                            FileKernelStorage.open(
                                directory.path().resolve("kernel").resolve("kernel.scrub")),
                            clock,
                            System::nanoTime,
                            time -> TimeUnit.NANOSECONDS.sleep(time.toNanos()),
                            settings.scrubBytesPerSecond(),
                            settings.scrubPause(),
                            metrics,
                            finding -> tell(kernelBus, finding))));
    scrubber
        .filter(scrub -> settings.scrubBytesPerSecond() > 0)
        .ifPresent(
            scrub -> {
              Thread thread =
                  Objects.requireNonNull(new NamedThreads("dw-scrub", threads).newThread(scrub));
              thread.start();
              steps.add("stopping the scrub", () -> end(thread, settings.stopTimeout()));
            });
    return scrubber;
  }

  private static void tell(MessageBus bus, Finding finding) {
    finding
        .blob()
        .ifPresent(
            blob ->
                bus.publish(
                    Message.event(
                            StorageTopics.DAMAGED,
                            Payload.of(new BlobDamaged(blob, finding.reason())))
                        .affinityKey(blob.affinityKey())
                        .build()));
  }

  private HeatAssembly.Parts openHeat(
      ClusterContext cluster,
      MessageBus kernelBus,
      BalancingOffice balancing,
      PrometheusMetrics metrics,
      ScheduledExecutorService timer,
      Executor workers) {
    ClusterAssembly.Member joined = member;
    return new HeatAssembly(
            new HeatAssembly.Node(
                cluster,
                Optional.ofNullable(joined).map(member -> member.blobs().maps()),
                nodeRequests(kernelBus),
                kernelBus,
                balancing,
                heat,
                key -> mapOf(joined, key.bucket()).segmentOf(key.bucket(), key.key()),
                joined == null
                    ? OwnSegments.none()
                    : OwnSegments.of(
                        joined.blobs().maps(),
                        () -> balancing.inForce().settings().config().sharding().automatic()),
                shards -> divideHotRanges(shards, workers),
                Optional.ofNullable(joined).map(ClusterAssembly.Member::copies),
                clock,
                threads,
                metrics,
                timer,
                steps))
        .open(capabilities.find(StorageProvider.CAPABILITY));
  }

  /** Done on the workers: who ticks must not wait for other nodes. One at a time. */
  private void divideHotRanges(Supplier<List<HotShards.Shard>> shards, Executor workers) {
    BlobService service = blobs;
    if (service != null && dividing.compareAndSet(false, true)) {
      try {
        workers.execute(
            () -> {
              try {
                service.divideHotRanges(shards);
              } finally {
                dividing.set(false);
              }
            });
      } catch (RejectedExecutionException e) {
        dividing.set(false);
      }
    }
  }

  /** On a node that is alone all keys are spread by a hash, and all segments are its own. */
  private static ShardMap mapOf(ClusterAssembly.@Nullable Member joined, BucketName bucket) {
    return Optional.ofNullable(joined)
        .flatMap(member -> member.blobs().maps().latest(bucket))
        .orElse(ShardMap.HASHED);
  }

  private static void end(Thread thread, Duration limit) {
    thread.interrupt();
    try {
      thread.join(limit.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ScheduledThreadPoolExecutor newTimer() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(1, new NamedThreads("dw-timer", threads));
    timer.setRemoveOnCancelPolicy(true);
    steps.add("ending the timer", timer::shutdownNow);
    return timer;
  }

  private LocalMessageBus newBus(
      DataDirectory directory,
      KernelSettings settings,
      PrometheusMetrics metrics,
      ForkJoinPool workers,
      ScheduledThreadPoolExecutor timer,
      DeadLetterStore deadLetters) {
    return new LocalMessageBus(
        new LocalMessageBus.Options(
            directory.nodeId(),
            clock,
            Json.codec(),
            workers,
            timer,
            deadLetters,
            metrics,
            settings.busQueueBytes(),
            settings.busTimeout()));
  }

  /**
   * What differs between a node that is alone and a member of a cluster.
   *
   * @param cluster as plugins see it
   * @param bus what reaches everybody there is
   * @param dataKeys the node's keys for content
   * @param keyOffice what an administrator may do with keys
   * @param opening called when the plugins run and the blobs are there
   * @param farewell called first when the node stops
   */
  private record Surroundings(
      ClusterContext cluster,
      KernelBus bus,
      DataKeys dataKeys,
      KeyOffice keyOffice,
      Supplier<ClusterOffice> opening,
      Runnable farewell) {}

  /**
   * Its outbox is the one of a cluster's bus: what it keeps outlives the change from one to other.
   */
  private LoneMessageBus newLoneBus(
      DataDirectory directory,
      LocalMessageBus local,
      Executor workers,
      ScheduledExecutorService timer,
      PrometheusMetrics metrics) {
    LoneMessageBus bus =
        new LoneMessageBus(
            new LoneMessageBus.Options(
                local,
                directory.nodeId(),
                Math.max(1, clock.millis()),
                FileKernelStorage.open(directory.path().resolve("kernel").resolve("kernel.outbox")),
                Json.codec(),
                clock,
                System::nanoTime,
                timer,
                workers,
                metrics,
                LoneMessageBus.OUTBOX_EVENTS,
                LoneMessageBus.OUTBOX_BYTES));
    steps.add("keeping durable events no more", bus::close);
    return bus;
  }

  private Surroundings workAlone(
      DataDirectory directory,
      NodePlace place,
      LoneMessageBus bus,
      BalancingOffice balancing,
      Keyring own,
      PrometheusMetrics metrics) {
    NodeId self = directory.nodeId();
    var following =
        balancing.follow(
            new KeptOrders(
                FileKernelStorage.open(
                    directory.path().resolve("kernel").resolve("kernel.balance"))));
    steps.add("following orders of balancing no more", following::close);
    InMemoryClusterMembership membership = join(self, place);
    ClusterContext cluster = new SingleNodeCluster(membership, clock);
    Affinities affinities = new Affinities(System::nanoTime, metrics);
    return new Surroundings(
        cluster,
        bus,
        own,
        own,
        () -> {
          bus.resume();
          return new SingleNodeOffice(
              cluster,
              message ->
                  affinities
                      .assign(balancing.inForce().affinity(), message.topic())
                      .map(assigned -> assigned.explain(message, clock.instant())),
              () -> balancing.settings().breaksCircuits());
        },
        () -> membership.drain(self, "the node stops"));
  }

  private Surroundings joinOthers(ClusterAssembly assembly) {
    ClusterAssembly.Member joined = assembly.join();
    member = joined;
    moving = service -> assembly.move(joined, service);
    plans = assembly::plans;
    decisions = Optional.of(assembly::decisions);
    return new Surroundings(
        joined.cluster(),
        joined.bus(),
        joined.decrees(),
        joined.keys(),
        () -> assembly.open(joined, Objects.requireNonNull(blobs, "blobs")),
        () -> assembly.farewell(joined));
  }

  /** The node joins itself before plugins start: they find it active. */
  private InMemoryClusterMembership join(NodeId node, NodePlace place) {
    NodeDescriptor self =
        new NodeDescriptor(
            node,
            Math.max(1, clock.millis()),
            "local",
            Map.of(),
            place.zone(),
            place.rack(),
            place.weight(),
            version(),
            clock.instant(),
            Set.of(),
            place.labels());
    InMemoryClusterMembership membership = new InMemoryClusterMembership(self, clock);
    JoinResult joined =
        membership.join(new JoinRequest("datawarehouse", self, List.of(), Duration.ofSeconds(1)));
    if (!joined.joined()) {
      throw failure(List.of("the node cannot work alone: " + joined));
    }
    steps.add("leaving", () -> membership.leave("the node has stopped"));
    return membership;
  }

  private static String version() {
    String version = Kernel.class.getPackage().getImplementationVersion();
    return version == null ? "unknown" : version;
  }

  private SharedExecutor newExecutor(KernelSettings settings) {
    SharedExecutor executor =
        new SharedExecutor(
            settings.executorThreads(),
            settings.executorQueue(),
            new NamedThreads("dw-plugin", threads));
    steps.add("ending the plugins' threads", executor::shutdownNow);
    return executor;
  }

  private DeadLetterOffice openOffice(DeadLetterStore store, KernelBus bus) {
    return new DurableDeadLetterOffice(
        store,
        new DurableDeadLetterOffice.Redelivery() {
          @Override
          public CompletionStage<Void> resend(Message command) {
            return bus.resend(command);
          }

          @Override
          public CompletionStage<Void> redeliver(Message event, String subscriber) {
            return bus.redeliver(event, subscriber);
          }
        },
        Json.codec(),
        clock);
  }

  // ---- plugins and storage -------------------------------------------------------------------

  private void startPlugins(
      PluginLifecycle lifecycle,
      PluginContexts contexts,
      KernelBus bus,
      PrometheusMetrics metrics,
      NodeDescriptor self,
      Executor workers,
      ContentPipelines pipelines) {
    MessageBus kernelBus = bus.view(KERNEL);
    lifecycle.start(
        contexts,
        plugin -> {
          // As soon as there is a store: plugins that start later may want to use it.
          if (blobs == null) {
            openBlobs(self, metrics, workers, pipelines)
                .ifPresent(
                    service -> {
                      moving.accept(service);
                      service.register(kernelBus);
                    });
          }
        });
  }

  private Optional<BlobService> openBlobs(
      NodeDescriptor self,
      PrometheusMetrics metrics,
      Executor workers,
      ContentPipelines pipelines) {
    String name = capabilities.providerName(StorageProvider.CAPABILITY).orElse(KERNEL);
    Optional<BlobService> service =
        capabilities
            .find(StorageProvider.CAPABILITY)
            .map(
                provider ->
                    newBlobs(
                        new BlobService.Options(
                            keyring == null ? provider : new KeptStorage(provider, name, keyring),
                            name,
                            self.id(),
                            clock,
                            metrics,
                            workers,
                            pipelines,
                            this::sharding,
                            heat,
                            self)));
    service.ifPresent(opened -> blobs = opened);
    return service;
  }

  private ShardingScheme sharding() {
    return Objects.requireNonNull(balancingOffice, "balancing")
        .inForce()
        .settings()
        .config()
        .sharding()
        .scheme();
  }

  private BlobService newBlobs(BlobService.Options blobOptions) {
    ClusterAssembly.Member joined = member;
    return joined == null
        ? new BlobService(blobOptions)
        : BlobService.clustered(blobOptions, joined.blobs());
  }

  /** The node serves what it can; only buckets without a pipeline of their own cannot be made. */
  private static void warnOfMissing(ContentPipelines pipelines) {
    try {
      pipelines.choose(Optional.empty());
    } catch (WarehouseException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "dw.storage.pipeline cannot be used, so buckets that ask for nothing cannot be made: {0}",
          e.detail());
    }
  }

  private void closeBlobs() {
    if (blobs != null) {
      blobs.close();
    }
  }

  private static void drain(KernelBus bus, KernelSettings settings) {
    if (!bus.drain(settings.drainTimeout())) {
      LOG.log(
          System.Logger.Level.WARNING,
          "messages were still under way after {0}; they were given up",
          settings.drainTimeout());
    }
  }
}
