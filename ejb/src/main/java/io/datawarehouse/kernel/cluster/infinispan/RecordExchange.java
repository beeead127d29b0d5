package io.datawarehouse.kernel.cluster.infinispan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.metric.Metrics;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * All registries of a node and how their records get to the others. Thread-safe.
 *
 * <p>All registries share one cache, under keys {@code registry/node}. Every node writes the keys
 * that end in its own name and no others, so that nothing conflicts; a record carries the run that
 * wrote it and a counter, and who reads keeps the newest. That makes the cache's own way of merging
 * a partition harmless: it may drop what one side wrote, but each node says its own record again
 * after every change of the view, and nobody who has seen a record goes back behind it.
 *
 * <p>An audit finds what is lost all the same: in the registry {@code audit} every node says, for
 * each registry, a checksum of the versions that it holds of the nodes that are there. Where two
 * nodes differ twice in a row, both say their own records again.
 */
final class RecordExchange {

  private static final System.Logger LOG = System.getLogger(RecordExchange.class.getName());

  private static final String AUDIT = "audit";
  private static final long RETRY_MILLIS = 500;
  private static final TypeReference<TreeMap<String, String>> CHECKSUMS = new TypeReference<>() {};

  private final NodeId self;
  private final ScheduledExecutorService executor;
  private final Metrics.Counter mended;
  private final Map<String, ReplicatedRecords> registries = new ConcurrentHashMap<>();
  private volatile long incarnation;
  private volatile @Nullable RecordCache cache;
  private volatile long laterRun;
  // Confined to the executor, as is all that follows.
  private final Map<String, Sending> sendings = new HashMap<>();
  private Map<String, String> audited = Map.of();
  private Set<String> differed = Set.of();

  /** What is on its way of one registry's own record. */
  private static final class Sending {
    boolean underWay;
    boolean again;
  }

  /**
   * Makes an exchange that is not attached to a cache yet.
   *
   * @param executor one thread
   */
  RecordExchange(
      NodeId self, long incarnation, ScheduledExecutorService executor, Metrics metrics) {
    this.self = self;
    this.incarnation = incarnation;
    this.executor = executor;
    this.mended =
        metrics.counter(
            "cluster.records.mended",
            "Records that were sent again because another node did not hold them",
            Map.of());
  }

  ReplicatedRecords registry(String name) {
    return registries.computeIfAbsent(
        name, key -> new ReplicatedRecords(key, self, incarnation, this::written));
  }

  static String key(String registry, NodeId node) {
    return registry + "/" + node.value();
  }

  /** Returns the latest run of this very node that a record was seen of; 0 for none. */
  long laterRun() {
    return laterRun;
  }

  /** Begins another run of this node. */
  void runAs(long newIncarnation) {
    incarnation = newIncarnation;
    registries.values().forEach(records -> records.runAs(newIncarnation));
  }

  /** Takes what the cache holds and sends what this node has to say. */
  void attach(RecordCache newCache) {
    cache = newCache;
    run(sendings::clear);
    read(newCache);
    sayAgain();
  }

  /** Only reads what is there, so that it is known before this node says anything. */
  void read(RecordCache source) {
    source.local().forEach(this::receive);
  }

  void detach() {
    cache = null;
  }

  /** Sends every own record, soon. */
  void sayAgain() {
    registries.values().forEach(this::written);
  }

