package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** Sums by segment. Thread-safe; a segment that it does not keep is passed over. */
interface StockTally {

  /** Adds to a segment. */
  void add(int segment, SegmentStock.Stock difference);

  /** Returns the sum of a segment. */
  SegmentStock.Stock of(int segment);

  /** Sets all to nothing; nobody adds meanwhile. */
  void clear();

  /** Returns sums of the cluster's segments. */
  static StockTally ofCluster() {
    return new StockTally() {
      private final AtomicLongArray blobs = new AtomicLongArray(SingleNodePlacement.SEGMENTS);
      private final AtomicLongArray bytes = new AtomicLongArray(SingleNodePlacement.SEGMENTS);
      private final AtomicLongArray stored = new AtomicLongArray(SingleNodePlacement.SEGMENTS);

      @Override
      public void add(int segment, SegmentStock.Stock difference) {
        if (segment < SingleNodePlacement.SEGMENTS) {
          blobs.addAndGet(segment, difference.blobs());
          bytes.addAndGet(segment, difference.bytes());
          stored.addAndGet(segment, difference.storedBytes());
        }
      }

      @Override
      public SegmentStock.Stock of(int segment) {
        return new SegmentStock.Stock(blobs.get(segment), bytes.get(segment), stored.get(segment));
      }

      @Override
      public void clear() {
        for (int segment = 0; segment < SingleNodePlacement.SEGMENTS; segment++) {
          blobs.set(segment, 0);
          bytes.set(segment, 0);
          stored.set(segment, 0);
        }
      }
    };
  }

  /** Returns sums of the segments that one bucket has for itself. */
  static StockTally ofBucket() {
    return new StockTally() {
      private final Map<Integer, Sum> sums = new ConcurrentHashMap<>();

      @Override
      public void add(int segment, SegmentStock.Stock difference) {
        if (segment >= SingleNodePlacement.SEGMENTS) {
          sums.computeIfAbsent(segment, number -> new Sum()).add(difference);
        }
      }

      @Override
      public SegmentStock.Stock of(int segment) {
        Sum sum = sums.get(segment);
        return sum == null ? new SegmentStock.Stock(0, 0, 0) : sum.total();
      }

      @Override
      public void clear() {
        sums.clear();
      }
    };
  }

  /** One sum. Thread-safe. */
  final class Sum {
    private final LongAdder blobs = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder stored = new LongAdder();

    private void add(SegmentStock.Stock difference) {
      blobs.add(difference.blobs());
      bytes.add(difference.bytes());
      stored.add(difference.storedBytes());
    }

    private SegmentStock.Stock total() {
      return new SegmentStock.Stock(blobs.sum(), bytes.sum(), stored.sum());
    }
  }
}
