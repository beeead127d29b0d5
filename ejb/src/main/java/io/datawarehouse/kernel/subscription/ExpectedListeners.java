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

/**
 * What each other node is expected to hear when it is back, also over restarts of all nodes: what
 * it heard when it was last whole. Thread-safe.
 *
 * <p>In one run, the membership tells who is remembered: with a node that it forgets goes what that
 * one is expected to hear. A membership that begins anew knows nobody, so a node of an earlier run
 * that it has not seen yet is waited for by itself, for as long as a node that died is remembered.
 * That time begins when a run first misses the node; how long all nodes were down does not count,
 * and a restart does not begin it anew.
 */
final class ExpectedListeners {

  /** The form on disk. */
  private record Stored(List<String> patterns, Optional<Long> missedSince) {}

  /**
   * What one node is expected to hear.
   *
   * @param missedSince since when it is missed; empty where the membership knows it
   */
  private record Expected(Set<TopicPattern> patterns, Optional<Instant> missedSince) {}

  private static final System.Logger LOG = System.getLogger(ExpectedListeners.class.getName());
  private static final String KEY = "heard.";

  private final KernelStorage storage;
  private final Clock clock;
  private final Duration forgetAfter;

  // All guarded by this.
  private final Map<NodeId, Expected> byNode = new TreeMap<>();
  private final Set<NodeId> seen = new HashSet<>();
  private final Set<NodeId> unwritten = new TreeSet<>();

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
                Optional.of(
                    stored.missedSince.map(Instant::ofEpochMilli).orElseGet(clock::instant))));
        if (stored.missedSince.isEmpty()) {
          unwritten.add(node);
        }
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
    Optional<Instant> missed =
        before != null
            ? before.missedSince
            : seen.contains(node) ? Optional.empty() : Optional.of(clock.instant());
    put(node, before, new Expected(Set.copyOf(patterns), missed));
  }

  private void put(NodeId node, @org.jspecify.annotations.Nullable Expected before, Expected now) {
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
      if (before != null && before.missedSince.isPresent()) {
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

  /** Forgets nodes that were missed for too long; returns whether there were any. */
  synchronized boolean forgetMissed() {
    Instant now = clock.instant();
    List<NodeId> old =
        byNode.entrySet().stream()
            .filter(
                entry ->
                    entry
                        .getValue()
                        .missedSince
                        .filter(since -> !since.plus(forgetAfter).isAfter(now))
                        .isPresent())
            .map(Map.Entry::getKey)
            .toList();
    old.forEach(this::forget);
    return !old.isEmpty();
  }

  /** Returns the patterns of all nodes; a snapshot. */
  synchronized Map<NodeId, Set<TopicPattern>> patterns() {
    Map<NodeId, Set<TopicPattern>> all = new TreeMap<>();
    byNode.forEach((node, expected) -> all.put(node, expected.patterns));
    return all;
  }

  /** Returns whether something has changed that is not on disk. */
  synchronized boolean changed() {
    return !unwritten.isEmpty();
  }

  /** Writes what has changed; what cannot be written is tried again with the next. */
  void write() {
    synchronized (writing) {
      for (NodeId node : changes()) {
        try {
          write(node);
        } catch (RuntimeException e) {
          synchronized (this) {
            unwritten.add(node);
          }
          throw e;
        }
      }
    }
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
                      expected.missedSince.map(Instant::toEpochMilli)))));
    }
  }
}
