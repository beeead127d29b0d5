package io.datawarehouse.kernel.scrub;

import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.metric.Metrics;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads every version of a store, bucket by bucket in the order of keys, at a bounded rate, and
 * checks each frame and the digest of the whole. A round that is cut short by a restart goes on
 * where it was. Only {@link #run()} reads; all else may be asked by any thread.
 *
 * <p>A version that cannot be judged (its key was destroyed, its transformer is gone) is passed
 * over and counted: that is no damage.
 */
public final class Scrubber implements Runnable {

  private static final System.Logger LOG = System.getLogger(Scrubber.class.getName());

  /** How many manifests are looked up at once; no cursor stays open while blobs are read. */
  private static final int BATCH = 100;

  /** How much may be read again after a restart. */
  private static final long SAVE_EVERY_BYTES = 64L << 20;

  /**
   * What a scrub works with. Immutable.
   *
   * @param provider the store
   * @param pipelines read what is encoded
   * @param memory a durable map of the scrub's own
   * @param clock dates findings
   * @param nanos a clock that only goes forward
   * @param sleeper waits
   * @param bytesPerSecond how much is read at most, more than 0
   * @param pause between the end of a round and the next one
   * @param metrics counts
   * @param onDamage told once of each damaged blob, on the scrub's thread
   */
  public record Options(
      StorageProvider provider,
      ContentPipelines pipelines,
      KernelStorage memory,
      Clock clock,
      LongSupplier nanos,
      Sleeper sleeper,
      long bytesPerSecond,
      Duration pause,
      Metrics metrics,
      Consumer<Finding> onDamage) {}

  /** Waits between reads. */
  @FunctionalInterface
  public interface Sleeper {
    /** Returns after that time; throws when the scrub is to end. */
    void sleep(Duration time) throws InterruptedException;
  }

  /** Takes a scrub out of the middle of a blob; never leaves this class. */
  private static final class Stopped extends RuntimeException {
    Stopped(InterruptedException cause) {
      super(cause);
    }
  }

  private final Options options;
  private final ScrubMemory memory;
  private final Pacer pacer;
  private final Metrics.Counter blobs;
  private final Metrics.Counter bytes;
  private final Metrics.Counter passedOver;
  private final Metrics.Counter rounds;
  private long readSinceSaved;

  /** Makes a scrub that goes on where the last one was; nothing is read before {@link #run()}. */
  public Scrubber(Options options) {
    this.options = options;
    this.memory = new ScrubMemory(options.memory);
    this.pacer = new Pacer(options.bytesPerSecond, options.nanos, options.sleeper::sleep);
    Metrics metrics = options.metrics;
    blobs = metrics.counter("scrub.blobs", "Blobs that were checked in the background", Map.of());
    bytes = metrics.counter("scrub.bytes", "Bytes of content that were checked", Map.of());
    passedOver = metrics.counter("scrub.passed.over", "Blobs that could not be judged", Map.of());
    rounds = metrics.counter("scrub.rounds", "Times that the whole store was checked", Map.of());
    metrics.gauge("scrub.damaged", "Blobs that are known to be damaged", Map.of(), this::damaged);
  }

  /** Returns the blobs that are known to be damaged, those found first before the others. */
  public Collection<Finding> findings() {
    return memory.findings();
  }

  /** Returns how many blobs are known to be damaged. */
  public int damaged() {
    return memory.findings().size();
  }

  /** Goes round after round until its thread is interrupted. */
  @Override
  public void run() {
    try {
      while (true) {
        try {
          round();
        } catch (WarehouseException e) {
          // A store that fails says so elsewhere too; the scrub goes on when it works again.
          LOG.log(System.Logger.Level.WARNING, "a round of the scrub was broken off", e);
        }
        options.sleeper.sleep(options.pause);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Checks what is left of a round. */
  void round() throws InterruptedException {
    BlobKey place = memory.place().orElse(null);
    for (BucketDefinition bucket : options.provider.buckets()) {
      String name = bucket.name().value();
      int order = place == null ? 1 : name.compareTo(place.bucket().value());
      if (order >= 0) {
        bucket(bucket.name(), place != null && order == 0 ? place.key() : null);
      }
    }
    for (Finding known : memory.findings()) {
      // What was deleted does not come up any more.
      if (options.provider.findManifest(known.blob()).isEmpty()) {
        memory.remove(known.blob());
      }
    }
    memory.moveTo(null);
    rounds.increment();
  }

  private void bucket(BucketName bucket, @Nullable String after) throws InterruptedException {
    String last = after;
    while (true) {
      List<BlobKey> batch = batch(bucket, last);
      if (batch.isEmpty()) {
        return;
      }
      for (BlobKey blob : batch) {
        try {
          check(blob);
        } catch (Stopped e) {
          throw (InterruptedException) new InterruptedException("the scrub ends").initCause(e);
        }
        last = blob.key();
        if (readSinceSaved >= SAVE_EVERY_BYTES) {
          save(blob);
        }
      }
      save(batch.get(batch.size() - 1));
    }
  }

  private void save(BlobKey place) {
    memory.moveTo(place);
    readSinceSaved = 0;
  }

  private List<BlobKey> batch(BucketName bucket, @Nullable String after) {
    List<BlobKey> batch = new ArrayList<>(BATCH);
    try (ManifestCursor cursor = options.provider.openCursor(bucket)) {
      if (after != null) {
        cursor.seekAfter(after);
      }
      for (Optional<BlobManifest> next = cursor.next();
          next.isPresent() && batch.size() < BATCH;
          next = cursor.next()) {
        batch.add(next.get().blobKey());
      }
    } catch (WarehouseException e) {
      if (e.code() != StandardErrorCode.NO_SUCH_BUCKET) {
        throw e;
      }
      // Deleted meanwhile.
    }
    return batch;
  }

  private void check(BlobKey blob) {
    // A blob without content takes a look at the disk too.
    pace(1);
    try (BlobReader reader = options.provider.openReader(blob).orElse(null)) {
      if (reader != null) {
        options.pipelines.verify(reader, this::pace);
        blobs.increment();
      }
      memory.remove(blob);
    } catch (WarehouseException e) {
      judge(blob, e);
    }
  }

  private void judge(BlobKey blob, WarehouseException failure) {
    if (failure.code() == StandardErrorCode.BLOB_CORRUPT) {
      if (memory.add(blob, failure.detail(), options.clock.instant())) {
        LOG.log(
            System.Logger.Level.WARNING,
            "blob {0}/{1} is damaged: {2}",
            blob.bucket(),
            blob.key(),
            failure.detail());
        options.onDamage.accept(new Finding(blob, failure.detail(), options.clock.instant()));
      }
    } else {
      passedOver.increment();
      LOG.log(System.Logger.Level.DEBUG, () -> "blob " + blob + " cannot be checked now", failure);
    }
  }

  private void pace(int count) {
    try {
      pacer.before(count);
      bytes.add(count);
      readSinceSaved += count;
    } catch (InterruptedException e) {
      throw new Stopped(e);
    }
  }
}
