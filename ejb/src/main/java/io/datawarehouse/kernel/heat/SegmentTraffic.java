package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import java.time.Duration;
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

    /** Returns these and others together. */
    Rates and(Rates other) {
      return new Rates(reads + other.reads, writes + other.writes, bytes + other.bytes);
    }

    /** Returns all requests. */
    public double requests() {
      return reads + writes;
    }
  }

  private final LongSupplier ticker;
  private final TrafficCounter[] counters = new TrafficCounter[SingleNodePlacement.SEGMENTS];

  /**
   * Makes counters that stand at nothing.
   *
   * @param ticker nanoseconds that only grow
   */
  public SegmentTraffic(LongSupplier ticker) {
    this.ticker = ticker;
    long now = ticker.getAsLong();
    for (int segment = 0; segment < counters.length; segment++) {
      counters[segment] = new TrafficCounter(now);
    }
  }

  /** Counts a read. */
  public void read(int segment) {
    counters[segment].reads.increment();
  }

  /** Counts reads that others answered in this node's place. */
  public void read(int segment, long requests) {
    counters[segment].reads.add(requests);
  }

  /** Counts a change. */
  public void write(int segment) {
    counters[segment].writes.increment();
  }

  /** Counts bytes given or taken. */
  public void bytes(int segment, long count) {
    counters[segment].bytes.add(count);
  }

  /** Returns how busy a segment is now. */
  public Rates rates(int segment) {
    return counters[segment].rates(ticker.getAsLong());
  }
}
