package io.datawarehouse.kernel.heat;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The copies that this node keeps of blobs that others own, and the leases under which it may serve
 * them. Thread-safe; finding a copy takes no lock. In memory alone, bounded in bytes.
 *
 * <p>The holder's side of the rules of {@link LeaseBook}:
 *
 * <ol>
 *   <li>A lease counts from the moment at which it was asked for, and shorter by {@link
 *       LeaseBook#DRIFT}. A copy is served only if after it was found its own lease still runs.
 *   <li>What is fetched is kept only under the lease under which the fetch began, and only if the
 *       owner allowed it and has not asked to drop the key since.
 *   <li>An order to drop is answered after the key is gone.
 * </ol>
 *
 * <p>What was not used lately makes room for what is new: a clock with a second chance (Corbató, "A
 * paging experiment with the Multics system", 1968).
 */
public final class CopyShelf {

  /** Orders to drop are remembered by these many groups of keys. */
  private static final int GROUPS = 4_096;

  /** What an entry takes beside its content, roughly. */
  static final int OVERHEAD = 512;

  /** How long a lease that is over is remembered, so that reads on their way find the owner. */
  private static final long REMEMBERED = Duration.ofSeconds(10).toNanos();

  /**
   * A version of a blob. Immutable.
   *
   * @param manifest all that is known of it
   * @param content all of its bytes
   */
  public record Copy(BlobManifest manifest, Bytes content) {
    long bytes() {
      return (long) content.size() + OVERHEAD;
    }
  }

  /**
   * From whom, and of what. Immutable.
   *
   * @param owner who gives the lease
   * @param place of what
   */
  public record Source(NodeId owner, LeasePlace place) {}

  /** A lease; replaced as a whole. */
  private record Lease(String name, long until) {}

  private static final class Kept {
    private final Copy copy;
    private final Source source;
    private final String lease;
    private volatile boolean used;

    Kept(Copy copy, Source source, String lease) {
      this.copy = copy;
      this.source = source;
      this.lease = lease;
    }
  }

  /** What was served of a segment, which the owner is told. */
  private static final class Tally {
    private final LongAdder reads = new LongAdder();
    private final LongAdder bytes = new LongAdder();
  }

  /** What there is from one source. */
  private static final class Lot {
    private final Map<Integer, Tally> tallies = new ConcurrentHashMap<>();
    private volatile @Nullable Lease lease;

    Tally tally(int segment) {
      Tally known = tallies.get(segment);
      return known == null ? tallies.computeIfAbsent(segment, fresh -> new Tally()) : known;
    }
  }

  private final LongSupplier ticker;
  private final long mostBytes;

  /** By place, and then by owner: looking one up makes no object. */
  private final Map<LeasePlace, Map<NodeId, Lot>> lots = new ConcurrentHashMap<>();

  private final Map<BlobKey, Kept> copies = new ConcurrentHashMap<>();

  /** Guarded by this. */
  private final Set<Kept> hand = new LinkedHashSet<>();

  /** How many orders to drop came, by groups of keys. Guarded by this. */
  private final long[] drops = new long[GROUPS];

  private final AtomicLong bytes = new AtomicLong();

  /**
   * Makes an empty shelf.
   *
   * @param ticker nanoseconds that only grow
   * @param mostBytes how much the copies may take
   */
  public CopyShelf(LongSupplier ticker, long mostBytes) {
    this.ticker = ticker;
    this.mostBytes = mostBytes;
  }

  // ---- leases ----------------------------------------------------------------------------------

  /**
   * Takes a lease, or more time for it.
   *
   * @param askedAt when it was asked for
   * @param length how long it runs, as the owner counts
   */
  public synchronized void granted(Source source, String name, long askedAt, Duration length) {
    Lot lot =
        lots.computeIfAbsent(source.place, fresh -> new ConcurrentHashMap<>())
            .computeIfAbsent(source.owner, fresh -> new Lot());
    long until = askedAt + (long) (length.toNanos() * (1 - LeaseBook.DRIFT));
    Lease before = lot.lease;
    if (before == null || !before.name.equals(name)) {
      forget(source);
      lot.lease = new Lease(name, until);
    } else if (until - before.until > 0) {
      lot.lease = new Lease(name, until);
    }
  }

  /** Ends what is held from a source. */
  public synchronized void end(Source source) {
    Map<NodeId, Lot> owners = lots.get(source.place);
    if (owners != null && owners.remove(source.owner) != null) {
      forget(source);
      if (owners.isEmpty()) {
        lots.remove(source.place);
      }
    }
  }

  /** Ends what is held of a place, from whomever. */
  public synchronized void end(LeasePlace place) {
    for (NodeId owner : Set.copyOf(lots.getOrDefault(place, Map.of()).keySet())) {
      end(new Source(owner, place));
    }
  }

  /** Lets go what leases have run out of. */
  public synchronized void tidy() {
    long now = ticker.getAsLong();
    for (Source source : sources()) {
      Lease lease = lease(source.owner, source.place);
      if (lease != null && now - lease.until > REMEMBERED) {
        end(source);
      }
    }
  }

  private List<Source> sources() {
    List<Source> sources = new ArrayList<>();
    lots.forEach(
        (place, owners) -> owners.keySet().forEach(owner -> sources.add(new Source(owner, place))));
    return sources;
  }

  private @Nullable Lot lot(NodeId owner, LeasePlace place) {
    Map<NodeId, Lot> owners = lots.get(place);
    return owners == null ? null : owners.get(owner);
  }

  private @Nullable Lease lease(NodeId owner, LeasePlace place) {
    Lot lot = lot(owner, place);
    return lot == null ? null : lot.lease;
  }

  private void forget(Source source) {
    hand.removeIf(
        kept -> {
          if (!kept.source.equals(source)) {
            return false;
          }
          take(kept);
          return true;
        });
  }

  private void take(Kept kept) {
    if (copies.remove(kept.copy.manifest().blobKey(), kept)) {
      bytes.addAndGet(-kept.copy.bytes());
    }
  }

  /** Returns whether copies of what an owner has of a place may be served now. */
  public boolean holds(NodeId owner, LeasePlace place) {
    return running(owner, place) != null;
  }

  /** Returns whether a lease runs or did until moments ago. */
  public boolean knows(NodeId owner, LeasePlace place) {
    return lease(owner, place) != null;
  }

  private @Nullable Lease running(NodeId owner, LeasePlace place) {
    Lease lease = lease(owner, place);
    return lease != null && ticker.getAsLong() - lease.until < 0 ? lease : null;
  }

  /** Returns from where leases run now. */
  public List<Source> held() {
    return sources().stream().filter(source -> holds(source.owner, source.place)).toList();
  }

  /** Counts bytes of a segment that were given from copies. */
  public void served(Source source, int segment, long given) {
    Lot lot = lot(source.owner, source.place);
    if (lot != null) {
      lot.tally(segment).bytes.add(given);
    }
  }

  /** Returns what was served from a source since this was asked last. */
  List<HeatMessages.Served> takeServed(Source source) {
    Lot lot = lot(source.owner, source.place);
    List<HeatMessages.Served> served = new ArrayList<>();
    if (lot != null) {
      lot.tallies.forEach(
          (segment, tally) -> {
            long reads = tally.reads.sumThenReset();
            long given = tally.bytes.sumThenReset();
            if (reads > 0 || given > 0) {
              served.add(new HeatMessages.Served(source.place.bucket(), segment, reads, given));
            }
          });
    }
    return served;
  }

  // ---- copies ----------------------------------------------------------------------------------

  /**
   * Returns a copy that may be served.
   *
   * @param segment where the key lies; counted
   */
  public Optional<Copy> find(BlobKey key, int segment, Source source) {
    Kept kept = copies.get(key);
    if (kept == null) {
      return Optional.empty();
    }
    Lot lot = lot(source.owner, source.place);
    Lease lease = lot == null ? null : lot.lease;
    if (lot == null
        || lease == null
        || !lease.name.equals(kept.lease)
        || ticker.getAsLong() - lease.until >= 0) {
      return Optional.empty();
    }
    kept.used = true;
    lot.tally(segment).reads.increment();
    return Optional.of(kept.copy);
  }

  /**
   * A fetch that has begun. Immutable.
   *
   * @param key of which key
   * @param source from where
   * @param lease the name of the lease under which it began
   * @param drops how many orders to drop had come then
   */
  public record Fetch(BlobKey key, Source source, String lease, long drops) {}

  /** Begins a fetch; empty where there is no lease under which anything could be kept. */
  public synchronized Optional<Fetch> fetch(BlobKey key, Source source) {
    Lease lease = running(source.owner, source.place);
    return lease == null
        ? Optional.empty()
        : Optional.of(new Fetch(key, source, lease.name, drops[group(key)]));
  }

  /** Keeps what was fetched, if it may be kept; returns whether it is. */
  public synchronized boolean keep(Fetch fetch, Copy copy) {
    Lease lease = running(fetch.source.owner, fetch.source.place);
    if (lease == null
        || !lease.name.equals(fetch.lease)
        || drops[group(fetch.key)] != fetch.drops
        || !makeRoom(copy.bytes())) {
      return false;
    }
    Kept kept = new Kept(copy, fetch.source, fetch.lease);
    Kept before = copies.put(fetch.key, kept);
    if (before != null && hand.remove(before)) {
      bytes.addAndGet(-before.copy.bytes());
    }
    hand.add(kept);
    bytes.addAndGet(copy.bytes());
    return true;
  }

  private boolean makeRoom(long more) {
    if (more > mostBytes) {
      return false;
    }
    while (bytes.get() + more > mostBytes && !hand.isEmpty()) {
      Kept first = hand.iterator().next();
      hand.remove(first);
      if (first.used) {
        first.used = false;
        hand.add(first);
      } else {
        take(first);
      }
    }
    return true;
  }

  /** Drops a key, and whatever is being fetched of it. */
  public synchronized void drop(BlobKey key) {
    drops[group(key)]++;
    Kept kept = copies.get(key);
    if (kept != null) {
      hand.remove(kept);
      take(kept);
    }
  }

  /** Drops all copies but those of which it is said that they may stay, by key and source. */
  synchronized void retain(BiPredicate<BlobKey, Source> allowed) {
    hand.removeIf(
        kept -> {
          boolean goes = !allowed.test(kept.copy.manifest().blobKey(), kept.source);
          if (goes) {
            take(kept);
          }
          return goes;
        });
  }

  private static int group(BlobKey key) {
    return Math.floorMod(key.hashCode() * 0x9e3779b9 >>> 16, GROUPS);
  }

  /** Drops all copies; the leases stay. */
  public synchronized void clear() {
    for (int group = 0; group < GROUPS; group++) {
      drops[group]++;
    }
    hand.forEach(this::take);
    hand.clear();
  }

  /** Returns whether there never was a lease, or all of them are over. */
  boolean isEmpty() {
    return lots.isEmpty();
  }

  /** Returns how many bytes the copies take. */
  public long bytes() {
    return bytes.get();
  }

  /** Returns how many copies there are. */
  public int size() {
    return copies.size();
  }
}
