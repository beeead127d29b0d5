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

    /** Returns all requests. */
    public double requests() {
      return reads + writes;
    }
  }

  private final SegmentMeter[] meters = new SegmentMeter[SingleNodePlacement.SEGMENTS];

  /**
   * Makes counters that stand at nothing.
   *
   * @param ticker nanoseconds that only grow
   */
  public SegmentTraffic(LongSupplier ticker) {
    for (int segment = 0; segment < meters.length; segment++) {
      meters[segment] = new SegmentMeter(ticker);
    }
  }

  /** Counts a read. */
  public void read(int segment) {
    meters[segment].read(1);
  }

  /** Counts reads that others answered in this node's place. */
  public void read(int segment, long requests) {
    meters[segment].read(requests);
  }

  /** Counts a change. */
  public void write(int segment) {
    meters[segment].write();
  }

  /** Counts bytes given or taken. */
  public void bytes(int segment, long count) {
    meters[segment].bytes(count);
  }

  /** Returns how busy a segment is now. */
  public Rates rates(int segment) {
    return meters[segment].rates();
  }
}
