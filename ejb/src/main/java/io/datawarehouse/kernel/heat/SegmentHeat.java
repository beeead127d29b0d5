package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * What this node knows of the warmth of segments: told by the blob service with every request. What
 * is asked of segments of a bucket's own is counted for as many as have room. Thread-safe; telling
 * takes no lock that anybody waits for.
 */
public final class SegmentHeat {

  private final SegmentTraffic traffic;
  private final OwnTraffic own;
  private final HotKeys keys;
  private final SegmentLedger ledger = new SegmentLedger();

  /**
   * Makes one that knows nothing yet.
   *
   * @param ticker nanoseconds that only grow
   */
  public SegmentHeat(LongSupplier ticker) {
    this.traffic = new SegmentTraffic(ticker);
    this.own = new OwnTraffic(ticker, () -> ThreadLocalRandom.current().nextInt());
    this.keys = new HotKeys(ticker, () -> ThreadLocalRandom.current().nextInt());
  }

  /** Counts a request that reads. */
  public void read(BlobKey key, int segment) {
    if (isOfCluster(segment)) {
      traffic.read(segment);
    } else {
      own.count(key.bucket(), segment, counter -> counter.reads.increment());
    }
    keys.offer(key, segment);
  }

  /** Counts a request that changes. */
  public void write(BlobKey key, int segment) {
    if (isOfCluster(segment)) {
      traffic.write(segment);
    } else {
      own.count(key.bucket(), segment, counter -> counter.writes.increment());
    }
    keys.offer(key, segment);
  }

  /** Counts bytes given or taken. */
  public void bytes(BucketName bucket, int segment, long count) {
    if (isOfCluster(segment)) {
      traffic.bytes(segment, count);
    } else {
      own.count(bucket, segment, counter -> counter.bytes.add(count));
    }
  }

  private static boolean isOfCluster(int segment) {
    return segment < SingleNodePlacement.SEGMENTS;
  }

  /** Returns the requests of each of the cluster's segments. */
  public SegmentTraffic traffic() {
    return traffic;
  }

  /** Returns the requests of segments of buckets' own. */
  OwnTraffic own() {
    return own;
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
