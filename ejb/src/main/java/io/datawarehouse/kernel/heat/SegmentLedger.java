package io.datawarehouse.kernel.heat;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what the store holds of each segment, change by change, over a count of what was there
 * before. Thread-safe.
 *
 * <p>Every change of a blob is announced before its commit and booked after it. The difference that
 * a commit makes is exact, because the store shows it the version that it replaces; sums of
 * differences do not depend on their order. What remains is the first count, which goes through the
 * store in the order of buckets and keys, a stretch at a time, while changes go on. A change behind
 * the stretch is booked; one before it is not, for the count will come to it; one inside it waits
 * until the stretch is counted, a matter of milliseconds, and the count of a stretch waits for the
 * changes inside it that have begun. So each version is counted once. A ledger keeps the cluster's
 * segments, or those that one bucket has for itself, and passes over the others.
 *
 * <p>Lock order: the gate, then the monitor of the count.
 */
public final class SegmentLedger implements SegmentStock {

  /** The order of the count. */
  private static final Comparator<BlobKey> ORDER =
      Comparator.<BlobKey, String>comparing(key -> key.bucket().value())
          .thenComparing(
              BlobKey::key,
              (left, right) ->
                  Arrays.compareUnsigned(
                      left.getBytes(StandardCharsets.UTF_8),
                      right.getBytes(StandardCharsets.UTF_8)));

  private final StockTally tally;

  /** Shared by changes under way, held alone by a count that begins. */
  private final ReadWriteLock gate = new ReentrantReadWriteLock();

  private final AtomicBoolean doubtful = new AtomicBoolean();
  private volatile boolean settled;
  private final Object count = new Object();

  /** Up to where all is counted; null for the beginning. Guarded by the count's monitor. */
  private @Nullable BlobKey counted;

  /** Up to where the stretch goes that is being counted. Guarded by the count's monitor. */
  private @Nullable BlobKey stretch;

  /** The changes that began during the count. Guarded by the count's monitor. */
  private final Map<BlobKey, Integer> underWay = new HashMap<>();

  /** Makes a ledger of the cluster's segments in a store that has not been counted. */
  public SegmentLedger() {
    this(StockTally.ofCluster());
  }

  /** Makes a ledger of what a tally keeps, in a store that has not been counted. */
  SegmentLedger(StockTally tally) {
    this.tally = tally;
  }

  /** A change on its way. Confined to one thread, the one that began it. */
  public final class Change implements StockChange {

    private final BlobKey key;
    private final int segment;
    private final boolean watched;
    private Stock difference = new Stock(0, 0, 0);

    private Change(BlobKey key, int segment, boolean watched) {
      this.key = key;
      this.segment = segment;
      this.watched = watched;
    }

    @Override
    public void book(Optional<BlobManifest> before, Optional<BlobManifest> after) {
      difference =
          new Stock(
              (after.isPresent() ? 1 : 0) - (before.isPresent() ? 1 : 0),
              after.map(BlobManifest::size).orElse(0L) - before.map(BlobManifest::size).orElse(0L),
              after.map(BlobManifest::storedSize).orElse(0L)
                  - before.map(BlobManifest::storedSize).orElse(0L));
    }

    @Override
    public void unknown() {
      doubtful.set(true);
      settled = false;
    }

    @Override
    public void close() {
      if (watched) {
        end(key, segment, difference);
      } else {
        add(segment, difference);
      }
      gate.readLock().unlock();
    }
  }

  /** Announces a change; called just before its commit, and closed just after it. */
  public Change begin(BlobKey key, int segment) {
    return begin(key, same -> segment);
  }

  /**
   * Announces a change of a key whose segment is not the same for ever: when that changes, and
   * {@link #doubt()} was called after it, nothing is booked by what held before.
   *
   * @param segments tells the segment; one that is not the cluster's is not counted
   */
  public Change begin(BlobKey key, ToIntFunction<BlobKey> segments) {
    gate.readLock().lock();
    boolean begun = false;
    try {
      boolean watched = !settled;
      Change change = new Change(key, segments.applyAsInt(key), watched);
      if (watched) {
        enter(key);
      }
      begun = true;
      return change;
    } finally {
      if (!begun) {
        gate.readLock().unlock();
      }
    }
  }

