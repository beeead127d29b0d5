package io.datawarehouse.kernel.heat;

import io.datawarehouse.sdk.blob.BlobKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * The keys that are asked for most, in constant memory. Thread-safe; a thread that finds it busy
 * goes on without counting.
 *
 * <p>Space-Saving (Metwally, Agrawal and El Abbadi, "Efficient computation of frequent and top-k
 * elements in data streams", ICDT 2005): a fixed number of keys have a counter; a key that has none
 * takes over the counter that stands lowest, and what that stood at is the most by which the key's
 * own is too high. All counters decay together by {@code exp(-age / memory)}, which keeps their
 * order; it is done by letting what an event counts for grow, and bringing all down to size when
 * the numbers become great. One request of {@link #SAMPLE} is looked at, by chance, and counts for
 * all of them.
 */
public final class HotKeys {

  /** How many keys have a counter. */
  static final int KEPT = 128;

  /** Of how many requests one is looked at. */
  public static final int SAMPLE = 8;

  private static final double MEMORY_NANOS = SegmentTraffic.MEMORY.toNanos();
  private static final double GREAT = 1e12;

  /**
   * A key and how often it is asked for. Immutable.
   *
   * @param key which
   * @param segment its segment
   * @param perSecond how often a second, at most: an estimate that is never too low but by chance
   * @param least how often at least
   */
  public record HotKey(BlobKey key, int segment, double perSecond, double least) {}

  private static final class Counter {
    private BlobKey key;
    private int segment;
    private double weight;
    private double excess;

    Counter(BlobKey key, int segment) {
      this.key = key;
      this.segment = segment;
    }
  }

  private final LongSupplier ticker;
  private final IntSupplier random;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final Map<BlobKey, Counter> byKey = new HashMap<>();
  private final List<Counter> counters = new ArrayList<>(KEPT);
  private long landmark;

  /**
   * Makes a sketch that has seen nothing.
   *
   * @param ticker nanoseconds that only grow
   * @param random any numbers, all equally likely
   */
  public HotKeys(LongSupplier ticker, IntSupplier random) {
    this.ticker = ticker;
    this.random = random;
    this.landmark = ticker.getAsLong();
  }

  /** Counts a request. */
  public void offer(BlobKey key, int segment) {
    if ((random.getAsInt() & SAMPLE - 1) == 0 && lock.tryLock()) {
      try {
        take(key, segment);
      } finally {
        lock.unlock();
      }
    }
  }

  private void take(BlobKey key, int segment) {
    double weight = SAMPLE * weightNow();
    Counter known = byKey.get(key);
    if (known != null) {
      known.weight += weight;
    } else if (counters.size() < KEPT) {
      Counter fresh = new Counter(key, segment);
      fresh.weight = weight;
      counters.add(fresh);
      byKey.put(key, fresh);
    } else {
      Counter lowest = lowest();
      byKey.remove(lowest.key);
      lowest.key = key;
      lowest.segment = segment;
      lowest.excess = lowest.weight;
      lowest.weight += weight;
      byKey.put(key, lowest);
    }
  }

  private Counter lowest() {
    Counter lowest = counters.get(0);
    for (int i = 1; i < counters.size(); i++) {
      if (counters.get(i).weight < lowest.weight) {
        lowest = counters.get(i);
      }
    }
    return lowest;
  }

  /** What one event counts for that happens now, against one at the landmark. */
  private double weightNow() {
    double weight = Math.exp((ticker.getAsLong() - landmark) / MEMORY_NANOS);
    if (weight < GREAT) {
      return weight;
    }
    for (Counter counter : counters) {
      counter.weight /= weight;
      counter.excess /= weight;
    }
    landmark = ticker.getAsLong();
    return 1;
  }

  /** Returns the keys that are asked for most, the most frequent first. */
  public List<HotKey> top(int most) {
    lock.lock();
    try {
      double perSecond = 1e9 / MEMORY_NANOS / weightNow();
      return counters.stream()
          .sorted(Comparator.comparingDouble((Counter counter) -> counter.weight).reversed())
          .limit(most)
          .map(
              counter ->
                  new HotKey(
                      counter.key,
                      counter.segment,
                      counter.weight * perSecond,
                      (counter.weight - counter.excess) * perSecond))
          .toList();
    } finally {
      lock.unlock();
    }
  }
}
