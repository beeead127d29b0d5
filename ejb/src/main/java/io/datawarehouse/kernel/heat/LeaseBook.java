package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.cluster.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * What an owner remembers of the leases under which other nodes keep copies of its blobs.
 * Thread-safe; it sends nothing itself.
 *
 * <p>Leases as Gray and Cheriton describe them ("Leases: an efficient fault-tolerant mechanism for
 * distributed file cache consistency", SOSP 1989): a holder may serve what it has as long as its
 * lease runs; the owner changes nothing before every holder has dropped the key or its lease has
 * run out. The rules here:
 *
 * <ol>
 *   <li>A change is announced before its commit ({@link #begin}) and is free to commit once {@link
 *       Change#remaining} says zero: all holders have answered, or the leases of those that have
 *       not are over. So no reader anywhere sees the old version after one has seen the new.
 *   <li>A version may be kept by a holder only if no change of the segment was announced or under
 *       way while the owner read it ({@link #reading}).
 *   <li>A lease with an answer outstanding is not renewed, so that waiting for its end has an end.
 *   <li>Each unbroken lease has a name of its own; one that was given after a gap has another, and
 *       what was kept under the name before is worthless.
 *   <li>An owner that has just started, or has just got a segment, does not know the leases that
 *       were given before: its first changes wait for one whole length.
 * </ol>
 *
 * <p>A holder counts its lease from when it asked, and shorter by {@link #DRIFT}; the owner counts
 * from when it answered. Both use clocks that only grow, and neither needs to know the other's.
 */
public final class LeaseBook {

  /** By which part clocks may run apart before a lease ends too late. */
  static final double DRIFT = 0.1;

  /**
   * A lease as its holder gets it. Immutable.
   *
   * @param segment of which segment
   * @param name of the unbroken lease
   */
  public record Grant(int segment, String name) {}

  private record Lease(String name, long until, int awaited) {}

  private static final class Segment {
    private final Map<BlobKey, Integer> changing = new HashMap<>();
    private final Map<NodeId, Lease> leases = new TreeMap<>();
    private Set<NodeId> welcome = Set.of();
    private long announced;
    private long quietUntil;

    /** How many there are who want no lease given. */
    private int paused;

    Segment(long quietUntil) {
      this.quietUntil = quietUntil;
    }
  }

  private final Duration length;
  private final LongSupplier ticker;
  private final String life;

  /** Each guarded by itself. */
  private final Segment[] segments = new Segment[SingleNodePlacement.SEGMENTS];

  /** Guarded by this. */
  private long names;

  /**
   * Makes the book of an owner that has just started.
   *
   * @param length how long a lease runs; the same as in any life of any owner before
   * @param ticker nanoseconds that only grow
   * @param life a name that no other life of any node has
   */
  public LeaseBook(Duration length, LongSupplier ticker, String life) {
    this.length = length;
    this.ticker = ticker;
    this.life = life;
    long quietUntil = ticker.getAsLong() + length.toNanos();
    for (int segment = 0; segment < segments.length; segment++) {
      segments[segment] = new Segment(quietUntil);
    }
  }

  /** Returns how long a lease runs. */
  public Duration length() {
    return length;
  }

  // ---- giving ----------------------------------------------------------------------------------

  /** Says which nodes may hold leases of a segment from now on; none for a segment that is cold. */
  public void welcome(int segment, Collection<NodeId> holders) {
    Segment book = segments[segment];
    synchronized (book) {
      book.welcome = Set.copyOf(holders);
    }
  }

  /** Notes that this node owns a segment that was another's: leases may be out. */
  public void acquired(int segment) {
    Segment book = segments[segment];
    synchronized (book) {
      book.quietUntil = Math.max(book.quietUntil, ticker.getAsLong() + length.toNanos());
      book.leases.clear();
    }
  }

  /**
   * Gives no leases of a segment, whoever is welcome, until {@link #resume}.
   *
   * @return after how many nanoseconds none runs any more
   */
  public long pause(int segment) {
    Segment book = segments[segment];
    synchronized (book) {
      book.paused++;
      book.welcome = Set.of();
      long now = ticker.getAsLong();
      long until = book.leases.values().stream().mapToLong(Lease::until).max().orElse(now);
      return Math.max(0, Math.max(until, book.quietUntil) - now);
    }
  }

  /** Gives leases of a segment again to those who are welcome; called once for every pause. */
  public void resume(int segment) {
    Segment book = segments[segment];
    synchronized (book) {
      book.paused--;
    }
  }

  /** Returns whether a node may hold a lease of a segment. */
  public boolean welcomes(NodeId holder, int segment) {
    Segment book = segments[segment];
    synchronized (book) {
      return book.welcome.contains(holder);
    }
  }

  /** Gives or prolongs a lease; empty where the node is not to have one, or not at this moment. */
  public Optional<Grant> ask(NodeId holder, int segment) {
    Segment book = segments[segment];
    synchronized (book) {
      if (book.paused > 0 || !book.welcome.contains(holder)) {
        return Optional.empty();
      }
      long now = ticker.getAsLong();
      Lease held = book.leases.get(holder);
      if (held != null && held.awaited > 0 && now < held.until) {
        return Optional.empty();
      }
      // A change that is announced already has not told this holder.
      String name = held != null && now < held.until ? held.name : newName();
      book.leases.put(holder, new Lease(name, now + length.toNanos(), 0));
      return Optional.of(new Grant(segment, name));
    }
  }

  private synchronized String newName() {
    return life + "-" + ++names;
  }

  /** Returns who holds a lease of a segment now. */
  public List<NodeId> holders(int segment) {
    Segment book = segments[segment];
    synchronized (book) {
      long now = ticker.getAsLong();
      book.leases.values().removeIf(lease -> now >= lease.until);
      return book.leases.entrySet().stream()
          .filter(lease -> now < lease.getValue().until)
          .map(Map.Entry::getKey)
          .toList();
    }
  }

  // ---- reading ---------------------------------------------------------------------------------

  /** A look at a key by its owner. Confined to one thread. */
  public final class Reading {
    private final int segment;
    private final long announced;
    private final boolean quiet;

    private Reading(int segment, long announced, boolean quiet) {
      this.segment = segment;
      this.announced = announced;
      this.quiet = quiet;
    }

    /** Returns whether what was read since may be kept by the holder of a lease. */
    public boolean mayBeKept() {
      Segment book = segments[segment];
      synchronized (book) {
        return quiet && book.announced == announced;
      }
    }
  }

  /** Begins a look at a key for the holder of a lease. */
  public Reading reading(BlobKey key, int segment) {
    Segment book = segments[segment];
    synchronized (book) {
      return new Reading(segment, book.announced, !book.changing.containsKey(key));
    }
  }

  // ---- changing --------------------------------------------------------------------------------

  /** A change that is announced; it must be closed. Thread-safe. */
  public final class Change implements AutoCloseable {

    private final BlobKey key;
    private final int segment;
    private final long quietUntil;

    /** Those that have not answered, and when their leases end. Guarded by the segment. */
    private final Map<NodeId, Lease> waiting = new TreeMap<>();

    private Change(BlobKey key, int segment, long quietUntil) {
      this.key = key;
      this.segment = segment;
      this.quietUntil = quietUntil;
    }

    /** Returns the key. */
    public BlobKey key() {
      return key;
    }

    /** Returns the segment. */
    public int segment() {
      return segment;
    }

    /** Returns who must be told to drop the key. */
    public List<NodeId> waitingFor() {
      synchronized (segments[segment]) {
        return new ArrayList<>(waiting.keySet());
      }
    }

    /** Notes that a holder has dropped the key. */
    public void answered(NodeId holder) {
      Segment book = segments[segment];
      synchronized (book) {
        Lease lease = waiting.remove(holder);
        if (lease != null) {
          Lease now = book.leases.get(holder);
          if (now != null && now.name.equals(lease.name)) {
            book.leases.put(holder, new Lease(now.name, now.until, now.awaited - 1));
          }
        }
      }
    }

    /**
     * Returns how long the commit must still wait at most, in nanoseconds: zero where it is free.
     */
    public long remaining() {
      Segment book = segments[segment];
      synchronized (book) {
        long now = ticker.getAsLong();
        long until = quietUntil;
        for (Lease lease : waiting.values()) {
          until = Math.max(until, lease.until);
        }
        return Math.max(0, until - now);
      }
    }

    /** Ends the change, committed or not. */
    @Override
    public void close() {
      Segment book = segments[segment];
      synchronized (book) {
        book.changing.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
        // A lease that still runs, because the change was given up, must not be forgotten.
        long now = ticker.getAsLong();
        for (NodeId holder : waitingFor()) {
          answered(holder);
        }
        book.leases.values().removeIf(lease -> now >= lease.until);
      }
    }
  }

  /** Announces a change of a key. */
  public Change begin(BlobKey key, int segment) {
    Segment book = segments[segment];
    synchronized (book) {
      book.announced++;
      book.changing.merge(key, 1, Integer::sum);
      long now = ticker.getAsLong();
      Change change = new Change(key, segment, Math.max(now, book.quietUntil));
      book.leases.replaceAll(
          (holder, lease) -> {
            if (now >= lease.until) {
              return lease;
            }
            Lease awaited = new Lease(lease.name, lease.until, lease.awaited + 1);
            change.waiting.put(holder, awaited);
            return awaited;
          });
      return change;
    }
  }
}
