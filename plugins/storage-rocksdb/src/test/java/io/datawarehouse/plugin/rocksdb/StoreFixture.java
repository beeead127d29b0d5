package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import io.datawarehouse.testkit.storage.StoredBlobs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A store with small frames, whose background work is done at once, on the caller's thread. */
final class StoreFixture implements AutoCloseable {

  static final int FRAME = 4096;
  static final int INLINE = 1024;
  static final BucketName BUCKET = new BucketName("fixture");

  final RecordingMetrics metrics = new RecordingMetrics();
  final RocksDbStore store;
  private final Random random = new Random(42);

  private StoreFixture(StoreOptions options, Executor executor, WriteStep.Watcher watcher) {
    store =
        RocksDbStore.open(
            options,
            new RocksDbStore.Surroundings(
                metrics, executor, System.getLogger("test.rocksdb"), watcher));
    StoredBlobs.bucket(store, BUCKET.value());
  }

  static StoreOptions options(Path directory) {
    return new StoreOptions(
        directory,
        INLINE,
        FRAME,
        1 << 20,
        4 << 20,
        0,
        1 << 20,
        2 << 20,
        64,
        Duration.ofMillis(100));
  }

  static StoreOptions withReserve(StoreOptions options, long reserveBytes) {
    return new StoreOptions(
        options.directory(),
        options.inlineBytes(),
        options.frameBytes(),
        options.cacheBytes(),
        options.memtableBytes(),
        reserveBytes,
        options.writebackBytes(),
        options.directBytes(),
        options.bufferCount(),
        options.stopTimeout());
  }

  static StoreFixture open(Path directory) {
    return open(options(directory));
  }

  static StoreFixture openWatched(Path directory, WriteStep.Watcher watcher) {
    return new StoreFixture(options(directory), Runnable::run, watcher);
  }

  static StoreFixture open(StoreOptions options) {
    return new StoreFixture(options, Runnable::run, step -> {});
  }

  static StoreFixture openWith(Executor executor, Path directory) {
    return new StoreFixture(options(directory), executor, step -> {});
  }

  static BlobKey key(String key) {
    return new BlobKey(BUCKET, key);
  }

  byte[] content(int size) {
    return StoredBlobs.random(random, size);
  }

  BlobManifest put(String key, byte[] content) {
    return StoredBlobs.put(store, key(key), content);
  }

  byte[] get(String key) {
    return StoredBlobs.get(store, key(key)).orElseThrow();
  }

  /** Returns the file of a large version. */
  Path fileOf(String key) {
    byte[] stored = store.database().get(Family.MANIFESTS, Keys.manifest(key(key)));
    return store.files().path(ManifestFormat.decode(key(key), stored).place().id());
  }

  /** Leaves the writer's file as a crash would: nobody closes it. */
  void writeWithoutCommit(String key, byte[] content) {
    store.openWriter(key(key), OptionalLong.of(content.length)).write(content, 0, content.length);
  }

  static Set<Path> contentFiles(Path directory) {
    try (Stream<Path> files = Files.walk(directory.resolve("content"))) {
      return files.filter(Files::isRegularFile).collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Copies a directory as it is at this moment, but for the database's lock. */
  static void copy(Path from, Path to) {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else if (!path.endsWith("LOCK")) {
          Files.copy(path, target);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      store.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