  /** Takes an entry that the cache got. */
  void receive(String key, String value) {
    int slash = key.indexOf('/');
    Optional<VersionedRecord> record = VersionedRecord.decode(value);
    if (slash <= 0 || record.isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING, "an entry of the cluster''s records is no record: {0}", key);
      return;
    }
    NodeId node;
    try {
      node = new NodeId(key.substring(slash + 1));
    } catch (WarehouseException e) {
      LOG.log(System.Logger.Level.WARNING, "a record of the cluster is of no node: {0}", key);
      return;
    }
    if (node.equals(self)) {
      if (record.get().incarnation() > incarnation) {
        laterRun = record.get().incarnation();
      }
      return;
    }
    registry(key.substring(0, slash)).receive(node, record.get());
  }

  /** Drops the records of nodes that are remembered no longer, everywhere if this node leads. */
  void forget(Set<NodeId> nodes, boolean leads) {
    RecordCache present = cache;
    for (NodeId node : nodes) {
      for (ReplicatedRecords records : registries.values()) {
        records.forget(node);
        if (leads && present != null) {
          present.remove(key(records.name(), node));
        }
      }
    }
  }

  /** Compares what is held here and elsewhere; called on the executor. */
  void audit(Set<NodeId> present) {
    RecordCache source = cache;
    if (source == null) {
      return;
    }
    Map<String, String> local = source.local();
    local.forEach(this::receive);
    Map<String, String> checksums = checksums(present);
    for (ReplicatedRecords records : registries.values()) {
      if (!holdsOwn(local, records)) {
        mended.increment();
        written(records);
      }
    }
    Set<String> differing = differing(checksums, present);
    for (String name : differing) {
      if (differed.contains(name)
          && checksums.get(name) != null
          && checksums.get(name).equals(audited.get(name))) {
        mended.increment();
        written(registry(name));
      }
    }
    differed = differing;
    if (!checksums.equals(audited)) {
      audited = checksums;
      registry(AUDIT).publish(new String(Json.write(checksums), StandardCharsets.UTF_8));
    }
  }

  private boolean holdsOwn(Map<String, String> local, ReplicatedRecords records) {
    VersionedRecord own = records.own();
    if (own == null) {
      return true;
    }
    String value = local.get(key(records.name(), self));
    return value != null
        && VersionedRecord.decode(value).filter(record -> !own.newerThan(record)).isPresent();
  }

  private Map<String, String> checksums(Set<NodeId> present) {
    Map<String, String> checksums = new TreeMap<>();
    for (ReplicatedRecords records : registries.values()) {
      if (!records.name().equals(AUDIT)) {
        checksums.put(records.name(), checksum(records.versions(), present));
      }
    }
    return checksums;
  }

  private static String checksum(SortedMap<NodeId, String> versions, Set<NodeId> present) {
    CRC32C crc = new CRC32C();
    versions.forEach(
        (node, version) -> {
          if (present.contains(node)) {
            crc.update((node + "=" + version + "\n").getBytes(StandardCharsets.UTF_8));
          }
        });
    return Long.toHexString(crc.getValue());
  }

  /** Returns the registries of which another node that is there holds something else. */
  private Set<String> differing(Map<String, String> checksums, Set<NodeId> present) {
    Set<String> differing = new HashSet<>();
    registry(AUDIT)
        .snapshot()
        .forEach(
            (node, text) -> {
              if (!node.equals(self) && present.contains(node)) {
                Map<String, String> theirs = readChecksums(text);
                checksums.forEach(
                    (name, checksum) -> {
                      if (!checksum.equals(theirs.get(name))) {
                        differing.add(name);
                      }
                    });
              }
            });
    return differing;
  }

  private static Map<String, String> readChecksums(String text) {
    try {
      Map<String, String> read = Json.mapper().readValue(text, CHECKSUMS);
      return read == null ? Map.of() : read;
    } catch (JsonProcessingException e) {
      return Map.of();
    }
  }

  private void written(ReplicatedRecords records) {
    run(() -> send(records));
  }

  /**
   * Sends the newest own record, one sending of a registry at a time: a later one cannot overtake.
   */
  private void send(ReplicatedRecords records) {
    RecordCache target = cache;
    VersionedRecord own = records.own();
    if (target == null || own == null) {
      return;
    }
    Sending sending = sendings.computeIfAbsent(records.name(), name -> new Sending());
    if (sending.underWay) {
      sending.again = true;
      return;
    }
    sending.underWay = true;
    CompletionStage<?> sent;
    try {
      sent = target.put(key(records.name(), self), own.encode());
    } catch (RuntimeException e) {
      sent = CompletableFuture.failedFuture(e);
    }
    sent.whenComplete((ignored, failure) -> run(() -> sent(records, sending, failure)));
  }

  private void sent(ReplicatedRecords records, Sending sending, @Nullable Throwable failure) {
    sending.underWay = false;
    if (failure != null) {
      LOG.log(
          System.Logger.Level.DEBUG,
          () -> "sending " + records.name() + " is tried again",
          failure);
      sending.again = false;
      if (cache != null) {
        later(() -> send(records));
      }
    } else if (sending.again) {
      sending.again = false;
      send(records);
    }
  }

  /** Runs on the executor; does nothing after it was closed. */
  private void run(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.TRACE, "closed already", e);
    }
  }

  private void later(Runnable task) {
    try {
      var unused = executor.schedule(task, RETRY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.TRACE, "closed already", e);
    }
  }
}
