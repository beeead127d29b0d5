package io.datawarehouse.kernel.subscription;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.TopicPattern;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What each other node is expected to hear when it is back, also over restarts of all nodes: what
 * it heard when it was last whole. Thread-safe.
 *
 * <p>In one run, the membership tells who is remembered: with a node that it forgets goes what that
 * one is expected to hear. A membership that begins anew knows nobody, so a node of an earlier run
 * that it has not seen yet is waited for by itself, for as long as a node that died is remembered.
 * Only time counts in which this node ran and could have met the other: it begins a moment after
 * each start, and its sum is on disk, so that a restart does not begin it anew.
 */
final class ExpectedListeners {

  /** The form on disk. */
  private record Stored(List<String> patterns, Optional<Long> missedMillis) {}

  /**
   * What one node is expected to hear.
   *
   * @param missedFor for how long it is missed; empty where the membership knows it
   */
  private record Expected(Set<TopicPattern> patterns, Optional<Duration> missedFor) {

    boolean missedAtLeast(Duration time) {
      return missedFor.filter(missed -> missed.compareTo(time) >= 0).isPresent();
    }

    /** Returns it missed for longer; the same where it is not missed. */
    Expected missedFurther(Duration passed) {
      return missedFor.isEmpty()
          ? this
          : new Expected(patterns, Optional.of(missedFor.get().plus(passed)));
    }
  }

  private static final System.Logger LOG = System.getLogger(ExpectedListeners.class.getName());
  private static final String KEY = "heard.";

  /** In which others can be met after a start. */
  private static final Duration MEETING = Duration.ofSeconds(30);

  /** How often the sums are written. */
  private static final Duration WRITTEN_EVERY = Duration.ofMinutes(10);

  /** For how long nothing is written after a failure. */
  private static final Duration REST = Duration.ofSeconds(5);

  private final KernelStorage storage;
  private final Clock clock;
  private final Duration forgetAfter;

  // All guarded by this.
  private final Map<NodeId, Expected> byNode = new TreeMap<>();
  private final Set<NodeId> seen = new HashSet<>();
  private final Set<NodeId> unwritten = new TreeSet<>();
  private Duration counted = Duration.ZERO;
  private @Nullable Instant countedTo;
  private @Nullable Instant failedAt;

  /** Held while files are written, so that the last one has the last state. */
  private final Object writing = new Object();

  /** Reads what an earlier run has left. */
  ExpectedListeners(KernelStorage storage, Clock clock, Duration forgetAfter) {
    this.storage = storage;
    this.clock = clock;
    this.forgetAfter = forgetAfter;
    storage.keys(KEY).forEach(this::read);
  }

