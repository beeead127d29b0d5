package io.datawarehouse.kernel.heat;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Counts what the store holds of each segment into a {@link SegmentLedger}: once after the start,
 * and again whenever the ledger is in doubt. It goes over the manifests a stretch at a time, and
 * rests after each for at least as long as it took. Confined to the thread that runs it; ends when
 * that is interrupted.
 */
public final class SegmentCensus implements Runnable {

  private static final System.Logger LOG = System.getLogger(SegmentCensus.class.getName());
  private static final int STRETCH = 500;
  private static final Duration LEAST_REST = Duration.ofMillis(5);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

  /** Waits. */
  @FunctionalInterface
  public interface Sleeper {
    /** Returns after that time; throws when there is no more need to. */
    void sleep(Duration time) throws InterruptedException;
  }

  private final StorageProvider provider;
  private final SegmentLedger ledger;
  private final ToIntFunction<BlobKey> segments;
  private final LongSupplier ticker;
  private final Sleeper sleeper;

  /** Makes a census that counts nothing before it is run. */
  public SegmentCensus(
      StorageProvider provider,
      SegmentLedger ledger,
      ToIntFunction<BlobKey> segments,
      LongSupplier ticker,
      Sleeper sleeper) {
    this.provider = provider;
    this.ledger = ledger;
    this.segments = segments;
    this.ticker = ticker;
    this.sleeper = sleeper;
  }

  @Override
  public void run() {
    try {
      while (true) {
        if (!ledger.settled()) {
          tryCount();
        }
        sleeper.sleep(LOOK_AGAIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tryCount() throws InterruptedException {
    try {
      count();
    } catch (WarehouseException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "what segments hold could not be counted, it is tried again: {0}",
          e.detail());
    }
  }

  /** Counts all once. */
  public void count() throws InterruptedException {
    ledger.restart();
    @Nullable BucketName last = null;
    do {
      for (Optional<BucketName> next = after(last); next.isPresent(); next = after(last)) {
        last = next.get();
        count(last);
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

  private void count(BucketName bucket) throws InterruptedException {
    @Nullable String last = null;
    boolean more = true;
    while (more) {
      long begin = ticker.getAsLong();
      Optional<BlobKey> end = endOfStretch(bucket, last);
      BlobKey until = end.orElseGet(() -> SegmentLedger.endOf(bucket));
      countStretch(until, last);
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

  private void countStretch(BlobKey until, @Nullable String after) throws InterruptedException {
    boolean counted = false;
    try {
      ledger.enclose(until);
      try (ManifestCursor cursor = open(until.bucket(), after)) {
        for (Optional<BlobManifest> next = cursor.next();
            next.isPresent() && !SegmentLedger.isBehind(next.get().blobKey(), until);
            next = cursor.next()) {
          ledger.count(segments.applyAsInt(next.get().blobKey()), next.get());
        }
      } catch (WarehouseException e) {
        Optional<BlobKey> unused = ifGone(e);
      }
      counted = true;
    } finally {
      if (counted) {
        ledger.advance();
      } else {
        ledger.abandon();
      }
    }
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
