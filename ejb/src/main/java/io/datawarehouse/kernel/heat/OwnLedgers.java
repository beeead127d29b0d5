package io.datawarehouse.kernel.heat;

import io.datawarehouse.sdk.blob.BucketName;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the store holds of segments that buckets have for themselves: a ledger for each bucket, so
 * that one is counted anew alone when its keys are divided in another way. A bucket gets one when
 * the first of its blobs is changed or counted that lies in such a segment. Thread-safe.
 */
final class OwnLedgers {

  private final Map<BucketName, SegmentLedger> ledgers = new ConcurrentHashMap<>();

  /** Returns the ledger of a bucket, a new one where it had none. */
  SegmentLedger of(BucketName bucket) {
    SegmentLedger known = ledgers.get(bucket);
    return known == null
        ? ledgers.computeIfAbsent(bucket, name -> new SegmentLedger(StockTally.ofBucket()))
        : known;
  }

  /** Returns the ledger of a bucket; empty where it has none. */
  Optional<SegmentLedger> find(BucketName bucket) {
    return Optional.ofNullable(ledgers.get(bucket));
  }

  /** Says that keys of a bucket may lie in other segments than they were counted in. */
  void doubt(BucketName bucket) {
    find(bucket).ifPresent(SegmentLedger::doubt);
  }

  /** Returns those that are to be counted, by bucket. */
  Map<BucketName, SegmentLedger> unsettled() {
    Map<BucketName, SegmentLedger> unsettled = new TreeMap<>();
    ledgers.forEach(
        (bucket, ledger) -> {
          if (!ledger.settled()) {
            unsettled.put(bucket, ledger);
          }
        });
    return unsettled;
  }

  /** Forgets all but those of buckets that there are. */
  void retain(Set<BucketName> there) {
    ledgers.keySet().retainAll(there);
  }
}
