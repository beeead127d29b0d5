package io.datawarehouse.kernel.boot;

import io.datawarehouse.kernel.audit.AuditLimits;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.heat.ReadCopies;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.resilience.BulkheadSettings;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The kernel's own settings, with their defaults. Immutable.
 *
 * @param nodeName what the node is called, where that is said
 * @param tokenDirectory where the access tokens are, where that is said
 * @param busTimeout how long a request waits for its answer where its sender says nothing
 * @param busThreads how many threads run handlers
 * @param busQueueBytes how many bytes of payload may wait in its queues
 * @param deadLetters how many dead letters are kept
 * @param executorThreads how many threads plugins share
 * @param executorQueue how many of their tasks may wait
 * @param breaker when a plugin's circuit opens
 * @param bulkhead how much a plugin's compartment holds
 * @param handshakeTimeout how long a plugin's handshake may take
 * @param startTimeout how long a plugin's start may take
 * @param stopTimeout how long a plugin's stop may take
 * @param drainTimeout how long messages under way may take when the node stops
 * @param stallLimit how long the bus may take no task before it counts as hanging
 * @param pipeline what content of a bucket goes through that was made without saying so
 * @param scrubBytesPerSecond how fast what is stored is checked in the background; 0 for not at all
 * @param scrubPause between the end of a round of that and the next
 * @param leastFreeBytes with less room than this for data the node is not ready
 * @param copies how much is kept of hot segments of other nodes
 * @param audit how much of who did what is kept
 */
record KernelSettings(
    Optional<NodeId> nodeName,
    Optional<Path> tokenDirectory,
    Duration busTimeout,
    int busThreads,
    long busQueueBytes,
    int deadLetters,
    int executorThreads,
    int executorQueue,
    CircuitBreakerSettings breaker,
    BulkheadSettings bulkhead,
    Duration handshakeTimeout,
    Duration startTimeout,
    Duration stopTimeout,
    Duration drainTimeout,
    Duration stallLimit,
    List<String> pipeline,
    long scrubBytesPerSecond,
    Duration scrubPause,
    long leastFreeBytes,
    ReadCopies.Settings copies,
    AuditLimits audit) {

  /** What content goes through where nobody says anything. */
  private static final List<String> DEFAULT_PIPELINE = List.of("zstd", "aes-gcm");

  /** How a setting says that there shall be no stages, as an empty value counts as not given. */
  private static final String NO_STAGES = "none";

  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  /** An eighth of the heap, so that queues never fill it. */
  private static final long QUEUE_BYTES = Math.max(1L << 20, Runtime.getRuntime().maxMemory() / 8);

  /** Settings that others read: the launcher, the container's beans, the REST layer. */
  private static final Set<String> OTHERS =
      Set.of(
          "dw.data.dir",
          "dw.bind",
          "dw.port",
          "dw.log.dir",
          "dw.http.head.timeout",
          "dw.http.stall.timeout",
          "dw.http.min.rate",
          "dw.http.min.rate.grace",
          "dw.http.slow.readers",
          "dw.http.listener.blobs");

  static KernelSettings read(SettingsReader reader) {
    return new KernelSettings(
        nodeName(reader),
        reader.find("dw.tokens.dir").map(Path::of).map(Path::toAbsolutePath),
        reader.limit("dw.bus.timeout", Duration.ofSeconds(30)),
        reader.integer("dw.bus.threads", Math.max(16, 4 * PROCESSORS), 1, 1_000),
        reader.bytes("dw.bus.queue.bytes", QUEUE_BYTES, 1L << 20, Long.MAX_VALUE),
        reader.integer("dw.bus.dead-letters", 10_000, 1, 1_000_000),
        reader.integer("dw.executor.threads", Math.max(4, 2 * PROCESSORS), 1, 1_000),
        reader.integer("dw.executor.queue", 10_000, 1, 1_000_000),
        new CircuitBreakerSettings(
            reader.integer("dw.resilience.breaker.failures", 5, 1, 10_000),
            reader.limit("dw.resilience.breaker.open", Duration.ofSeconds(30)),
            reader.integer("dw.resilience.breaker.probes", 1, 1, 1_000)),
        new BulkheadSettings(
            reader.integer("dw.resilience.bulkhead.concurrency", 16, 1, 100_000),
            reader.integer("dw.resilience.bulkhead.waiting", 64, 0, 1_000_000)),
        reader.limit("dw.plugins.handshake.timeout", Duration.ofSeconds(10)),
        reader.limit("dw.plugins.start.timeout", Duration.ofSeconds(60)),
        reader.limit("dw.plugins.stop.timeout", Duration.ofSeconds(10)),
        reader.limit("dw.shutdown.drain.timeout", Duration.ofSeconds(20)),
        reader.limit("dw.health.stall-limit", Duration.ofSeconds(60)),
        pipeline(reader),
        reader.bytes("dw.scrub.rate", 8L << 20, 0, 1L << 40),
        reader.limit("dw.scrub.pause", Duration.ofHours(24)),
        reader.bytes("dw.data.least-free", 64L << 20, 0, Long.MAX_VALUE),
        new ReadCopies.Settings(
            ReadCopies.Settings.LEASE,
            reader.bytes("dw.hot-shards.copy-bytes", 32L << 20, 0, 1L << 40),
            reader.bytes("dw.hot-shards.largest-copy", 1L << 20, 0, 64L << 20)),
        audit(reader));
  }

  private static AuditLimits audit(SettingsReader reader) {
    return new AuditLimits(
        reader.integer("dw.audit.most-entries", 100_000, 1, AuditLimits.GREATEST_ENTRIES),
        reader.bytes(
            "dw.audit.most-bytes", 64L << 20, AuditLimits.LEAST_BYTES, AuditLimits.GREATEST_BYTES),
        reader.period(
            "dw.audit.keep", Duration.ofDays(90), Duration.ofSeconds(1), Duration.ofDays(3_660)),
        reader.integer("dw.audit.refusals-per-minute", 30, 1, AuditLimits.GREATEST_REFUSALS));
  }

  private static List<String> pipeline(SettingsReader reader) {
    String key = "dw.storage.pipeline";
    Optional<String> text = reader.find(key);
    if (text.isEmpty()) {
      return DEFAULT_PIPELINE;
    }
    if (text.get().equals(NO_STAGES)) {
      return List.of();
    }
    List<String> stages = Arrays.stream(text.get().split(",", -1)).map(String::strip).toList();
    try {
      return BucketSettings.none().withPipeline(stages).pipeline().orElseThrow();
    } catch (WarehouseException e) {
      reader.problem(
          key
              + " is "
              + WarehouseException.shown(text.get())
              + ": use names like zstd,aes-gcm, or none");
      return List.of();
    }
  }

  private static Optional<NodeId> nodeName(SettingsReader reader) {
    String key = "dw.node.name";
    Optional<String> name = reader.find(key);
    try {
      return name.map(NodeId::new);
    } catch (WarehouseException e) {
      reader.problem(
          key
              + " is "
              + WarehouseException.shown(name.orElse(""))
              + ": use 1 to 64 letters, digits, '-', '_' or '.'");
      return Optional.empty();
    }
  }

  /**
   * Returns the settings of this product that nobody reads: most likely misspelt.
   *
   * @param known the names that are read
   * @param knownPrefixes what other names that are read begin with
   */
  static List<String> unknown(
      KernelConfig config, Set<String> known, Collection<String> knownPrefixes) {
    return config.names().stream()
        .filter(name -> !known.contains(name) && !OTHERS.contains(name))
        .filter(name -> knownPrefixes.stream().noneMatch(name::startsWith))
        .toList();
  }
}
