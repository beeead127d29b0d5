package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;

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
  private final OwnLedgers ownLedgers = new OwnLedgers();

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

  // ---- what the store holds
  // ----------------------------------------------------------------------

  /**
   * Announces a change of a key; called just before its commit, and closed just after it.
   *
   * @param segments tells the segment of a key, see {@link SegmentLedger#begin}
   */
  public StockChange change(BlobKey key, ToIntFunction<BlobKey> segments) {
    StockChange ofCluster = ledger.begin(key, segments);
    boolean begun = false;
    try {
      boolean own = !isOfCluster(segments.applyAsInt(key));
      Optional<SegmentLedger> ofBucket =
          own ? Optional.of(ownLedgers.of(key.bucket())) : ownLedgers.find(key.bucket());
      StockChange change =
          ofBucket
              .<StockChange>map(found -> new Both(ofCluster, found.begin(key, segments)))
              .orElse(ofCluster);
      begun = true;
      return change;
    } finally {
      if (!begun) {
        ofCluster.close();
      }
    }
  }

  /** A change that two ledgers look at; each keeps what is in its segments. */
  private record Both(StockChange one, StockChange other) implements StockChange {
    @Override
    public void book(Optional<BlobManifest> before, Optional<BlobManifest> after) {
      one.book(before, after);
      other.book(before, after);
    }

    @Override
    public void unknown() {
      one.unknown();
      other.unknown();
    }

    @Override
    public void close() {
      other.close();
      one.close();
    }
  }

  /** Says that keys of a bucket may lie in other segments of its own than before. */
  public void doubt(BucketName bucket) {
    ownLedgers.doubt(bucket);
  }

  /** Returns what the store holds of a bucket's own segment; empty until it has been counted. */
  public Optional<SegmentStock.Stock> ownStock(BucketName bucket, int segment) {
    return ownLedgers.find(bucket).flatMap(found -> found.of(segment));
  }

  // ---- what is asked for
  // ----------------------------------------------------------------------

  /** Returns the requests of each segment of the cluster. */
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

  /** Returns what the store holds of each segment of the cluster. */
  public SegmentLedger ledger() {
    return ledger;
  }

  /** Returns what the store holds of segments of buckets' own. */
  OwnLedgers ownLedgers() {
    return ownLedgers;
  }
}
