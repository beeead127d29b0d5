package io.datawarehouse.plugin.rocksdb;

import static io.datawarehouse.plugin.rocksdb.StoreFixture.FRAME;
import static io.datawarehouse.plugin.rocksdb.StoreFixture.INLINE;
import static io.datawarehouse.plugin.rocksdb.StoreFixture.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.testkit.storage.StoredBlobs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A crash is played by copying the directory at one step of a write, and opening the copy. */
class CrashRecoveryTest {

  private static final int LARGE = 3 * FRAME + 17;

  @TempDir private Path directory;

  private Path live() {
    return directory.resolve("live");
  }

  private Path copy() {
    return directory.resolve("copy");
  }

  /** Copies at the first time that the step is taken after the switch was set. */
  private WriteStep.Watcher copyAt(WriteStep wanted, AtomicBoolean armed) {
    return step -> {
      if (step == wanted && armed.compareAndSet(true, false)) {
        StoreFixture.copy(live(), copy());
      }
    };
  }

  private static boolean durable(WriteStep step) {
    return step.compareTo(WriteStep.COMMITTED) >= 0;
  }

  @ParameterizedTest
  @EnumSource(value = WriteStep.class, names = "REPLACED_UNLINKED", mode = EnumSource.Mode.EXCLUDE)
  void showsANewBlobWholeOrNotAtAll(WriteStep step) {
    AtomicBoolean armed = new AtomicBoolean();
    byte[] other;
    byte[] content;
    live().toFile().mkdirs();
    try (StoreFixture fixture = StoreFixture.openWatched(live(), copyAt(step, armed))) {
      other = fixture.content(LARGE);
      content = fixture.content(LARGE);
      fixture.put("other", other);
      armed.set(true);
      fixture.put("new", content);
    }
    assertThat(armed).as("the step was taken").isFalse();
    try (StoreFixture reopened = StoreFixture.open(copy())) {
      assertThat(reopened.get("other")).isEqualTo(other);
      assertThat(StoredBlobs.get(reopened.store, key("new")).isPresent()).isEqualTo(durable(step));
      if (durable(step)) {
        assertThat(reopened.get("new")).isEqualTo(content);
      }
      assertClean(reopened, copy());
    }
  }

  @ParameterizedTest
  @EnumSource(WriteStep.class)
  void showsTheOldVersionOrTheNewOne(WriteStep step) {
    AtomicBoolean armed = new AtomicBoolean();
    byte[] old;
    byte[] content;
    live().toFile().mkdirs();
    try (StoreFixture fixture = StoreFixture.openWatched(live(), copyAt(step, armed))) {
      old = fixture.content(LARGE);
      content = fixture.content(LARGE + 5);
      fixture.put("key", old);
      armed.set(true);
      fixture.put("key", content);
    }
    assertThat(armed).as("the step was taken").isFalse();
    try (StoreFixture reopened = StoreFixture.open(copy())) {
      assertThat(reopened.get("key")).isEqualTo(durable(step) ? content : old);
      assertClean(reopened, copy());
    }
  }

  @Test
  void deletesForGoodWhatWasDeleted() {
    AtomicBoolean armed = new AtomicBoolean();
    live().toFile().mkdirs();
    try (StoreFixture fixture =
        StoreFixture.openWatched(live(), copyAt(WriteStep.REPLACED_UNLINKED, armed))) {
      fixture.put("large", fixture.content(LARGE));
      fixture.put("small", fixture.content(10));
      fixture.store.delete(key("small"), version -> {});
      armed.set(true);
      fixture.store.delete(key("large"), version -> {});
    }
    assertThat(armed).isFalse();
    try (StoreFixture reopened = StoreFixture.open(copy())) {
      assertThat(StoredBlobs.keys(reopened.store, StoreFixture.BUCKET)).isEmpty();
      assertClean(reopened, copy());
    }
  }

  @Test
  void removesFilesOfWritersThatACrashCutOff() {
    live().toFile().mkdirs();
    try (StoreFixture fixture = StoreFixture.open(live())) {
      fixture.put("kept", fixture.content(LARGE));
      fixture.writeWithoutCommit("cut", fixture.content(5 * FRAME));
      fixture.writeWithoutCommit("cut", fixture.content(5 * FRAME));
      assertThat(StoreFixture.contentFiles(live())).hasSize(3);
      StoreFixture.copy(live(), copy());
    }
    try (StoreFixture reopened = StoreFixture.open(copy())) {
      assertThat(StoreFixture.contentFiles(copy())).hasSize(1);
      assertClean(reopened, copy());
    }
  }