  private void read(String key) {
    try {
      NodeId node = new NodeId(key.substring(KEY.length()));
      Optional<Bytes> bytes = storage.get(key);
      if (bytes.isPresent()) {
        Stored stored = Json.read(bytes.get().toArray(), Stored.class);
        byNode.put(
            node,
            new Expected(
                stored.patterns.stream().map(TopicPattern::of).collect(Collectors.toSet()),
                Optional.of(stored.missedMillis.map(Duration::ofMillis).orElse(Duration.ZERO))));
      }
    } catch (WarehouseException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "what a node was expected to hear cannot be read, it is left out: " + key,
          e);
    }
  }

  /** Hears what a node says. A run whose plugins are not all there yet takes nothing away. */
  synchronized void said(NodeId node, NodeInterests interests) {
    Expected before = byNode.get(node);
    Set<TopicPattern> patterns = new HashSet<>(interests.patterns());
    if (before != null && interests.starting()) {
      patterns.addAll(before.patterns);
    }
    Optional<Duration> missed =
        before != null
            ? before.missedFor
            : seen.contains(node) ? Optional.empty() : Optional.of(Duration.ZERO);
    put(node, before, new Expected(Set.copyOf(patterns), missed));
  }

  private void put(NodeId node, @Nullable Expected before, Expected now) {
    if (!now.equals(before)) {
      byNode.put(node, now);
      unwritten.add(node);
    }
  }

  /** Hears which nodes the membership knows, in whatever state. */
  synchronized void known(Collection<NodeId> nodes) {
    Set<NodeId> forgotten = new HashSet<>(seen);
    forgotten.removeAll(nodes);
    forgotten.forEach(this::forget);
    seen.addAll(nodes);
    for (NodeId node : nodes) {
      Expected before = byNode.get(node);
      if (before != null && before.missedFor.isPresent()) {
        put(node, before, new Expected(before.patterns, Optional.empty()));
      }
    }
  }

  /** Forgets a node. */
  synchronized void forget(NodeId node) {
    seen.remove(node);
    if (byNode.remove(node) != null) {
      unwritten.add(node);
    }
  }

  /**
   * Forgets nodes that were missed for too long; called now and then since others can be met. What
   * passes between two calls counts, except in the moment after the first.
   *
   * @return whether there were any
   */
  synchronized boolean forgetMissed() {
    Instant now = clock.instant();
    Instant since = countedTo;
    if (since == null || since.isAfter(now.plus(MEETING))) {
      // The first call, or a clock that was put back.
      countedTo = now.plus(MEETING);
      return false;
    }
    if (since.isAfter(now)) {
      return false;
    }
    countedTo = now;
    count(Duration.between(since, now));
    List<NodeId> old =
        byNode.entrySet().stream()
            .filter(entry -> entry.getValue().missedAtLeast(forgetAfter))
            .map(Map.Entry::getKey)
            .toList();
    old.forEach(this::forget);
    return !old.isEmpty();
  }

  private void count(Duration passed) {
    byNode.replaceAll((node, expected) -> expected.missedFurther(passed));
    counted = counted.plus(passed);
    if (counted.compareTo(WRITTEN_EVERY) >= 0) {
      counted = Duration.ZERO;
      byNode.forEach(
          (node, expected) -> {
            if (expected.missedFor.isPresent()) {
              unwritten.add(node);
            }
          });
    }
  }

  /** Returns the patterns of all nodes; a snapshot. */
  synchronized Map<NodeId, Set<TopicPattern>> patterns() {
    Map<NodeId, Set<TopicPattern>> all = new TreeMap<>();
    byNode.forEach((node, expected) -> all.put(node, expected.patterns));
    return all;
  }

  /** Returns whether something has changed that is to be written now: not soon after a failure. */
  synchronized boolean due() {
    return !unwritten.isEmpty() && !resting();
  }

  private boolean resting() {
    Instant failed = failedAt;
    if (failed == null) {
      return false;
    }
    Duration since = Duration.between(failed, clock.instant());
    return !since.isNegative() && since.compareTo(REST) < 0;
  }

  /** Writes what has changed; where that fails it is tried again later, and only the first told. */
  void write() {
    synchronized (writing) {
      for (NodeId node : changes()) {
        try {
          write(node);
        } catch (RuntimeException e) {
          if (failed(node)) {
            LOG.log(
                System.Logger.Level.WARNING,
                "what other nodes hear could not be written; it is tried again",
                e);
          }
          return;
        }
        succeeded();
      }
    }
  }

  private synchronized void succeeded() {
    failedAt = null;
  }

  /** Returns whether it is the first failure of a row. */
  private synchronized boolean failed(NodeId node) {
    unwritten.add(node);
    boolean first = failedAt == null;
    failedAt = clock.instant();
    return first;
  }

  private synchronized List<NodeId> changes() {
    return List.copyOf(unwritten);
  }

  private void write(NodeId node) {
    Expected expected;
    synchronized (this) {
      unwritten.remove(node);
      expected = byNode.get(node);
    }
    if (expected == null) {
      storage.delete(KEY + node);
    } else {
      storage.put(
          KEY + node,
          Bytes.copyOf(
              Json.write(
                  new Stored(
                      expected.patterns.stream().map(TopicPattern::text).sorted().toList(),
                      expected.missedFor.map(Duration::toMillis)))));
    }
  }
}