  /** Says that blobs may lie in other segments than they were counted in: all is counted anew. */
  public void doubt() {
    doubtful.set(true);
  }

  /** A change that waits for the count goes on waiting where it is interrupted: it is not long. */
  private void enter(BlobKey key) {
    boolean interrupted = false;
    synchronized (count) {
      while (isInStretch(key)) {
        try {
          count.wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      underWay.merge(key, 1, Integer::sum);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void end(BlobKey key, int segment, Stock difference) {
    synchronized (count) {
      underWay.computeIfPresent(key, (same, changes) -> changes == 1 ? null : changes - 1);
      BlobKey until = counted;
      if (settled || until != null && ORDER.compare(key, until) <= 0) {
        add(segment, difference);
      }
      count.notifyAll();
    }
  }

  private boolean isInStretch(BlobKey key) {
    BlobKey end = stretch;
    BlobKey begin = counted;
    return end != null
        && ORDER.compare(key, end) <= 0
        && (begin == null || ORDER.compare(key, begin) > 0);
  }

  private void add(int segment, Stock difference) {
    tally.add(segment, difference);
  }

  @Override
  public Optional<Stock> of(int segment) {
    return settled() ? Optional.of(tally.of(segment)) : Optional.empty();
  }

  /** Returns whether all that was there has been counted. */
  public boolean settled() {
    return settled && !doubtful.get();
  }

  /** Returns whether the figures are in doubt and the store must be counted anew. */
  boolean doubtful() {
    return doubtful.get();
  }

  // ---- the count; one thread -------------------------------------------------------------------

  /** Begins a count, for which all changes under way are waited for. */
  void restart() {
    Lock alone = gate.writeLock();
    alone.lock();
    try {
      synchronized (count) {
        settled = false;
        doubtful.set(false);
        counted = null;
        stretch = null;
        tally.clear();
      }
    } finally {
      alone.unlock();
    }
  }

  /** Keeps changes out of the stretch up to that key, once those inside it have ended. */
  void enclose(BlobKey until) throws InterruptedException {
    synchronized (count) {
      stretch = until;
      while (underWay.keySet().stream().anyMatch(this::isInStretch)) {
        count.wait();
      }
    }
  }

  /** Counts a blob of the stretch. */
  void count(int segment, BlobManifest manifest) {
    add(segment, new Stock(1, manifest.size(), manifest.storedSize()));
  }

  /** Lets changes into the stretch again, which is counted now. */
  void advance() {
    synchronized (count) {
      counted = stretch;
      stretch = null;
      count.notifyAll();
    }
  }

  /** Gives a stretch up that could not be counted; the count must begin anew. */
  void abandon() {
    synchronized (count) {
      stretch = null;
      doubtful.set(true);
      count.notifyAll();
    }
  }

  /** Returns whether a key comes after another in the order of the count. */
  static boolean isBehind(BlobKey key, BlobKey other) {
    return ORDER.compare(key, other) > 0;
  }

  /** Returns the first key that comes after all of a bucket's, as far as the order knows. */
  static BlobKey endOf(BucketName bucket) {
    // No key has a byte that is greater, and none is longer.
    return new BlobKey(bucket, "\udbff\udfff".repeat(BlobKey.MOST_BYTES / 4));
  }

  /**
   * Ends the count if nothing is left to count, which is asked while no change is under way.
   *
   * @return whether the count has ended
   */
  boolean settle(BooleanSupplier complete) {
    Lock alone = gate.writeLock();
    alone.lock();
    try {
      boolean all = complete.getAsBoolean();
      settled = all && !doubtful.get();
      return all;
    } finally {
      alone.unlock();
    }
  }
}
