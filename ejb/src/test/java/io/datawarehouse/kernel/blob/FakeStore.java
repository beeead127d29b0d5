package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;

/** A store in memory that counts what is open and lets a test act just before a commit. */
public final class FakeStore implements StorageProvider {

  private static final Comparator<String> UTF8 =
      (left, right) ->
          Arrays.compareUnsigned(
              left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));

  private record Version(BlobManifest manifest, byte[] content) {}

  private static final class Bucket {
    private BucketDefinition definition;
    private final NavigableMap<String, Version> versions = new TreeMap<>(UTF8);

    Bucket(BucketDefinition definition) {
      this.definition = definition;
    }

    BucketUsage usage() {
      return new BucketUsage(
          versions.size(), versions.values().stream().mapToLong(v -> v.manifest.size()).sum());
    }
  }

  final AtomicInteger openReaders = new AtomicInteger();
  final AtomicInteger openWriters = new AtomicInteger();
  final AtomicInteger openCursors = new AtomicInteger();
  final AtomicInteger manifestsShown = new AtomicInteger();
  final AtomicInteger probes = new AtomicInteger();

  /** Runs before a commit or a delete takes its lock. */
  public volatile Runnable beforeChange = () -> {};

  /** Runs after a change is durable, before the call returns. */
  public volatile Runnable afterChange = () -> {};

  /** Runs before a bucket's use is summed up. */
  volatile Runnable beforeUsage = () -> {};

  /** Takes the place of every content that is opened. */
  public volatile Function<InputStream, InputStream> contentFilter = stream -> stream;

  private final Map<BucketName, Bucket> buckets = new TreeMap<>();

  @Override
  public synchronized boolean createBucket(BucketDefinition definition) {
    return buckets.putIfAbsent(definition.name(), new Bucket(definition)) == null;
  }

  @Override
  public synchronized Optional<BucketDefinition> findBucket(BucketName bucket) {
    return Optional.ofNullable(buckets.get(bucket)).map(b -> b.definition);
  }

  @Override
  public synchronized boolean replaceBucket(BucketDefinition present, BucketDefinition next) {
    Bucket bucket = buckets.get(present.name());
    if (bucket == null || !bucket.definition.equals(present)) {
      return false;
    }
    bucket.definition = next;
    return true;
  }

  @Override
  public synchronized List<BucketDefinition> buckets() {
    return buckets.values().stream().map(b -> b.definition).toList();
  }

  @Override
  public BucketUsage usage(BucketName bucket) {
    beforeUsage.run();
    synchronized (this) {
      return require(bucket).usage();
    }
  }

  @Override
  public synchronized void deleteBucket(BucketName bucket) {
    if (!require(bucket).versions.isEmpty()) {
      throw new WarehouseException(StandardErrorCode.BUCKET_NOT_EMPTY, bucket + " is not empty");
    }
    buckets.remove(bucket);
  }

  @Override
  public synchronized BlobWriter openWriter(BlobKey key, OptionalLong expectedSize) {
    require(key.bucket());
    openWriters.incrementAndGet();
    return new Writer(key);
  }

  @Override
  public synchronized Optional<BlobManifest> findManifest(BlobKey key) {
    return version(key).map(Version::manifest);
  }

  @Override
  public synchronized Optional<BlobReader> openReader(BlobKey key) {
    return version(key)
        .map(
            version -> {
              openReaders.incrementAndGet();
              return new Reader(version);
            });
  }

  @Override
  public Optional<BlobManifest> delete(BlobKey key, Consumer<BlobManifest> check) {
    beforeChange.run();
    Optional<BlobManifest> present;
    synchronized (this) {
      present = version(key).map(Version::manifest);
      present.ifPresent(check);
      present.ifPresent(manifest -> require(key.bucket()).versions.remove(key.key()));
    }
    afterChange.run();
    return present;
  }

  @Override
  public synchronized ManifestCursor openCursor(BucketName bucket) {
    Bucket found = require(bucket);
    openCursors.incrementAndGet();
    return new Cursor(found.versions);
  }

  @Override
  public void probe() {
    probes.incrementAndGet();
  }

  private Optional<Version> version(BlobKey key) {
    return Optional.ofNullable(buckets.get(key.bucket())).map(b -> b.versions.get(key.key()));
  }

  private Bucket require(BucketName bucket) {
    Bucket found = buckets.get(bucket);
    if (found == null) {
      throw new WarehouseException(StandardErrorCode.NO_SUCH_BUCKET, bucket + " is not there");
    }
    return found;
  }

  private final class Writer implements BlobWriter {
    private final BlobKey key;
    private final ByteArrayOutputStream staged = new ByteArrayOutputStream();
    private boolean closed;

    Writer(BlobKey key) {
      this.key = key;
    }

    @Override
    public void write(byte[] source, int offset, int length) {
      staged.write(source, offset, length);
    }

    @Override
    public BlobManifest commit(Function<Optional<BlobManifest>, BlobManifest> decide) {
      beforeChange.run();
      BlobManifest stored;
      synchronized (FakeStore.this) {
        Bucket bucket = require(key.bucket());
        stored = decide.apply(version(key).map(Version::manifest)).withStoredSize(staged.size());
        bucket.versions.put(key.key(), new Version(stored, staged.toByteArray()));
      }
      afterChange.run();
      return stored;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        openWriters.decrementAndGet();
      }
    }
  }

  private final class Reader implements BlobReader {
    private final Version version;
    private boolean closed;

    Reader(Version version) {
      this.version = version;
    }

    @Override
    public BlobManifest manifest() {
      return version.manifest;
    }

    @Override
    public InputStream open(long offset, long length) {
      return contentFilter.apply(
          new ByteArrayInputStream(
              version.content, Math.toIntExact(offset), Math.toIntExact(length)));
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        openReaders.decrementAndGet();
      }
    }
  }

  private final class Cursor implements ManifestCursor {
    private final NavigableMap<String, Version> all = new TreeMap<>(UTF8);
    private NavigableMap<String, Version> rest = all;
    private boolean closed;

    Cursor(NavigableMap<String, Version> versions) {
      all.putAll(versions);
    }

    @Override
    public void seek(String key) {
      rest = all.tailMap(key, true);
    }

    @Override
    public void seekAfter(String key) {
      rest = all.tailMap(key, false);
    }

    @Override
    public void seekAfterPrefix(String prefix) {
      rest = all.tailMap(prefix, true);
      rest =
          rest.keySet().stream()
              .filter(key -> !key.startsWith(prefix))
              .findFirst()
              .map(key -> all.tailMap(key, true))
              .orElseGet(() -> new TreeMap<>(UTF8));
    }

    @Override
    public Optional<BlobManifest> next() {
      if (rest.isEmpty()) {
        return Optional.empty();
      }
      manifestsShown.incrementAndGet();
      Map.Entry<String, Version> first = rest.firstEntry();
      rest = rest.tailMap(first.getKey(), false);
      return Optional.of(first.getValue().manifest());
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        openCursors.decrementAndGet();
      }
    }
  }
}
