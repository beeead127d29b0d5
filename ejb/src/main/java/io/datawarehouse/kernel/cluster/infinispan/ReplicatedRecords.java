package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.kernel.cluster.NodeRecords;
import io.datawarehouse.kernel.cluster.OrderedListeners;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One registry as this node knows it: of every node the newest record that was ever seen. An older
 * record never takes the place of a newer one, whatever the cache holds in between. Thread-safe.
 */
final class ReplicatedRecords implements NodeRecords {

  /** The longest record, in characters. */
  static final int LONGEST = 1 << 20;

  private final String name;
  private final NodeId self;
  private final Consumer<ReplicatedRecords> written;
  private final OrderedListeners<NodeId> listeners = new OrderedListeners<>();
  private final Object lock = new Object();
  // Guarded by lock, as is the counter.
  private final Map<NodeId, VersionedRecord> held = new HashMap<>();
  private long incarnation;
  private long counter;
  // Written under lock.
  private volatile Map<NodeId, String> snapshot = Map.of();

  /**
   * Makes an empty registry.
   *
   * @param written told, without a lock, when there is a record of this node to send
   */
  ReplicatedRecords(
      String name, NodeId self, long incarnation, Consumer<ReplicatedRecords> written) {
    this.name = name;
    this.self = self;
    this.incarnation = incarnation;
    this.written = written;
  }

  String name() {
    return name;
  }

  @Override
  public void publish(String text) {
    if (text.length() > LONGEST) {
      throw new WarehouseException(
          StandardErrorCode.TOO_LARGE,
          "a record of "
              + text.length()
              + " characters is too long for "
              + name
              + ", at most "
              + LONGEST);
    }
    synchronized (lock) {
      counter++;
      hold(self, new VersionedRecord(incarnation, counter, text));
    }
    written.accept(this);
    listeners.tell();
  }

  @Override
  public Map<NodeId, String> snapshot() {
    return snapshot;
  }

  @Override
  public Watch watch(Consumer<NodeId> listener) {
    return listeners.watch(listener);
  }

  /** Begins another run of this node: its record is said again as one of that run. */
  void runAs(long newIncarnation) {
    synchronized (lock) {
      VersionedRecord own = held.get(self);
      if (newIncarnation != incarnation) {
        incarnation = newIncarnation;
        counter = own == null ? 0 : 1;
        if (own != null) {
          hold(self, new VersionedRecord(incarnation, counter, own.text()));
        }
      }
    }
    listeners.tell();
  }

  /** Returns this node's own record, if it has said one. */
  @Nullable VersionedRecord own() {
    synchronized (lock) {
      return held.get(self);
    }
  }

  /** Returns the record of a node, if one is known. */
  Optional<VersionedRecord> find(NodeId node) {
    synchronized (lock) {
      return Optional.ofNullable(held.get(node));
    }
  }

  /** Takes a record of another node; returns whether it is news. */
  boolean receive(NodeId node, VersionedRecord record) {
    if (node.equals(self)) {
      return false;
    }
    synchronized (lock) {
      VersionedRecord before = held.get(node);
      if (before != null && !record.newerThan(before)) {
        return false;
      }
      hold(node, record);
    }
    listeners.tell();
    return true;
  }

  /** Drops the record of a node that is remembered no longer. */
  void forget(NodeId node) {
    synchronized (lock) {
      if (node.equals(self) || held.remove(node) == null) {
        return;
      }
      replaceSnapshot();
      listeners.add(node);
    }
    listeners.tell();
  }

  /** Returns which version is held of which node. */
  SortedMap<NodeId, String> versions() {
    SortedMap<NodeId, String> versions = new TreeMap<>();
    synchronized (lock) {
      held.forEach((node, record) -> versions.put(node, record.version()));
    }
    return versions;
  }

  /** Called under lock. */
  private void hold(NodeId node, VersionedRecord record) {
    held.put(node, record);
    replaceSnapshot();
    listeners.add(node);
  }

  /** Called under lock. */
  private void replaceSnapshot() {
    Map<NodeId, String> texts = new HashMap<>();
    held.forEach((node, record) -> texts.put(node, record.text()));
    snapshot = Map.copyOf(texts);
  }
}
