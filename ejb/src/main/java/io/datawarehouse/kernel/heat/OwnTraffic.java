package io.datawarehouse.kernel.heat;

import io.datawarehouse.sdk.blob.BucketName;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests of segments that buckets have for themselves, in bounded memory: of these
 * there may be thousands in each bucket. {@link #MOST} have a counter. When one more comes the
 * coldest eighth goes, at most once a second, so that what is hot stays. Into the last eighth one
 * request of {@link #CHANCE} is let, by chance: what is asked for often gets there before what just
 * came first. Thread-safe; counting takes no lock where there is a counter, and a request that
 * finds the table full or busy goes uncounted.
 */
final class OwnTraffic {

  /** How many segments have a counter. */
  static final int MOST = 1_024;

  /** One request of so many gets a counter where there are few left; a power of two. */
  static final int CHANCE = 64;

  private static final int ROOM = MOST / 8;
  private static final long BETWEEN = Duration.ofSeconds(1).toNanos();

  private static final class Counted {
    private final TrafficCounter counter;
    private final long since;

    Counted(long now) {
      this.counter = new TrafficCounter(now);
      this.since = now;
    }

    /** The rate, made good for what a counter that is young has not seen yet. */
    double warmth(long now) {
      double ages = Math.max(1, now - since) / (double) SegmentTraffic.MEMORY.toNanos();
      return counter.rates(now).requests() / -Math.expm1(-ages);
    }
  }

  private final LongSupplier ticker;
  private final IntSupplier random;
  private final Map<OwnSegment, Counted> segments = new ConcurrentHashMap<>();
  private final ReentrantLock admission = new ReentrantLock();

  /** Guarded by the lock. */
  private long nextRoom;

  /**
   * Makes one that has counted nothing.
   *
   * @param ticker nanoseconds that only grow
   * @param random any numbers, all equally likely
   */
  OwnTraffic(LongSupplier ticker, IntSupplier random) {
    this.ticker = ticker;
    this.random = random;
    this.nextRoom = ticker.getAsLong();
  }

  /** Counts a request of a segment. */
  void count(BucketName bucket, int segment, Consumer<TrafficCounter> how) {
    OwnSegment name = new OwnSegment(bucket, segment);
    Counted known = segments.get(name);
    Counted counted = known == null ? admit(name) : known;
    if (counted != null) {
      how.accept(counted.counter);
    }
  }

  private @Nullable Counted admit(OwnSegment name) {
    boolean crowded = segments.size() >= MOST - ROOM;
    if (crowded && (random.getAsInt() & CHANCE - 1) != 0 || !admission.tryLock()) {
      return null;
    }
    try {
      long now = ticker.getAsLong();
      if (segments.size() >= MOST && now - nextRoom >= 0) {
        makeRoom(now);
        nextRoom = now + BETWEEN;
      }
      return segments.size() >= MOST
          ? segments.get(name)
          : segments.computeIfAbsent(name, fresh -> new Counted(now));
    } finally {
      admission.unlock();
    }
  }

  private record Warmth(OwnSegment segment, double rate) {}

  private void makeRoom(long now) {
    segments.entrySet().stream()
        .map(entry -> new Warmth(entry.getKey(), entry.getValue().warmth(now)))
        .sorted(Comparator.comparingDouble(Warmth::rate))
        .limit(ROOM)
        .forEach(coldest -> segments.remove(coldest.segment));
  }

  /** Returns how busy a segment is now; not at all where it has no counter. */
  SegmentTraffic.Rates rates(OwnSegment segment) {
    Counted counted = segments.get(segment);
    return counted == null ? SegmentTraffic.Rates.NONE : counted.counter.rates(ticker.getAsLong());
  }

  /**
   * Returns how busy a segment is now; empty where so many are busy that it may be busy, too, and
   * not have a counter.
   */
  Optional<SegmentTraffic.Rates> known(OwnSegment segment) {
    return segments.containsKey(segment) || segments.size() < MOST - ROOM
        ? Optional.of(rates(segment))
        : Optional.empty();
  }

  /** Returns the segments that have a counter. */
  List<OwnSegment> counted() {
    return List.copyOf(segments.keySet());
  }

  /** Begins to count a segment anew. */
  void forget(OwnSegment segment) {
    segments.remove(segment);
  }
}
