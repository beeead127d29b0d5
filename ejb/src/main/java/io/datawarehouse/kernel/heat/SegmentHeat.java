package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;

/**
 * What this node knows of the warmth of segments: told by the blob service with every request.
 * Which keys are asked for most is only known of the cluster's segments. Thread-safe; telling takes
 * no lock that anybody waits for.
 */
public final class SegmentHeat {

  private final SegmentTraffic traffic;
  private final OwnTraffic ownTraffic;
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
    this.ownTraffic = new OwnTraffic(ticker);
    this.keys = new HotKeys(ticker, () -> ThreadLocalRandom.current().nextInt());
  }

  /** Counts a request that reads. */
  public void read(BlobKey key, int segment) {
    if (isOfCluster(segment)) {
      traffic.read(segment);
      keys.offer(key, segment);
    } else {
      SegmentMeter meter = ownTraffic.of(key.bucket(), segment);
      if (meter != null) {
        meter.read(1);
      }
    }
  }

  /** Counts a request that changes. */
  public void write(BlobKey key, int segment) {
    if (isOfCluster(segment)) {
      traffic.write(segment);
      keys.offer(key, segment);
    } else {
      SegmentMeter meter = ownTraffic.of(key.bucket(), segment);
      if (meter != null) {
        meter.write();
      }
    }
  }

  /** Counts bytes given or taken. */
  public void bytes(BlobKey key, int segment, long count) {
    if (isOfCluster(segment)) {
      traffic.bytes(segment, count);
    } else {
      SegmentMeter meter = ownTraffic.of(key.bucket(), segment);
      if (meter != null) {
        meter.bytes(count);
      }
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

  /** Returns how busy a bucket's own segment is; empty where that is not counted. */
  public Optional<SegmentTraffic.Rates> ownRates(BucketName bucket, int segment) {
    return ownTraffic.rates(bucket, segment);
  }

  /** Forgets how busy own segments were that there are no more. */
  void retain(BiPredicate<BucketName, Integer> there) {
    ownTraffic.retain(there);
  }

  /** Returns the requests of each segment of the cluster. */
  public SegmentTraffic traffic() {
    return traffic;
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
