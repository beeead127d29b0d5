package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Counts the requests of each segment and tells how many there are a second. Thread-safe; counting
 * takes no lock, reads no clock, and allocates nothing once threads have met at a counter.
 */
public final class SegmentTraffic {

  /** How far back a rate looks, in the mean. */
  public static final Duration MEMORY = Duration.ofSeconds(10);

  /**
   * How busy a segment is, a second. Immutable.
   *
   * @param reads requests that read
   * @param writes requests that change
   * @param bytes bytes given and taken
   */
  public record Rates(double reads, double writes, double bytes) {

    /** Nothing at all. */
    public static final Rates NONE = new Rates(0, 0, 0);

    /** Returns all requests. */
    public double requests() {
      return reads + writes;
    }
  }

  private final LongSupplier ticker;
  private final LongAdder[] reads = counters();
  private final LongAdder[] writes = counters();
  private final LongAdder[] bytes = counters();

  /** The rates of one segment; guarded by itself. */
  private static final class Sums {
    private final DecayingRate reads;
    private final DecayingRate writes;
    private final DecayingRate bytes;

    Sums(long now) {
      double memory = MEMORY.toNanos();
      this.reads = new DecayingRate(memory, now);
      this.writes = new DecayingRate(memory, now);
      this.bytes = new DecayingRate(memory, now);
    }
  }

  private final Sums[] sums = new Sums[SingleNodePlacement.SEGMENTS];

  /**
   * Makes counters that stand at nothing.
   *
   * @param ticker nanoseconds that only grow
   */
  public SegmentTraffic(LongSupplier ticker) {
    this.ticker = ticker;
    long now = ticker.getAsLong();
    for (int segment = 0; segment < sums.length; segment++) {
      sums[segment] = new Sums(now);
    }
  }

  private static LongAdder[] counters() {
    LongAdder[] counters = new LongAdder[SingleNodePlacement.SEGMENTS];
    for (int segment = 0; segment < counters.length; segment++) {
      counters[segment] = new LongAdder();
    }
    return counters;
  }

  /** Counts a read. */
  public void read(int segment) {
    reads[segment].increment();
  }

  /** Counts reads that others answered in this node's place. */
  public void read(int segment, long requests) {
    reads[segment].add(requests);
  }

  /** Counts a change. */
  public void write(int segment) {
    writes[segment].increment();
  }

  /** Counts bytes given or taken. */
  public void bytes(int segment, long count) {
    bytes[segment].add(count);
  }

  /** Returns how busy a segment is now. */
  public Rates rates(int segment) {
    Sums now = sums[segment];
    synchronized (now) {
      long at = ticker.getAsLong();
      return new Rates(
          now.reads.perSecond(reads[segment].sum(), at),
          now.writes.perSecond(writes[segment].sum(), at),
          now.bytes.perSecond(bytes[segment].sum(), at));
    }
  }
}
