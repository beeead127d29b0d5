package io.datawarehouse.kernel.heat;

import io.datawarehouse.sdk.blob.BucketName;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests of segments that buckets have for themselves, of so many at most; what comes
 * beyond is not counted, and no rate is told of it. Thread-safe; counting takes no lock that
 * anybody waits for.
 */
final class OwnTraffic {

  /** How many segments are counted; a quarter of a KiB each. */
  static final int MOST = 16_384;

  private final LongSupplier ticker;
  private final Map<BucketName, Map<Integer, SegmentMeter>> meters = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();

  OwnTraffic(LongSupplier ticker) {
    this.ticker = ticker;
  }

  /** Returns the meter of a segment; null where too many are counted already. */
  @Nullable SegmentMeter of(BucketName bucket, int segment) {
    Map<Integer, SegmentMeter> ofBucket = meters.get(bucket);
    SegmentMeter known = ofBucket == null ? null : ofBucket.get(segment);
    return known == null ? begin(bucket, segment) : known;
  }

  private @Nullable SegmentMeter begin(BucketName bucket, int segment) {
    if (count.incrementAndGet() > MOST) {
      count.decrementAndGet();
      return null;
    }
    SegmentMeter fresh = new SegmentMeter(ticker);
    SegmentMeter before =
        meters
            .computeIfAbsent(bucket, name -> new ConcurrentHashMap<>())
            .putIfAbsent(segment, fresh);
    if (before == null) {
      return fresh;
    }
    count.decrementAndGet();
    return before;
  }

  /** Returns how busy a segment is now; empty where it is not counted. */
  Optional<SegmentTraffic.Rates> rates(BucketName bucket, int segment) {
    return Optional.ofNullable(of(bucket, segment)).map(SegmentMeter::rates);
  }

  /** Forgets all segments but those that there are. */
  void retain(BiPredicate<BucketName, Integer> there) {
    meters.forEach(
        (bucket, segments) ->
            segments
                .keySet()
                .removeIf(
                    segment -> {
                      boolean gone = !there.test(bucket, segment);
                      if (gone) {
                        count.decrementAndGet();
                      }
                      return gone;
                    }));
    meters.values().removeIf(Map::isEmpty);
  }
}
