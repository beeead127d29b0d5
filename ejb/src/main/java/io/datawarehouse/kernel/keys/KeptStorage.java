package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.blob.ContentEncoding;
import io.datawarehouse.sdk.blob.WrappedKey;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * A store whose blobs and keys stay together: a version is committed only while its key lives, and
 * a bucket takes its keys along when it is deleted. Thread-safe.
 *
 * <p>A commit and the end of a bucket's keys exclude each other by the bucket's lock, which commits
 * share. It is taken before any lock of the store.
 */
public final class KeptStorage implements StorageProvider {

  private final StorageProvider store;
  private final String name;
  private final Keyring keyring;

  /**
   * Guards a store; completes first what a crash left of the deletion of its buckets.
   *
   * @param name what the store is called in the configuration
   */
  public KeptStorage(StorageProvider store, String name, Keyring keyring) {
    this.store = store;
    this.name = name;
    this.keyring = keyring;
    keyring.completeDrops(name, bucket -> store.findBucket(bucket).isPresent());
  }

  @Override
  public boolean createBucket(BucketDefinition definition) {
    return holding(lockOf(definition.name()).readLock(), () -> store.createBucket(definition));
  }

  @Override
  public Optional<BucketDefinition> findBucket(BucketName bucket) {
    return store.findBucket(bucket);
  }

  @Override
  public boolean replaceBucket(BucketDefinition present, BucketDefinition next) {
    return store.replaceBucket(present, next);
  }

  @Override
  public List<BucketDefinition> buckets() {
    return store.buckets();
  }

  @Override
  public BucketUsage usage(BucketName bucket) {
    return store.usage(bucket);
  }

  @Override
  public void deleteBucket(BucketName bucket) {
    holding(
        lockOf(bucket).writeLock(),
        () -> {
          keyring.drop(bucket, name, () -> store.deleteBucket(bucket));
          return true;
        });
  }

  @Override
  public BlobWriter openWriter(BlobKey key, OptionalLong expectedSize) {
    return new Writer(key.bucket(), store.openWriter(key, expectedSize));
  }

  @Override
  public Optional<BlobManifest> findManifest(BlobKey key) {
    return store.findManifest(key);
  }

  @Override
  public Optional<BlobReader> openReader(BlobKey key) {
    return store.openReader(key);
  }

  @Override
  public Optional<BlobManifest> delete(BlobKey key, Consumer<BlobManifest> check) {
    return store.delete(key, check);
  }

  @Override
  public ManifestCursor openCursor(BucketName bucket) {
    return store.openCursor(bucket);
  }

  @Override
  public void probe() {
    store.probe();
  }

  @Override
  public List<String> verify(LongConsumer pace) {
    return store.verify(pace);
  }

  private ReadWriteLock lockOf(BucketName bucket) {
    return keyring.lifeOf(bucket);
  }

  private static <T> T holding(Lock lock, Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  /** A version on its way. Confined to one thread at a time. */
  private final class Writer implements BlobWriter {

    private final BucketName bucket;
    private final BlobWriter writer;

    Writer(BucketName bucket, BlobWriter writer) {
      this.bucket = bucket;
      this.writer = writer;
    }

    @Override
    public void write(byte[] source, int offset, int length) {
      writer.write(source, offset, length);
    }

    @Override
    public BlobManifest commit(Function<Optional<BlobManifest>, BlobManifest> decide) {
      return holding(
          lockOf(bucket).readLock(),
          () -> writer.commit(present -> requireKey(decide.apply(present))));
    }

    private BlobManifest requireKey(BlobManifest next) {
      Optional<String> key =
          next.encoding().flatMap(ContentEncoding::key).map(WrappedKey::bucketKeyId);
      if (key.isPresent() && !keyring.lives(bucket, key.get())) {
        throw new WarehouseException(
            StandardErrorCode.KEY_DESTROYED,
            "key '%s' of bucket '%s' was destroyed while '%s' was written: write it again"
                .formatted(key.get(), bucket.value(), next.key()));
      }
      return next;
    }

    @Override
    public void close() {
      writer.close();
    }
  }
}
