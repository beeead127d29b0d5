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
import io.datawarehouse.sdk.storage.StorageProvider;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads every version of a store, bucket by bucket in the order of keys, at a bounded rate, and
 * checks each frame and the digest of the whole. A round that is cut short by a restart goes on
 * where it was. Only {@link #run()} reads; all else may be asked by any thread.
 *
 * <p>A version that cannot be judged (its key was destroyed, its transformer is gone) is passed
 * over and counted: that is no damage. What is damaged leaves the report as soon as it was written
 * anew or deleted, at the latest {@link #LOOK_AGAIN} after, or as soon as somebody asks.
 */
public final class Scrubber implements Runnable, ScrubOffice {

  private static final System.Logger LOG = System.getLogger(Scrubber.class.getName());

  /** How much may be read again after a restart. */
  private static final long SAVE_EVERY_BYTES = 64L << 20;

  /** What is read at one stroke is waited for in pieces of that size. */
  private static final long PIECE = 1L << 20;

  /** How often is looked whether what is damaged was mended. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

  /** When a round that was broken off goes on. */
  private static final Duration RETRY = Duration.ofMinutes(1);

  /**
   * What a scrub works with. Immutable.
   *
   * @param provider the store
   * @param pipelines read what is encoded
   * @param memory a durable map of the scrub's own
   * @param clock dates findings
   * @param nanos a clock that only goes forward
   * @param sleeper waits
   * @param bytesPerSecond how much is read at most; 0 for a scrub that is turned off
   * @param pause between the end of a round and the next one
   * @param metrics counts
   * @param onDamage told once of each finding, on the scrub's thread
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

  /** A permit for whoever wants a round at once; never more than one. */
  private final Semaphore wanted = new Semaphore(0);

  private volatile boolean reading;

  /** The round that is under way, with what was read of it; changed by the scrub's thread alone. */
  private volatile Round current = Round.begun(Instant.EPOCH);

  // The scrub's thread's own.
  private long readSinceSaved;
  private long lookAt;

  /** Makes a scrub that goes on where the last one was; nothing is read before {@link #run()}. */
  public Scrubber(Options options) {
    this.options = options;
    this.memory = new ScrubMemory(options.memory);
    this.pacer =
        new Pacer(Math.max(1, options.bytesPerSecond), options.nanos, options.sleeper::sleep);
    Metrics metrics = options.metrics;
    blobs = metrics.counter("scrub.blobs", "Blobs that were checked in the background", Map.of());
    bytes = metrics.counter("scrub.bytes", "Bytes of content that were checked", Map.of());
    passedOver = metrics.counter("scrub.passed.over", "Blobs that could not be judged", Map.of());
    rounds = metrics.counter("scrub.rounds", "Times that the whole store was checked", Map.of());
    metrics.gauge("scrub.damaged", "Blobs that are known to be damaged", Map.of(), this::damaged);
  }

  /** Returns what is known to be damaged, by bucket and key. */
  public List<Finding> findings() {
    return memory.findings();
  }

  /** Returns how much is known to be damaged; quick. */
  public int damaged() {
    return (int) Math.min(Integer.MAX_VALUE, memory.damaged());
  }

  @Override
  public Status status() {
    Optional<Round> last = memory.last();
    boolean off = options.bytesPerSecond == 0;
    boolean waits = !off && !reading;
    return new Status(
        off ? State.OFF : reading ? State.RUNNING : State.WAITING,
        options.bytesPerSecond,
        reading ? Optional.of(current) : memory.present(),
        last,
        waits ? last.flatMap(Round::endedAt).map(end -> end.plus(options.pause)) : Optional.empty(),
        memory.damaged());
  }

  @Override
  public Page findings(Optional<String> after, int limit) {
    lookAgain();
    List<Finding> found = memory.findings(after.orElse(""), limit + 1);
    boolean more = found.size() > limit;
    List<Finding> page = more ? found.subList(0, limit) : found;
    return new Page(page, more ? Optional.of(page.get(limit - 1).id()) : Optional.empty());
  }

  @Override
  public void begin() {
    if (options.bytesPerSecond == 0) {
      throw new WarehouseException(
          StandardErrorCode.SETTING_UNSUPPORTED,
          "dw.scrub.rate is 0, so nothing is read in the background");
    }
    if (!reading && wanted.availablePermits() == 0) {
      wanted.release();
    }
  }

  /** Goes round after round until its thread is interrupted. */
  @Override
  public void run() {
    try {
      if (memory.present().isEmpty()) {
        await(untilNext());
      }
      while (true) {
        await(tryRound() ? options.pause : RETRY);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns whether the round came to its end. */
  private boolean tryRound() throws InterruptedException {
    reading = true;
    try {
      round();
      return true;
    } catch (RuntimeException e) {
      // A store that fails says so elsewhere too; the scrub goes on where it was.
      LOG.log(System.Logger.Level.WARNING, "a round of the scrub was broken off", e);
      return false;
    } finally {
      reading = false;
    }
  }

  /** A restart does not bring the next round forward. */
  private Duration untilNext() {
    Optional<Instant> ended = memory.last().flatMap(Round::endedAt);
    if (ended.isEmpty()) {
      return Duration.ZERO;
    }
    Duration left = Duration.between(now(), ended.get().plus(options.pause));
    return left.compareTo(options.pause) > 0 ? options.pause : left;
  }

  private void await(Duration time) throws InterruptedException {
    long end = options.nanos.getAsLong() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = end - options.nanos.getAsLong()) {
      if (wanted.tryAcquire(Math.min(left, LOOK_AGAIN.toNanos()), TimeUnit.NANOSECONDS)) {
        return;
      }
      lookAgain();
    }
    wanted.tryAcquire();
  }

  /** Forgets what was mended. */
  private void lookAgain() {
    for (Finding known : memory.findings()) {
      known
          .blob()
          .map(this::versionOf)
          .filter(version -> !version.isEmpty() && !version.equals(known.version()))
          .ifPresent(version -> memory.remove(known.id()));
    }
  }

  /** Returns what tells a version from those before and after it; empty where nobody can. */
  private String versionOf(BlobKey blob) {
    try {
      return options.provider.findManifest(blob).map(Scrubber::versionOf).orElse("none");
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, () -> "the manifest of " + blob + " cannot be read", e);
      return "";
    }
  }

  private static String versionOf(BlobManifest manifest) {
    return manifest.lastModified() + " " + manifest.context() + " " + manifest.etag();
  }

  /** Checks what is left of a round. */
  void round() throws InterruptedException {
    Round begun = memory.present().orElse(null);
    if (begun == null) {
      begun = Round.begun(now());
      memory.begin(begun);
    }
    current = begun;
    try {
      readAll(begun.place().orElse(null));
      readTables();
    } catch (Stopped e) {
      throw (InterruptedException) new InterruptedException("the scrub ends").initCause(e);
    }
    forgetBucketsThatAreGone();
    lookAgain();
    memory.end(current.ended(now()));
    rounds.increment();
  }

  private void readAll(@Nullable BlobKey place) {
    for (BucketDefinition bucket : options.provider.buckets()) {
      String name = bucket.name().value();
      int order = place == null ? 1 : name.compareTo(place.bucket().value());
      if (order >= 0) {
        readBucket(bucket.name(), place != null && order == 0 ? place.key() : null);
      }
    }
  }

  private void readBucket(BucketName bucket, @Nullable String after) {
    BucketWalk walk = new BucketWalk(options.provider, bucket, after);
    for (List<BlobKey> batch = walk.next(); !batch.isEmpty(); batch = walk.next()) {
      for (BlobKey blob : batch) {
        check(blob);
        if (readSinceSaved >= SAVE_EVERY_BYTES) {
          save(blob);
        }
      }
      save(batch.get(batch.size() - 1));
    }
    Finding place = Finding.ofBucket(bucket, walk.damage().orElse(""), now());
    if (walk.damage().isPresent()) {
      report(place);
    } else if (after == null) {
      memory.remove(place.id());
    }
  }

  private void forgetBucketsThatAreGone() {
    for (Finding known : memory.findings()) {
      if (known.key().isEmpty()
          && known.bucket().isPresent()
          && options.provider.findBucket(known.bucket().get()).isEmpty()) {
        memory.remove(known.id());
      }
    }
  }

  /** What the store keeps beside blobs; known damage of it that is not found again is no more. */
  private void readTables() {
    Set<String> damaged = new HashSet<>();
    for (String reason : options.provider.verify(this::pace)) {
      Finding found = Finding.ofStore(reason, now());
      damaged.add(found.id());
      report(found);
    }
    for (Finding known : memory.findings()) {
      if (known.bucket().isEmpty() && !damaged.contains(known.id())) {
        memory.remove(known.id());
      }
    }
  }

  private void save(BlobKey place) {
    current = current.at(place);
    memory.moveTo(current);
    readSinceSaved = 0;
  }

  /** What seems to be damaged is looked at once more: perhaps it was just being replaced. */
  private void check(BlobKey blob) {
    if (options.nanos.getAsLong() - lookAt >= 0) {
      lookAgain();
      lookAt = options.nanos.getAsLong() + LOOK_AGAIN.toNanos();
    }
    try {
      verify(blob);
    } catch (WarehouseException first) {
      String version = versionOf(blob);
      try {
        verify(blob);
      } catch (WarehouseException second) {
        judge(blob, second, version);
      }
    } catch (Stopped e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, () -> "checking blob " + blob + " failed", e);
      passOver();
    }
  }

  private void verify(BlobKey blob) {
    // A blob without content takes a look at the disk too.
    pace(1);
    try (BlobReader reader = options.provider.openReader(blob).orElse(null)) {
      if (reader != null) {
        options.pipelines.verify(reader, this::pace);
        blobs.increment();
        current = current.and(1, 0, 0);
      }
      memory.remove(Finding.idOf(blob));
    }
  }

  private void judge(BlobKey blob, WarehouseException failure, String version) {
    if (meansDamage(failure)) {
      report(Finding.ofBlob(blob, failure.detail(), now(), version));
    } else {
      passOver();
      LOG.log(System.Logger.Level.DEBUG, () -> "blob " + blob + " cannot be checked now", failure);
    }
  }

  /** What the disk does not give back is damaged too. */
  static boolean meansDamage(WarehouseException failure) {
    return failure.code() == StandardErrorCode.BLOB_CORRUPT
        || failure.code() == StandardErrorCode.STORAGE_FAILED;
  }

  private void report(Finding found) {
    if (!memory.add(found)) {
      return;
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "{0} {1} is damaged: {2}",
        found.key().isPresent() ? "blob" : found.bucket().isPresent() ? "bucket" : "the store",
        found.id(),
        found.reason());
    try {
      options.onDamage.accept(found);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, () -> "nobody could be told of " + found.id(), e);
    }
  }

  private void passOver() {
    passedOver.increment();
    current = current.and(0, 0, 1);
  }

  private void pace(long count) {
    for (long left = count; left > 0; left -= PIECE) {
      paceOne((int) Math.min(PIECE, left));
    }
  }

  private void paceOne(int count) {
    try {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      pacer.before(count);
    } catch (InterruptedException e) {
      throw new Stopped(e);
    }
    bytes.add(count);
    readSinceSaved += count;
    current = current.and(0, count, 0);
  }

  private Instant now() {
    return options.clock.instant();
  }
}
