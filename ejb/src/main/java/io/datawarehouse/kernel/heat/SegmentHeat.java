package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import io.datawarehouse.sdk.blob.BlobKey;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * What this node knows of the warmth of the cluster's segments: told by the blob service with every
 * request. What is asked of a segment of a bucket's own is not counted. Thread-safe; telling takes
 * no lock that anybody waits for.
 */
public final class SegmentHeat {

  private final SegmentTraffic traffic;
  private final HotKeys keys;
  private final SegmentLedger ledger = new SegmentLedger();

  /**
   * Makes one that knows nothing yet.
   *
   * @param ticker nanoseconds that only grow
   */
  public SegmentHeat(LongSupplier ticker) {
    this.traffic = new SegmentTraffic(ticker);
    this.keys = new HotKeys(ticker, () -> ThreadLocalRandom.current().nextInt());
  }

  /** Counts a request that reads. */
  public void read(BlobKey key, int segment) {
    if (counts(segment)) {
      traffic.read(segment);
      keys.offer(key, segment);
    }
  }

  /** Counts a request that changes. */
  public void write(BlobKey key, int segment) {
    if (counts(segment)) {
      traffic.write(segment);
      keys.offer(key, segment);
    }
  }

  /** Counts bytes given or taken. */
  public void bytes(int segment, long count) {
    if (counts(segment)) {
      traffic.bytes(segment, count);
    }
  }

  private static boolean counts(int segment) {
    return segment < SingleNodePlacement.SEGMENTS;
  }

  /** Returns the requests of each segment. */
  public SegmentTraffic traffic() {
    return traffic;
  }

  /** Returns the keys that are asked for most. */
  public HotKeys keys() {
    return keys;
  }

  /** Returns what the store holds of each segment. */
  public SegmentLedger ledger() {
    return ledger;
  }
}
