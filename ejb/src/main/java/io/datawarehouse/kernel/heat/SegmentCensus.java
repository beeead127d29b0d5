package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Counts what the store holds of each segment into its {@link SegmentLedger}: once after the start,
 * and again whenever a ledger is in doubt, that of the cluster's segments or that of a bucket's own
 * ones. It goes over the manifests a stretch at a time, and rests after each for at least as long
 * as it took. Confined to the thread that runs it; ends when that is interrupted.
 */
public final class SegmentCensus implements Runnable {

  private static final System.Logger LOG = System.getLogger(SegmentCensus.class.getName());
  private static final int STRETCH = 500;
  private static final Duration LEAST_REST = Duration.ofMillis(5);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
  private static final Duration TRY_AGAIN = Duration.ofSeconds(30);

  /** Waits. */
  @FunctionalInterface
  public interface Sleeper {
    /** Returns after that time; throws when there is no more need to. */
    void sleep(Duration time) throws InterruptedException;
  }

  private final StorageProvider provider;
  private final SegmentLedger ledger;
  private final OwnLedgers own;
  private final ToIntFunction<BlobKey> segments;
  private final LongSupplier ticker;
  private final Sleeper sleeper;

  /** Makes a census that counts nothing before it is run. */
  public SegmentCensus(
      StorageProvider provider,
      SegmentHeat heat,
      ToIntFunction<BlobKey> segments,
      LongSupplier ticker,
      Sleeper sleeper) {
    this.provider = provider;
    this.ledger = heat.ledger();
    this.own = heat.ownLedgers();
    this.segments = segments;
    this.ticker = ticker;
    this.sleeper = sleeper;
  }

  @Override
  public void run() {
    try {
      while (true) {
        sleeper.sleep(tryCount() ? LOOK_AGAIN : TRY_AGAIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean tryCount() throws InterruptedException {
    try {
      countWhatIsDue();
      return true;
    } catch (WarehouseException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "what segments hold could not be counted, it is tried again: {0}",
          e.detail());
      return false;
    }
  }

  /** Counts what has not been counted or is in doubt; nothing as a rule. */
  public void countWhatIsDue() throws InterruptedException {
    if (!ledger.settled()) {
      count();
    }
    Map<BucketName, SegmentLedger> due = own.unsettled();
    if (!due.isEmpty()) {
      own.retain(
          provider.buckets().stream().map(BucketDefinition::name).collect(Collectors.toSet()));
    }
    for (Map.Entry<BucketName, SegmentLedger> bucket : due.entrySet()) {
      SegmentLedger counted = bucket.getValue();
      counted.restart();
      count(bucket.getKey(), counted);
      boolean unused = counted.settle(() -> true);
    }
  }

  /** Counts once what is in the segments of the cluster. */
  public void count() throws InterruptedException {
    ledger.restart();
    @Nullable BucketName last = null;
    do {
      for (Optional<BucketName> next = after(last); next.isPresent(); next = after(last)) {
        last = next.get();
        count(last, ledger);
      }
    } while (!settle(last));
  }

  private boolean settle(@Nullable BucketName last) {
    return ledger.settle(() -> after(last).isEmpty());
  }

  private Optional<BucketName> after(@Nullable BucketName last) {
    return provider.buckets().stream()
        .map(BucketDefinition::name)
        .filter(name -> last == null || name.value().compareTo(last.value()) > 0)
        .findFirst();
  }

  private void count(BucketName bucket, SegmentLedger into) throws InterruptedException {
    @Nullable String last = null;
    boolean more = true;
    while (more) {
      long begin = ticker.getAsLong();
      Optional<BlobKey> end = endOfStretch(bucket, last);
      BlobKey until = end.orElseGet(() -> SegmentLedger.endOf(bucket));
      countStretch(until, last, into);
      last = until.key();
      more = end.isPresent();
      Duration took = Duration.ofNanos(ticker.getAsLong() - begin);
      sleeper.sleep(took.compareTo(LEAST_REST) > 0 ? took : LEAST_REST);
    }
  }

  /** Returns the key up to which the next stretch goes; empty where the bucket ends before. */
  private Optional<BlobKey> endOfStretch(BucketName bucket, @Nullable String after) {
    try (ManifestCursor cursor = open(bucket, after)) {
      Optional<BlobManifest> last = Optional.empty();
      for (int i = 0; i < STRETCH; i++) {
        last = cursor.next();
        if (last.isEmpty()) {
          return Optional.empty();
        }
      }
      return last.map(BlobManifest::blobKey);
    } catch (WarehouseException e) {
      return ifGone(e);
    }
  }

  private void countStretch(BlobKey until, @Nullable String after, SegmentLedger into)
      throws InterruptedException {
    boolean counted = false;
    try {
      into.enclose(until);
      try (ManifestCursor cursor = open(until.bucket(), after)) {
        for (Optional<BlobManifest> next = cursor.next();
            next.isPresent() && !SegmentLedger.isBehind(next.get().blobKey(), until);
            next = cursor.next()) {
          count(next.get(), into);
        }
      } catch (WarehouseException e) {
        Optional<BlobKey> unused = ifGone(e);
      }
      counted = true;
    } finally {
      if (counted) {
        into.advance();
      } else {
        into.abandon();
      }
    }
  }

  private void count(BlobManifest manifest, SegmentLedger into) {
    int segment = segments.applyAsInt(manifest.blobKey());
    if (segment >= SingleNodePlacement.SEGMENTS) {
      // Where it had none it is counted next.
      SegmentLedger unused = own.of(manifest.bucket());
    }
    into.count(segment, manifest);
  }

  private ManifestCursor open(BucketName bucket, @Nullable String after) {
    ManifestCursor cursor = provider.openCursor(bucket);
    if (after != null) {
      cursor.seekAfter(after);
    }
    return cursor;
  }

  /** A bucket that was deleted meanwhile was empty then. */
  private static Optional<BlobKey> ifGone(WarehouseException failure) {
    if (failure.code() != StandardErrorCode.NO_SUCH_BUCKET) {
      throw failure;
    }
    return Optional.empty();
  }
}