  @Test
  void keepsTheFileOfAVersionWhoseCommitFailedUntilTheNextStart() {
    live().toFile().mkdirs();
    StoreFixture fixture = StoreFixture.open(live());
    byte[] content = fixture.content(LARGE);
    BlobWriter writer = fixture.store.openWriter(key("late"), OptionalLong.of(LARGE));
    writer.write(content, 0, LARGE);
    assertThatThrownBy(
            () ->
                writer.commit(
                    present -> {
                      // The database goes away between the decision and the batch.
                      fixture.store.database().calls().shut();
                      return StoredBlobs.manifest(key("late"), content, Map.of());
                    }))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.UNAVAILABLE));
    writer.close();
    assertThat(StoreFixture.contentFiles(live())).hasSize(1);
    StoreFixture.copy(live(), copy());
    try (StoreFixture reopened = StoreFixture.open(copy())) {
      assertThat(StoredBlobs.keys(reopened.store, StoreFixture.BUCKET)).isEmpty();
      assertClean(reopened, copy());
    }
    assertThatThrownBy(fixture::close).isInstanceOf(WarehouseException.class);
  }

  @Test
  void opensAgainWithEverything() {
    live().toFile().mkdirs();
    byte[] small;
    byte[] large;
    List<BlobManifest> manifests;
    BucketUsage usage;
    try (StoreFixture fixture = StoreFixture.open(live())) {
      small = fixture.content(INLINE);
      large = fixture.content(INLINE + 1);
      fixture.put("a", small);
      fixture.put("b", large);
      fixture.put("c", new byte[0]);
      fixture.put("d", large);
      fixture.store.delete(key("d"), version -> {});
      manifests = StoredBlobs.list(fixture.store, StoreFixture.BUCKET);
      usage = fixture.store.usage(StoreFixture.BUCKET);
    }
    for (int i = 0; i < 3; i++) {
      try (StoreFixture reopened = StoreFixture.open(live())) {
        assertThat(StoredBlobs.list(reopened.store, StoreFixture.BUCKET)).isEqualTo(manifests);
        assertThat(reopened.get("a")).isEqualTo(small);
        assertThat(reopened.get("b")).isEqualTo(large);
        assertThat(reopened.get("c")).isEmpty();
        assertThat(reopened.store.usage(StoreFixture.BUCKET)).isEqualTo(usage);
        assertClean(reopened, live());
      }
    }
  }

  @Test
  void leavesNoFileBehindWithoutACrash() {
    live().toFile().mkdirs();
    try (StoreFixture fixture = StoreFixture.open(live())) {
      for (int i = 0; i < 5; i++) {
        fixture.put("key", fixture.content(LARGE));
      }
      assertThat(StoreFixture.contentFiles(live())).containsExactly(fixture.fileOf("key"));
      try (BlobReader reader = fixture.store.openReader(key("key")).orElseThrow()) {
        fixture.store.delete(key("key"), version -> {});
        assertThat(StoreFixture.contentFiles(live())).isEmpty();
        assertThat(StoredBlobs.read(reader, 0, LARGE)).hasSize(LARGE);
      }
      try (BlobWriter aborted = fixture.store.openWriter(key("key"), OptionalLong.of(LARGE))) {
        aborted.write(new byte[LARGE], 0, LARGE);
        assertThat(StoreFixture.contentFiles(live())).hasSize(1);
      }
      assertThat(StoreFixture.contentFiles(live())).isEmpty();
    }
  }

  /** Usage is that of the listing, every file belongs to a version, and the record is empty. */
  private static void assertClean(StoreFixture fixture, Path directory) {
    List<BlobManifest> all = StoredBlobs.list(fixture.store, StoreFixture.BUCKET);
    assertThat(fixture.store.usage(StoreFixture.BUCKET))
        .isEqualTo(new BucketUsage(all.size(), all.stream().mapToLong(BlobManifest::size).sum()));
    List<Path> expected =
        all.stream()
            .filter(manifest -> manifest.size() > INLINE)
            .map(manifest -> fixture.fileOf(manifest.key()))
            .toList();
    assertThat(StoreFixture.contentFiles(directory)).containsExactlyInAnyOrderElementsOf(expected);
    fixture
        .store
        .database()
        .forEach(
            Family.UNREFERENCED,
            new byte[0],
            Keys.content(-1),
            (id, value) -> assertThat(id).as("an id on the record").isNull());
  }
}
