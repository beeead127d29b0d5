package io.datawarehouse.kernel.heat;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** Counts the requests of one segment. Thread-safe; counting takes no lock and reads no clock. */
final class SegmentMeter {

  private final LongSupplier ticker;
  private final LongAdder reads = new LongAdder();
  private final LongAdder writes = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final Object looking = new Object();

  /** These are guarded by who looks. */
  private final DecayingRate readRate;

  private final DecayingRate writeRate;
  private final DecayingRate byteRate;

  SegmentMeter(LongSupplier ticker) {
    this.ticker = ticker;
    double memory = SegmentTraffic.MEMORY.toNanos();
    long now = ticker.getAsLong();
    this.readRate = new DecayingRate(memory, now);
    this.writeRate = new DecayingRate(memory, now);
    this.byteRate = new DecayingRate(memory, now);
  }

  void read(long requests) {
    reads.add(requests);
  }

  void write() {
    writes.increment();
  }

  void bytes(long count) {
    bytes.add(count);
  }

  /** Returns how busy the segment is now. */
  SegmentTraffic.Rates rates() {
    synchronized (looking) {
      long at = ticker.getAsLong();
      return new SegmentTraffic.Rates(
          readRate.perSecond(reads.sum(), at),
          writeRate.perSecond(writes.sum(), at),
          byteRate.perSecond(bytes.sum(), at));
    }
  }
}
