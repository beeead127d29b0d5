package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

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
 *   <li>A version may be kept by a holder only if no change of the place was announced or under way
 *       while the owner read it ({@link #reading}).
 *   <li>A lease with an answer outstanding is not renewed, so that waiting for its end has an end.
 *   <li>Each unbroken lease has a name of its own; one that was given after a gap has another, and
 *       what was kept under the name before is worthless.
 *   <li>An owner that has just started, or has just got a place, does not know the leases that were
 *       given before: its first changes wait for one whole length.
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
   * @param place of what
   * @param name of the unbroken lease
   */
  public record Grant(LeasePlace place, String name) {}

  private record Lease(String name, long until, int awaited) {}

  private static final class Page {
    private final Map<BlobKey, Integer> changing = new HashMap<>();
    private final Map<NodeId, Lease> leases = new TreeMap<>();
    private Set<NodeId> welcome = Set.of();
    private long announced;
    private long quietUntil;

    /** How many there are who want no lease given. */
    private int paused;

    Page(long quietUntil) {
      this.quietUntil = quietUntil;
    }
  }

  private final Duration length;
  private final LongSupplier ticker;
  private final String life;

  private final long born;

  /** Each guarded by itself. */
  private final Page[] segments = new Page[SingleNodePlacement.SEGMENTS];

  /** The same for buckets, of which this node owns segments or did. */
  private final Map<BucketName, Page> buckets = new ConcurrentHashMap<>();

  private final AtomicLong names = new AtomicLong();

  /** How many there are who want no lease given of anything. */
  private final AtomicInteger pausedAll = new AtomicInteger();

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
    this.born = ticker.getAsLong();
    for (int segment = 0; segment < segments.length; segment++) {
      segments[segment] = new Page(born + length.toNanos());
    }
  }

  private Page page(LeasePlace place) {
    Page known = find(place);
    return known == null
        ? buckets.computeIfAbsent(
            place.bucket().orElseThrow(), bucket -> new Page(born + length.toNanos()))
        : known;
  }

  /** Returns the page of a place; null where nothing was ever noted of it. */
  private @Nullable Page find(LeasePlace place) {
    return place.bucket().isEmpty() ? segments[place.segment()] : buckets.get(place.bucket().get());
  }

  /** Returns how long a lease runs. */
  public Duration length() {
    return length;
  }

  // ---- giving ----------------------------------------------------------------------------------

  /** Says which nodes may hold leases of a place from now on; none for one that is cold. */
  public void welcome(LeasePlace place, Collection<NodeId> holders) {
    Page book = page(place);
    synchronized (book) {
      book.welcome = Set.copyOf(holders);
    }
  }

  /** Notes that this node owns of a place what was another's: leases may be out. */
  public void acquired(LeasePlace place) {
    Page book = page(place);
    synchronized (book) {
      book.quietUntil = Math.max(book.quietUntil, ticker.getAsLong() + length.toNanos());
      book.leases.clear();
    }
  }

  /**
   * Gives no leases of a place, whoever is welcome, until {@link #resume}.
   *
   * @return after how many nanoseconds none runs any more
   */
  public long pause(LeasePlace place) {
    Page book = page(place);
    synchronized (book) {
      book.paused++;
      book.welcome = Set.of();
      return left(book);
    }
  }

  private long left(Page book) {
    long now = ticker.getAsLong();
    long until = book.leases.values().stream().mapToLong(Lease::until).max().orElse(now);
    return Math.max(0, Math.max(until, book.quietUntil) - now);
  }

  /**
   * Gives no leases of anything, whoever is welcome, until {@link #resumeAll}.
   *
   * @return after how many nanoseconds none runs any more
   */
  public long pauseAll() {
    pausedAll.incrementAndGet();
    long longest = Math.max(0, born + length.toNanos() - ticker.getAsLong());
    // Whoever asks meanwhile finds the pause, or has left its lease for this to find.
    for (Page book : pages()) {
      synchronized (book) {
        longest = Math.max(longest, left(book));
      }
    }
    return longest;
  }

  private List<Page> pages() {
    List<Page> pages = new ArrayList<>(List.of(segments));
    pages.addAll(buckets.values());
    return pages;
  }

  /** Gives leases again to those who are welcome; called once for every {@link #pauseAll}. */
  public void resumeAll() {
    pausedAll.decrementAndGet();
  }

  /** Gives leases of a place again to those who are welcome; called once for every pause. */
  public void resume(LeasePlace place) {
    Page book = page(place);
    synchronized (book) {
      book.paused--;
    }
  }

  /** Returns whether anything was ever noted of a place. */
  public boolean knows(LeasePlace place) {
    return find(place) != null;
  }

  /** Forgets the buckets that are gone, as far as nothing of them is under way. */
  public void retain(Set<BucketName> known) {
    long now = ticker.getAsLong();
    buckets
        .entrySet()
        .removeIf(entry -> !known.contains(entry.getKey()) && isIdle(entry.getValue(), now));
  }

  private static boolean isIdle(Page book, long now) {
    synchronized (book) {
      return book.changing.isEmpty()
          && book.paused == 0
          && now >= book.quietUntil
          && book.leases.values().stream().allMatch(lease -> now >= lease.until);
    }
  }

  /** Returns whether a node may hold a lease of a place. */
  public boolean welcomes(NodeId holder, LeasePlace place) {
    Page book = find(place);
    if (book == null) {
      return false;
    }
    synchronized (book) {
      return book.welcome.contains(holder);
    }
  }

  /** Gives or prolongs a lease; empty where the node is not to have one, or not at this moment. */
  public Optional<Grant> ask(NodeId holder, LeasePlace place) {
    Page book = find(place);
    if (book == null) {
      return Optional.empty();
    }
    synchronized (book) {
      if (pausedAll.get() > 0 || book.paused > 0 || !book.welcome.contains(holder)) {
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
      return Optional.of(new Grant(place, name));
    }
  }

  private String newName() {
    return life + "-" + names.incrementAndGet();
  }

  /** Returns who holds a lease of a place now. */
  public List<NodeId> holders(LeasePlace place) {
    Page book = find(place);
    if (book == null) {
      return List.of();
    }
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
    private final LeasePlace place;
    private final long announced;
    private final boolean quiet;

    private Reading(LeasePlace place, long announced, boolean quiet) {
      this.place = place;
      this.announced = announced;
      this.quiet = quiet;
    }

    /** Returns whether what was read since may be kept by the holder of a lease. */
    public boolean mayBeKept() {
      Page book = page(place);
      synchronized (book) {
        return quiet && book.announced == announced;
      }
    }
  }

  /** Begins a look at a key for the holder of a lease. */
  public Reading reading(BlobKey key, LeasePlace place) {
    Page book = page(place);
    synchronized (book) {
      return new Reading(place, book.announced, !book.changing.containsKey(key));
    }
  }

  // ---- changing --------------------------------------------------------------------------------

  /** A change that is announced; it must be closed. Thread-safe. */
  public final class Change implements AutoCloseable {

    private final BlobKey key;
    private final LeasePlace place;
    private final long quietUntil;

    /** Those that have not answered, and when their leases end. Guarded by the page. */
    private final Map<NodeId, Lease> waiting = new TreeMap<>();

    private Change(BlobKey key, LeasePlace place, long quietUntil) {
      this.key = key;
      this.place = place;
      this.quietUntil = quietUntil;
    }

    /** Returns the key. */
    public BlobKey key() {
      return key;
    }

    /** Returns where the key lies, or lay when copies were given. */
    public LeasePlace place() {
      return place;
    }

    /** Returns who must be told to drop the key. */
    public List<NodeId> waitingFor() {
      synchronized (page(place)) {
        return new ArrayList<>(waiting.keySet());
      }
    }

    /** Notes that a holder has dropped the key. */
    public void answered(NodeId holder) {
      Page book = page(place);
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
      Page book = page(place);
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
      Page book = page(place);
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
  public Change begin(BlobKey key, LeasePlace place) {
    Page book = page(place);
    synchronized (book) {
      book.announced++;
      book.changing.merge(key, 1, Integer::sum);
      long now = ticker.getAsLong();
      Change change = new Change(key, place, Math.max(now, book.quietUntil));
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
