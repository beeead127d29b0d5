package io.datawarehouse.kernel.heat;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the requests of one segment. Thread-safe; counting takes no lock, reads no clock, and
 * allocates nothing once threads have met here.
 */
final class TrafficCounter {

  final LongAdder reads = new LongAdder();
  final LongAdder writes = new LongAdder();
  final LongAdder bytes = new LongAdder();

  // Guarded by this.
  private final DecayingRate readRate;
  private final DecayingRate writeRate;
  private final DecayingRate byteRate;

  TrafficCounter(long now) {
    double memory = SegmentTraffic.MEMORY.toNanos();
    this.readRate = new DecayingRate(memory, now);
    this.writeRate = new DecayingRate(memory, now);
    this.byteRate = new DecayingRate(memory, now);
  }

  /** Returns how busy the segment is at a moment that is no earlier than any before. */
  synchronized SegmentTraffic.Rates rates(long now) {
    return new SegmentTraffic.Rates(
        readRate.perSecond(reads.sum(), now),
        writeRate.perSecond(writes.sum(), now),
        byteRate.perSecond(bytes.sum(), now));
  }
}
