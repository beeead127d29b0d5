package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.metric.Metrics;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The store, open from its making to {@link #close()}. Thread-safe. Small content goes into the
 * database, large content into files; one synced batch makes a version visible either way.
 */
final class RocksDbStore implements StorageProvider {

  private static final int FORMAT = 1;
  private static final Duration BUFFER_PATIENCE = Duration.ofSeconds(10);

  /**
   * What the store gets from outside. Immutable.
   *
   * @param metrics counts
   * @param executor runs the removal of files and early write-back; may refuse
   * @param logger hears what nobody else is told
   * @param watcher is told of the steps of a write
   */
  record Surroundings(
      Metrics metrics, Executor executor, System.Logger logger, WriteStep.Watcher watcher) {}

  private final StoreOptions options;
  private final Surroundings surroundings;
  private final Database database;
  private final ContentFiles files;
  private final FrameBuffers buffers;
  private final UnreferencedContent unreferenced;
  private final SpaceReclaim reclaim;
  private final BucketTable buckets;
  private final KeyStripes stripes = new KeyStripes();
  private final Lease handles = new Lease();
  private final Object probing = new Object();
  private final StoreMetrics metrics;

  private RocksDbStore(StoreOptions options, Surroundings surroundings, Database database) {
    this.options = options;
    this.surroundings = surroundings;
    this.database = database;
    requireFormat(database);
    files = ContentFiles.open(options);
    buffers = new FrameBuffers(options.frameBytes(), options.bufferCount(), BUFFER_PATIENCE);
    unreferenced =
        new UnreferencedContent(
            database,
            files,
            surroundings.executor(),
            surroundings.watcher(),
            surroundings.logger());
    reclaim = new SpaceReclaim(database, surroundings.executor(), surroundings.logger());
    buckets = new BucketTable(database);
    metrics = new StoreMetrics(surroundings.metrics());
    metrics.watch(database, handles, buffers);
  }

  /** Opens the store, making it where there is none, and removes what a crash left over. */
  static RocksDbStore open(StoreOptions options, Surroundings surroundings) {
    Database database = Database.open(options, surroundings.logger());
    try {
      RocksDbStore store = new RocksDbStore(options, surroundings, database);
      store.unreferenced.sweepAll();
      return store;
    } catch (RuntimeException e) {
      closeAfter(e, database);
      throw e;
    }
  }

  private static void closeAfter(RuntimeException failure, Database database) {
    try {
      database.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private static void requireFormat(Database database) {
    byte[] stored = database.get(Family.META, Keys.FORMAT);
    if (stored == null) {
      database.write(batch -> batch.put(Family.META, Keys.FORMAT, Batch.counter(FORMAT)));
    } else if (Batch.counterOf(stored) != FORMAT) {
      throw new WarehouseException(
          StandardErrorCode.STORAGE_FAILED,
          "the store has format "
              + Batch.counterOf(stored)
              + ", this version of the plugin reads up to "
              + FORMAT);
    }
  }

  @Override
  public boolean createBucket(BucketDefinition definition) {
    return buckets.create(definition);
  }

  @Override
  public Optional<BucketDefinition> findBucket(BucketName bucket) {
    return buckets.find(bucket).map(BucketState::definition);
  }

  @Override
  public boolean replaceBucket(BucketDefinition present, BucketDefinition next) {
    return buckets.replace(present, next);
  }

  @Override
  public List<BucketDefinition> buckets() {
    return buckets.all();
  }

  @Override
  public BucketUsage usage(BucketName bucket) {
    return buckets.require(bucket).usage();
  }

  @Override
  public void deleteBucket(BucketName bucket) {
    buckets.delete(bucket);
  }

  @Override
  public BlobWriter openWriter(BlobKey key, OptionalLong expectedSize) {
    BucketState bucket = buckets.require(key.bucket());
    handles.enter();
    try {
      requireRoom(expectedSize.orElse(0));
      return new RocksDbWriter(this, bucket, key, expectedSize);
    } catch (RuntimeException e) {
      handles.exit();
      throw e;
    }
  }

  /** Throws {@code DISK_FULL} unless so much can be written and the reserve stays free. */
  void requireRoom(long bytes) {
    try {
      files.requireRoom(bytes);
    } catch (WarehouseException e) {
      if (e.code() == StandardErrorCode.DISK_FULL) {
        reclaim.begin();
      }
      throw e;
    }
  }

  @Override
  public Optional<BlobManifest> findManifest(BlobKey key) {
    return find(key).map(StoredVersion::manifest);
  }

  private Optional<StoredVersion> find(BlobKey key) {
    byte[] stored = database.get(Family.MANIFESTS, Keys.manifest(key));
    return stored == null ? Optional.empty() : Optional.of(ManifestFormat.decode(key, stored));
  }

  @Override
  public Optional<BlobReader> openReader(BlobKey key) {
    handles.enter();
    BlobReader reader = null;
    try {
      reader = findReader(key);
      return Optional.ofNullable(reader);
    } finally {
      if (reader == null) {
        handles.exit();
      }
    }
  }

  /**
   * Content that is gone belongs to a version that was replaced between the two look-ups, so the
   * manifest is looked up again; only if that has not changed is something wrong.
   */
  private @Nullable BlobReader findReader(BlobKey key) {
    long missing = -1;
    while (true) {
      Optional<StoredVersion> found = find(key);
      if (found.isEmpty()) {
        return null;
      }
      StoredVersion version = found.get();
      BlobReader reader = openContent(key, version);
      if (reader != null) {
        return reader;
      }
      if (version.place().id() == missing) {
        metrics.foundCorrupt();
        throw StorageErrors.corrupt(key, "its content is missing");
      }
      missing = version.place().id();
    }
  }

  private @Nullable BlobReader openContent(BlobKey key, StoredVersion version) {
    if (version.place() instanceof ContentPlace.InFile inFile) {
      Optional<FileChannel> channel = files.open(inFile.id());
      return channel.isEmpty()
          ? null
          : new FileReader(this, version.manifest(), inFile, channel.get());
    }
    ContentPlace place = version.place();
    if (place.length() == 0) {
      return new InlineReader(this, version.manifest(), new byte[0], 0);
    }
    byte[] stored = database.get(Family.INLINE, Keys.content(place.id()));
    if (stored == null) {
      return null;
    }
    if (!InlineContent.isSound(place.id(), stored, place.length())) {
      metrics.foundCorrupt();
      throw StorageErrors.corrupt(key, "its content does not have its checksum");
    }
    return new InlineReader(this, version.manifest(), stored, InlineContent.CHECKSUM_BYTES);
  }

  @Override
  public Optional<BlobManifest> delete(BlobKey key, Consumer<BlobManifest> check) {
    Optional<BucketState> bucket = buckets.find(key.bucket());
    return bucket.isEmpty() ? Optional.empty() : delete(bucket.get(), key, check);
  }

  private Optional<BlobManifest> delete(
      BucketState bucket, BlobKey key, Consumer<BlobManifest> check) {
    Optional<StoredVersion> gone = deleteLocked(bucket, key, check);
    gone.ifPresent(version -> dropReplaced(version.place()));
    return gone.map(StoredVersion::manifest);
  }

  private Optional<StoredVersion> deleteLocked(
      BucketState bucket, BlobKey key, Consumer<BlobManifest> check) {
    Lock shared = bucket.lock().readLock();
    Lock stripe = stripes.of(key);
    shared.lock();
    stripe.lock();
    try {
      Optional<StoredVersion> present = find(key);
      if (present.isEmpty()) {
        return present;
      }
      StoredVersion version = present.get();
      check.accept(version.manifest());
      long size = version.manifest().size();
      long begin = System.nanoTime();
      database.write(
          batch -> {
            batch.delete(Family.MANIFESTS, Keys.manifest(key));
            count(batch, key.bucket(), -1, -size);
            UnreferencedContent.release(batch, version.place());
          });
      bucket.add(-1, -size);
      metrics.deleted(System.nanoTime() - begin);
      return present;
    } finally {
      stripe.unlock();
      shared.unlock();
    }
  }

  /**
   * Decides about a staged version and commits it. What is between reading the present version and
   * the end of the batch happens alone for this key; other keys share the sync.
   */
  BlobManifest commit(
      BucketState bucket,
      BlobKey key,
      StagedContent staged,
      Function<Optional<BlobManifest>, BlobManifest> decide) {
    Lock shared = bucket.lock().readLock();
    Lock stripe = stripes.of(key);
    Replaced replaced;
    StoredVersion version;
    shared.lock();
    stripe.lock();
    try {
      bucket.requirePresent();
      replaced = findReplaced(key);
      BlobManifest wanted = decide.apply(replaced.version().map(StoredVersion::manifest));
      version = new StoredVersion(asStored(wanted, key, staged.place()), staged.place());
      write(bucket, key, new Change(replaced, version, staged));
    } finally {
      stripe.unlock();
      shared.unlock();
    }
    surroundings.watcher().at(WriteStep.COMMITTED);
    replaced.version().ifPresent(old -> dropReplaced(old.place()));
    return version.manifest();
  }

  /**
   * What a commit replaces.
   *
   * @param version the version, where there is one that can be read
   * @param counted whether the bucket counts a blob for it
   */
  private record Replaced(Optional<StoredVersion> version, boolean counted) {}

  /**
   * A version whose manifest cannot be read is replaced like one that is not there, so that a blob
   * can be mended by writing it anew. Its bytes stay counted, and its content stays.
   */
  private Replaced findReplaced(BlobKey key) {
    try {
      Optional<StoredVersion> found = find(key);
      return new Replaced(found, found.isPresent());
    } catch (WarehouseException e) {
      if (e.code() != StandardErrorCode.BLOB_CORRUPT) {
        throw e;
      }
      surroundings
          .logger()
          .log(
              System.Logger.Level.WARNING,
              "{0} is written over, although its manifest cannot be read: {1}",
              key,
              e.detail());
      return new Replaced(Optional.empty(), true);
    }
  }

  private record Change(Replaced replaced, StoredVersion version, StagedContent staged) {

    long newBlobs() {
      return replaced.counted() ? 0 : 1;
    }

    long newBytes() {
      return version.manifest().size()
          - replaced.version().map(old -> old.manifest().size()).orElse(0L);
    }
  }

  private void write(BucketState bucket, BlobKey key, Change change) {
    long begin = System.nanoTime();
    change.staged().mayBeReferenced();
    database.write(
        batch -> {
          change.staged().putContent(batch);
          batch.put(Family.MANIFESTS, Keys.manifest(key), ManifestFormat.encode(change.version()));
          count(batch, key.bucket(), change.newBlobs(), change.newBytes());
          UnreferencedContent.claim(batch, change.version().place());
          change
              .replaced()
              .version()
              .ifPresent(old -> UnreferencedContent.release(batch, old.place()));
        });
    bucket.add(change.newBlobs(), change.newBytes());
    metrics.committed(change.version().place().length(), System.nanoTime() - begin);
  }

  private static void count(Batch batch, BucketName bucket, long blobs, long bytes) {
    batch.add(Keys.blobCount(bucket), blobs);
    batch.add(Keys.byteCount(bucket), bytes);
  }

  private static BlobManifest asStored(BlobManifest wanted, BlobKey key, ContentPlace place) {
    if (!wanted.bucket().equals(key.bucket()) || !wanted.key().equals(key.key())) {
      throw new IllegalArgumentException(
          "the manifest of " + wanted.blobKey() + " was decided for " + key);
    }
    return wanted.withStoredSize(place.storedLength()).withPlacement(0, List.of());
  }

  private void dropReplaced(ContentPlace place) {
    if (place instanceof ContentPlace.InFile) {
      unreferenced.drop(place.id());
    }
  }

  @Override
  public ManifestCursor openCursor(BucketName bucket) {
    buckets.require(bucket);
    handles.enter();
    try {
      return new RocksDbCursor(this, bucket);
    } catch (RuntimeException e) {
      handles.exit();
      throw e;
    }
  }

  @Override
  public void probe() {
    synchronized (probing) {
      byte[] value = Batch.counter(System.nanoTime());
      database.write(batch -> batch.put(Family.META, Keys.PROBE, value));
      if (!Arrays.equals(value, database.get(Family.META, Keys.PROBE))) {
        throw new WarehouseException(
            StandardErrorCode.STORAGE_FAILED, "what a probe wrote was not there");
      }
      database.write(batch -> batch.delete(Family.META, Keys.PROBE));
    }
  }

  @Override
  public List<String> verify(LongConsumer pace) {
    return database.verifyTables(pace);
  }

  StoreOptions options() {
    return options;
  }

  Surroundings surroundings() {
    return surroundings;
  }

  Database database() {
    return database;
  }

  ContentFiles files() {
    return files;
  }

  FrameBuffers buffers() {
    return buffers;
  }

  UnreferencedContent unreferenced() {
    return unreferenced;
  }

  StoreMetrics metrics() {
    return metrics;
  }

  /** Called by a reader, writer or cursor once, when it was closed. */
  void handleClosed() {
    handles.exit();
  }

  /**
   * Opens nothing new, waits a while for what is open, then closes; what is still open then fails
   * with {@code UNAVAILABLE}, but readers of files, which read on to the end of their version.
   */
  void close() throws InterruptedException {
    handles.shut();
    if (!handles.awaitEmpty(options.stopTimeout())) {
      surroundings
          .logger()
          .log(
              System.Logger.Level.WARNING,
              "{0} readers, writers or cursors are still open; the store closes now",
              handles.inside());
    }
    try {
      unreferenced.close();
    } finally {
      database.close();
    }
  }
}
