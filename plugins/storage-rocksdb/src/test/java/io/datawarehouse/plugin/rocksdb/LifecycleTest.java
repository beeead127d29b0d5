package io.datawarehouse.plugin.rocksdb;

import static io.datawarehouse.plugin.rocksdb.StoreFixture.FRAME;
import static io.datawarehouse.plugin.rocksdb.StoreFixture.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.plugin.PluginManifest.Necessity;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import io.datawarehouse.testkit.storage.StoredBlobs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LifecycleTest {

  private static final int LARGE = 2 * FRAME;
  private static final String ACTIVE_ENTRIES = "rocksdb.num-entries-active-mem-table";

  @TempDir private Path directory;

  private static void assertCode(StandardErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void isRequiredAndNamesItsStrategy() {
    RocksDbStoragePlugin plugin = new RocksDbStoragePlugin();
    assertThat(plugin.manifest().id().value()).isEqualTo("storage-rocksdb");
    assertThat(plugin.manifest().necessity()).isEqualTo(Necessity.REQUIRED);
    assertThat(plugin.strategyName()).isEqualTo("rocksdb");
    assertCode(StandardErrorCode.UNAVAILABLE, plugin::buckets);
  }

  @Test
  void stopsCleanlyAlsoWhenItDidNotStart() throws Exception {
    try (FakeKernelContext context =
        new FakeKernelContext("storage-rocksdb", directory, Map.of("cache.bytes", "lots"))) {
      RocksDbStoragePlugin plugin = new RocksDbStoragePlugin();
      assertThatThrownBy(() -> plugin.start(context))
          .hasMessageContaining("dw.plugin.storage-rocksdb.cache.bytes");
      plugin.stop();
      context.config().set("cache.bytes", "1MiB");
      plugin.start(context);
      plugin.probe();
      plugin.stop();
      plugin.stop();
      assertCode(StandardErrorCode.UNAVAILABLE, plugin::probe);
    }
  }

  @Test
  void refusesWhatComesAfterItClosed() throws Exception {
    StoreFixture fixture = StoreFixture.open(directory);
    byte[] content = fixture.content(LARGE);
    fixture.put("large", content);
    fixture.put("small", new byte[1]);
    ManifestCursor cursor = fixture.store.openCursor(StoreFixture.BUCKET);
    assertThat(cursor.next()).isPresent();
    BlobWriter writer = fixture.store.openWriter(key("late"), OptionalLong.of(LARGE));
    writer.write(content, 0, LARGE);
    BlobReader reader = fixture.store.openReader(key("large")).orElseThrow();
    fixture.close();
    assertCode(StandardErrorCode.UNAVAILABLE, cursor::next);
    assertCode(StandardErrorCode.UNAVAILABLE, () -> cursor.seek("a"));
    cursor.close();
    assertCode(
        StandardErrorCode.UNAVAILABLE,
        () -> writer.commit(present -> StoredBlobs.manifest(key("late"), content, Map.of())));
    writer.close();
    assertThat(StoredBlobs.read(reader, 0, LARGE)).isEqualTo(content);
    reader.close();
    assertCode(StandardErrorCode.UNAVAILABLE, () -> fixture.store.findManifest(key("small")));
    assertCode(StandardErrorCode.UNAVAILABLE, () -> fixture.store.openReader(key("small")));
    assertCode(
        StandardErrorCode.UNAVAILABLE,
        () -> fixture.store.openWriter(key("small"), OptionalLong.empty()));
    assertCode(StandardErrorCode.UNAVAILABLE, () -> fixture.store.openCursor(StoreFixture.BUCKET));
    assertCode(StandardErrorCode.UNAVAILABLE, fixture.store::probe);
    assertThat(fixture.metrics.gauge("rocksdb.cache.bytes")).isNaN();
    try (StoreFixture reopened = StoreFixture.open(directory)) {
      assertThat(StoredBlobs.keys(reopened.store, StoreFixture.BUCKET))
          .containsExactly("large", "small");
      assertThat(StoreFixture.contentFiles(directory)).hasSize(1);
    }
  }

  @Test
  void closesUnderLoadWithoutTouchingClosedHandles() throws Exception {
    for (int round = 0; round < 5; round++) {
      Path own = directory.resolve("round-" + round);
      own.toFile().mkdirs();
      StoreFixture fixture = StoreFixture.open(own);
      var pool = Executors.newFixedThreadPool(4);
      CountDownLatch busy = new CountDownLatch(4);
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        int number = i;
        running.add(pool.submit(() -> untilUnavailable(fixture, "key-" + number, busy)));
      }
      busy.await();
      fixture.close();
      for (Future<?> task : running) {
        task.get(1, TimeUnit.MINUTES);
      }
      pool.shutdown();
    }
  }

  private static void untilUnavailable(StoreFixture fixture, String name, CountDownLatch busy) {
    byte[] content = new byte[LARGE];
    int acknowledged = 0;
    try {
      while (true) {
        StoredBlobs.put(fixture.store, key(name), acknowledged % 2 == 0 ? content : new byte[9]);
        assertThat(StoredBlobs.get(fixture.store, key(name))).isPresent();
        try (ManifestCursor cursor = fixture.store.openCursor(StoreFixture.BUCKET)) {
          while (cursor.next().isPresent()) {
            assertThat(fixture.store.usage(StoreFixture.BUCKET).blobCount()).isPositive();
          }
        }
        acknowledged++;
        if (acknowledged == 3) {
          busy.countDown();
        }
      }
    } catch (WarehouseException e) {
      assertThat(e.code()).isEqualTo(StandardErrorCode.UNAVAILABLE);
      assertThat(acknowledged).isGreaterThanOrEqualTo(3);
    }
  }

  @Test
  void isOpenOnlyOnce() {
    try (StoreFixture fixture = StoreFixture.open(directory)) {
      fixture.put("k", new byte[1]);
      assertCode(StandardErrorCode.STORAGE_FAILED, () -> StoreFixture.open(directory));
      assertThat(fixture.get("k")).hasSize(1);
    }
  }

  @Test
  void refusesAStoreOfANewerFormat() {
    try (StoreFixture fixture = StoreFixture.open(directory)) {
      fixture.store.database().write(b -> b.put(Family.META, Keys.FORMAT, Batch.counter(2)));
    }
    assertThatThrownBy(() -> StoreFixture.open(directory))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("format 2");
  }

  @Test
  void refusesContentThatTheDiskHasNoRoomForAndStillDeletes() {
    try (StoreFixture fixture = StoreFixture.open(directory)) {
      fixture.put("large", fixture.content(LARGE));
    }
    StoreOptions full =
        StoreFixture.withReserve(StoreFixture.options(directory), Long.MAX_VALUE / 2);
    try (StoreFixture fixture = StoreFixture.open(full)) {
      assertCode(StandardErrorCode.DISK_FULL, () -> fixture.put("more", new byte[1]));
      assertThat(fixture.store.database().property(Family.META, ACTIVE_ENTRIES))
          .as("what is in memory goes to disk, so that the log and deleted rows can go")
          .isZero();
      assertThat(fixture.store.delete(key("large"), version -> {})).isPresent();
      assertThat(StoreFixture.contentFiles(directory)).isEmpty();
      assertThat(fixture.store.usage(StoreFixture.BUCKET).blobCount()).isZero();
    }
  }

  @Test
  void needsNoHelpersToWrite() {
    try (StoreFixture fixture =
        StoreFixture.openWith(
            task -> {
              throw new RejectedExecutionException("busy");
            },
            directory)) {
      byte[] content = fixture.content(3 << 20);
      fixture.put("k", content);
      fixture.put("k", content);
      assertThat(fixture.get("k")).isEqualTo(content);
      assertThat(StoreFixture.contentFiles(directory)).hasSize(2);
    }
    assertThat(StoreFixture.contentFiles(directory)).as("closing removes the rest").hasSize(1);
  }

  @Test
  void writesBackEarlyAndCountsWhatItDoes() {
    try (StoreFixture fixture = StoreFixture.open(directory)) {
      byte[] content = fixture.content(5 << 20);
      fixture.put("big", content);
      assertThat(fixture.get("big")).isEqualTo(content);
      assertThat(fixture.metrics.timings("store.file.sync")).isEqualTo(1);
      assertThat(fixture.metrics.count("store.write.bytes")).isEqualTo(content.length);
      assertThat(fixture.metrics.count("store.read.bytes")).isEqualTo(content.length);
    }
  }

  @Test
  void listsAPageOutOfManyKeys() throws Exception {
    int keys = 20_000;
    try (StoreFixture fixture = StoreFixture.open(directory)) {
      var pool = Executors.newFixedThreadPool(8);
      List<Future<BlobManifest>> writes = new ArrayList<>();
      for (int i = 0; i < keys; i++) {
        String name = "dir-%02d/key-%05d".formatted(i % 100, i);
        writes.add(pool.submit(() -> fixture.put(name, new byte[0])));
      }
      for (Future<BlobManifest> write : writes) {
        write.get(1, TimeUnit.MINUTES);
      }
      pool.shutdown();
      List<String> page = new ArrayList<>();
      try (ManifestCursor cursor = fixture.store.openCursor(StoreFixture.BUCKET)) {
        cursor.seekAfter("dir-50/key-10050");
        while (page.size() < 1000) {
          page.add(cursor.next().orElseThrow().key());
        }
        assertThat(page).isSorted().doesNotHaveDuplicates().startsWith("dir-50/key-10150");
        assertThat(page.get(98)).isEqualTo("dir-50/key-19950");
        assertThat(page.get(99)).isEqualTo("dir-51/key-00051");
        cursor.seekAfterPrefix("dir-98/");
        assertThat(cursor.next().orElseThrow().key()).isEqualTo("dir-99/key-00099");
      }
      assertThat(StoredBlobs.keys(fixture.store, StoreFixture.BUCKET)).hasSize(keys).isSorted();
      assertThat(fixture.store.usage(StoreFixture.BUCKET).blobCount()).isEqualTo(keys);
    }
  }
}
