package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
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
import java.util.function.LongSupplier;
import java.util.function.Predicate;
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

  /** Orders to drop are remembered by these many groups of keys in each segment. */
  private static final int GROUPS = 64;

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

  /** The lease of a segment; replaced as a whole. */
  private record Lease(NodeId owner, String name, long until) {}

  private static final class Kept {
    private final Copy copy;
    private final int segment;
    private final String lease;
    private volatile boolean used;

    Kept(Copy copy, int segment, String lease) {
      this.copy = copy;
      this.segment = segment;
      this.lease = lease;
    }
  }

  private static final class Segment {
    private final LongAdder served = new LongAdder();
    private final LongAdder servedBytes = new LongAdder();
    private volatile @Nullable Lease lease;

    /** How many orders to drop came, by groups of keys. Guarded by the shelf. */
    private final long[] drops = new long[GROUPS];
  }

  private final LongSupplier ticker;
  private final long mostBytes;
  private final Segment[] segments = new Segment[SingleNodePlacement.SEGMENTS];
  private final Map<BlobKey, Kept> copies = new ConcurrentHashMap<>();

  /** Guarded by this. */
  private final Set<Kept> hand = new LinkedHashSet<>();

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
    for (int segment = 0; segment < segments.length; segment++) {
      segments[segment] = new Segment();
    }
  }

  // ---- leases ----------------------------------------------------------------------------------

  /**
   * Takes a lease, or more time for it.
   *
   * @param askedAt when it was asked for
   * @param length how long it runs, as the owner counts
   */
  public synchronized void granted(
      int segment, NodeId owner, String name, long askedAt, Duration length) {
    Segment place = segments[segment];
    long until = askedAt + (long) (length.toNanos() * (1 - LeaseBook.DRIFT));
    Lease before = place.lease;
    if (before == null || !before.name.equals(name)) {
      forget(segment);
      place.lease = new Lease(owner, name, until);
    } else if (until - before.until > 0) {
      place.lease = new Lease(owner, name, until);
    }
  }

  /** Ends what is held of a segment. */
  public synchronized void end(int segment) {
    segments[segment].lease = null;
    forget(segment);
  }

  /** Lets go what leases have run out of. */
  public synchronized void tidy() {
    long now = ticker.getAsLong();
    for (int segment = 0; segment < segments.length; segment++) {
      Lease lease = segments[segment].lease;
      if (lease != null && now - lease.until > REMEMBERED) {
        end(segment);
      }
    }
  }

  private void forget(int segment) {
    hand.removeIf(
        kept -> {
          if (kept.segment != segment) {
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

  /** Returns whether copies of a segment that another node owns may be served now. */
  public boolean holds(int segment, NodeId owner) {
    return running(segment, owner) != null;
  }

  /** Returns whether a lease of the segment runs or did until moments ago. */
  public boolean knows(int segment, NodeId owner) {
    Lease lease = segments[segment].lease;
    return lease != null && lease.owner.equals(owner);
  }

  private @Nullable Lease running(int segment, NodeId owner) {
    Lease lease = segments[segment].lease;
    return lease != null && lease.owner.equals(owner) && ticker.getAsLong() - lease.until < 0
        ? lease
        : null;
  }

  /** Returns the segments of which leases run, in the order of their numbers. */
  public List<Integer> held() {
    List<Integer> held = new ArrayList<>();
    for (int segment = 0; segment < segments.length; segment++) {
      Lease lease = segments[segment].lease;
      if (lease != null && ticker.getAsLong() - lease.until < 0) {
        held.add(segment);
      }
    }
    return held;
  }

  /** Returns how many reads of a segment were served since this was asked last. */
  public long takeServed(int segment) {
    return segments[segment].served.sumThenReset();
  }

  /** Counts bytes of a segment that were given from copies. */
  public void served(int segment, long bytes) {
    segments[segment].servedBytes.add(bytes);
  }

  /** Returns how many bytes of a segment were given from copies since this was asked last. */
  public long takeServedBytes(int segment) {
    return segments[segment].servedBytes.sumThenReset();
  }

  // ---- copies ----------------------------------------------------------------------------------

  /** Returns a copy that may be served. */
  public Optional<Copy> find(BlobKey key, int segment, NodeId owner) {
    Kept kept = copies.get(key);
    if (kept == null) {
      return Optional.empty();
    }
    Lease lease = running(segment, owner);
    if (lease == null || !lease.name.equals(kept.lease)) {
      return Optional.empty();
    }
    kept.used = true;
    segments[segment].served.increment();
    return Optional.of(kept.copy);
  }

  /**
   * A fetch that has begun. Immutable.
   *
   * @param lease the name of the lease under which it began
   */
  public record Fetch(BlobKey key, int segment, NodeId owner, String lease, long drops) {}

  /** Begins a fetch; empty where there is no lease under which anything could be kept. */
  public synchronized Optional<Fetch> fetch(BlobKey key, int segment, NodeId owner) {
    Lease lease = running(segment, owner);
    return lease == null
        ? Optional.empty()
        : Optional.of(
            new Fetch(key, segment, owner, lease.name, segments[segment].drops[group(key)]));
  }

  /** Keeps what was fetched, if it may be kept; returns whether it is. */
  public synchronized boolean keep(Fetch fetch, Copy copy) {
    Segment place = segments[fetch.segment];
    Lease lease = running(fetch.segment, fetch.owner);
    if (lease == null
        || !lease.name.equals(fetch.lease)
        || place.drops[group(fetch.key)] != fetch.drops
        || !makeRoom(copy.bytes())) {
      return false;
    }
    Kept kept = new Kept(copy, fetch.segment, fetch.lease);
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
  public synchronized void drop(BlobKey key, int segment) {
    segments[segment].drops[group(key)]++;
    Kept kept = copies.get(key);
    if (kept != null) {
      hand.remove(kept);
      take(kept);
    }
  }

  /** Drops the copies of all other keys. */
  public synchronized void retain(Predicate<BlobKey> allowed) {
    hand.removeIf(
        kept -> {
          boolean goes = !allowed.test(kept.copy.manifest().blobKey());
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
    for (Segment segment : segments) {
      for (int group = 0; group < GROUPS; group++) {
        segment.drops[group]++;
      }
    }
    hand.forEach(this::take);
    hand.clear();
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
