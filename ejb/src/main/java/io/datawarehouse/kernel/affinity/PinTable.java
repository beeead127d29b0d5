package io.datawarehouse.kernel.affinity;

import io.datawarehouse.sdk.balance.Stickiness;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which node keeps which key. Thread-safe. A key is forgotten when it was not asked for as long as
 * the stickiness says, and when it is the longest unused and another one needs its room.
 *
 * <p>A large table is several ones, each with a lock and a share of the room of its own, so that
 * many threads find their keys without waiting for each other; the longest unused is then that of
 * its part. Finding a key allocates nothing.
 */
public final class PinTable {

  /** From how many keys on a table has several parts. */
  static final int LARGE = 4_096;

  private static final int PARTS = 16;

  /**
   * A key that stays with a node. Immutable.
   *
   * @param node the node
   * @param sinceNanos since when, by the ticker
   */
  public record Pin(NodeId node, long sinceNanos) {}

  /** Guarded by the lock of its part. */
  private static final class Entry {
    private Pin pin;
    private long usedAt;

    Entry(Pin pin, long usedAt) {
      this.pin = pin;
      this.usedAt = usedAt;
    }
  }

  private final long idleNanos;
  private final LongSupplier ticker;
  private final Part[] parts;

  /**
   * Makes an empty table.
   *
   * @param stickiness how long keys are kept, and how many
   * @param ticker nanoseconds that only grow
   */
  public PinTable(Stickiness.Pinned stickiness, LongSupplier ticker) {
    this.idleNanos = nanos(stickiness);
    this.ticker = ticker;
    int count = stickiness.mostKeys() < LARGE ? 1 : PARTS;
    this.parts = new Part[count];
    for (int i = 0; i < count; i++) {
      parts[i] = new Part(stickiness.mostKeys() / count);
    }
  }

  private static long nanos(Stickiness.Pinned stickiness) {
    try {
      return stickiness.idle().toNanos();
    } catch (ArithmeticException e) {
      // Three centuries and more: for ever.
      return Long.MAX_VALUE;
    }
  }

  /** Returns the node that keeps a key, which is used thereby; null where none does. */
  public @Nullable NodeId find(String key) {
    return part(key).find(key);
  }

  /** Returns the node that keeps a key and since when, without using it. */
  public Optional<Pin> show(String key) {
    return part(key).show(key);
  }

  /** Has a node keep a key, unless one does already; returns the one that keeps it now. */
  public NodeId keep(String key, NodeId node) {
    return part(key).keep(key, node);
  }

  /**
   * Moves a key from one node to another, unless somebody else has moved it meanwhile.
   *
   * @return whether it was moved
   */
  public boolean move(String key, NodeId from, NodeId to) {
    return part(key).move(key, from, to);
  }

  /** Forgets what nobody used for too long; to be called now and then. */
  public void sweep() {
    for (Part part : parts) {
      part.sweep(Integer.MAX_VALUE);
    }
  }

  /** Returns how many keys are remembered. */
  public int size() {
    int size = 0;
    for (Part part : parts) {
      size += part.size();
    }
    return size;
  }

  private Part part(String key) {
    int hash = key.hashCode();
    return parts[(hash ^ hash >>> 16) & parts.length - 1];
  }

  /** A part of the table, the longest unused key first. */
  private final class Part {

    /** How many idle keys are looked for when one is added. */
    private static final int AT_ONCE = 2;

    private final int most;

    // Guarded by this.
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    Part(int most) {
      this.most = most;
    }

    synchronized @Nullable NodeId find(String key) {
      Entry entry = entries.get(key);
      if (entry == null) {
        return null;
      }
      long now = ticker.getAsLong();
      if (idle(entry, now)) {
        entries.remove(key);
        return null;
      }
      entry.usedAt = now;
      return entry.pin.node;
    }

    synchronized Optional<Pin> show(String key) {
      // Asking the map would make the key the last used one.
      long now = ticker.getAsLong();
      for (Map.Entry<String, Entry> each : entries.entrySet()) {
        if (each.getKey().equals(key)) {
          return idle(each.getValue(), now) ? Optional.empty() : Optional.of(each.getValue().pin);
        }
      }
      return Optional.empty();
    }

    synchronized NodeId keep(String key, NodeId node) {
      NodeId standing = find(key);
      if (standing != null) {
        return standing;
      }
      sweep(AT_ONCE);
      if (entries.size() >= most) {
        Iterator<String> oldest = entries.keySet().iterator();
        oldest.next();
        oldest.remove();
      }
      long now = ticker.getAsLong();
      entries.put(key, new Entry(new Pin(node, now), now));
      return node;
    }

    synchronized boolean move(String key, NodeId from, NodeId to) {
      Entry entry = entries.get(key);
      if (entry == null || !entry.pin.node.equals(from)) {
        return false;
      }
      long now = ticker.getAsLong();
      entry.pin = new Pin(to, now);
      entry.usedAt = now;
      return true;
    }

    synchronized void sweep(int atOnce) {
      long now = ticker.getAsLong();
      Iterator<Entry> oldest = entries.values().iterator();
      for (int i = 0; i < atOnce && oldest.hasNext() && idle(oldest.next(), now); i++) {
        oldest.remove();
      }
    }

    synchronized int size() {
      return entries.size();
    }

    private boolean idle(Entry entry, long now) {
      return now - entry.usedAt >= idleNanos;
    }
  }
}
