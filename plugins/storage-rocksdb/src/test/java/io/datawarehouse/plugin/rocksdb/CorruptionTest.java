package io.datawarehouse.plugin.rocksdb;

import static io.datawarehouse.plugin.rocksdb.StoreFixture.FRAME;
import static io.datawarehouse.plugin.rocksdb.StoreFixture.INLINE;
import static io.datawarehouse.plugin.rocksdb.StoreFixture.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.testkit.storage.StoredBlobs;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorruptionTest {

  private static final int LARGE = 3 * FRAME + 17;

  @TempDir private Path directory;

  private StoreFixture fixture;
  private byte[] content;
  private Path file;

  @BeforeEach
  void open() {
    fixture = StoreFixture.open(directory);
    content = fixture.content(LARGE);
    fixture.put("large", content);
    fixture.put("other", content);
    file = fixture.fileOf("large");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private static void flip(Path file, long position) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(position);
      int value = open.read();
      open.seek(position);
      open.write(value ^ 0x40);
    }
  }

  private void assertCorrupt(String key, String... words) {
    assertThatThrownBy(() -> fixture.get(key))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> {
              assertThat(e.code()).isEqualTo(StandardErrorCode.BLOB_CORRUPT);
              assertThat(e.getMessage()).contains(words);
              assertThat(e.attributes())
                  .containsEntry("bucket", StoreFixture.BUCKET.value())
                  .containsEntry("key", key);
            });
  }

  @Test
  void isFoundWhicheverByteOfAFileIsFlipped() throws IOException {
    long size = Files.size(file);
    long frames = size - ContentFileFormat.TRAILER_BYTES - 4 * ContentFileFormat.ENTRY_BYTES;
    for (long at = 0; at < size; at++) {
      boolean inFrames = at >= ContentFileFormat.HEADER_BYTES && at < frames;
      if (!inFrames || at % 61 == 0) {
        flip(file, at);
        assertCorrupt("large", "fixture/large");
        flip(file, at);
      }
    }
    assertThat(fixture.get("large")).isEqualTo(content);
  }

  @Test
  void namesTheFrame() throws IOException {
    flip(file, ContentFileFormat.HEADER_BYTES + 2L * FRAME + 5);
    assertCorrupt("large", "fixture/large", "frame 2");
    assertThat(fixture.metrics.count("store.corrupt")).isEqualTo(1);
    assertThat(fixture.get("other")).isEqualTo(content);
  }

  @Test
  void givesWhatIsSoundBeforeIt() throws IOException {
    flip(file, ContentFileFormat.HEADER_BYTES + 2L * FRAME + 5);
    try (BlobReader reader = fixture.store.openReader(key("large")).orElseThrow();
        InputStream stream = reader.open(0, LARGE)) {
      assertThat(stream.readNBytes(2 * FRAME)).isEqualTo(Arrays.copyOf(content, 2 * FRAME));
      assertThatThrownBy(stream::read).isInstanceOf(WarehouseException.class);
      assertThatThrownBy(stream::read).isInstanceOf(WarehouseException.class);
    }
    try (BlobReader reader = fixture.store.openReader(key("large")).orElseThrow()) {
      assertThat(StoredBlobs.read(reader, FRAME, 100))
          .isEqualTo(Arrays.copyOfRange(content, FRAME, FRAME + 100));
    }
  }

  @Test
  void neverGivesWrongBytesOfARange() throws IOException {
    Random random = new Random(7);
    for (int i = 0; i < 300; i++) {
      long at = random.nextInt((int) Files.size(file));
      int offset = random.nextInt(LARGE);
      int length = random.nextInt(LARGE - offset + 1);
      flip(file, at);
      try (BlobReader reader = fixture.store.openReader(key("large")).orElseThrow()) {
        assertThat(StoredBlobs.read(reader, offset, length))
            .isEqualTo(Arrays.copyOfRange(content, offset, offset + length));
      } catch (WarehouseException e) {
        assertThat(e.code()).isEqualTo(StandardErrorCode.BLOB_CORRUPT);
      }
      flip(file, at);
    }
  }

  @Test
  void isFoundWhenAFileIsCutOffExchangedOrGone() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    for (int length : List.of(0, 10, FRAME, whole.length - 1)) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertCorrupt("large", "fixture/large");
    }
    Files.write(file, Arrays.copyOf(whole, whole.length + 1));
    assertThat(fixture.get("large")).as("what comes after the end is not read").isEqualTo(content);
    Files.copy(fixture.fileOf("other"), file, StandardCopyOption.REPLACE_EXISTING);
    assertCorrupt("large", "other content");
    Files.delete(file);
    assertCorrupt("large", "missing");
  }

  @Test
  void isFoundWhenFramesChangedPlaces() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    int index = whole.length - ContentFileFormat.TRAILER_BYTES - 4 * ContentFileFormat.ENTRY_BYTES;
    byte[] exchanged = whole.clone();
    System.arraycopy(whole, index, exchanged, index + 16, 16);
    System.arraycopy(whole, index + 16, exchanged, index, 16);
    Files.write(file, exchanged);
    assertCorrupt("large", "frame 0");
  }

  @Test
  void isFoundInInlineContent() {
    byte[] small = fixture.content(INLINE);
    fixture.put("small", small);
    byte[] row = fixture.store.database().get(Family.MANIFESTS, Keys.manifest(key("small")));
    long id = ManifestFormat.decode(key("small"), row).place().id();
    byte[] stored = fixture.store.database().get(Family.INLINE, Keys.content(id));
    for (int at = 0; at < stored.length; at += 13) {
      byte[] flipped = stored.clone();
      flipped[at] ^= 1;
      fixture.store.database().write(b -> b.put(Family.INLINE, Keys.content(id), flipped));
      assertCorrupt("small", "fixture/small");
    }
    fixture.store.database().write(b -> b.put(Family.INLINE, Keys.content(id), new byte[2]));
    assertCorrupt("small", "checksum");
    fixture.store.database().write(b -> b.delete(Family.INLINE, Keys.content(id)));
    assertCorrupt("small", "missing");
    fixture.store.database().write(b -> b.put(Family.INLINE, Keys.content(id + 1), stored));
    assertCorrupt("small", "missing");
  }

  @Test
  void neverBecomesWrongBytesInTheDatabasesTables(@TempDir Path copies) throws IOException {
    byte[] small = fixture.content(INLINE);
    for (int i = 0; i < 50; i++) {
      fixture.put("small-" + i, small);
    }
    fixture.close();
    Random random = new Random(11);
    int refused = 0;
    for (int round = 0; round < 20; round++) {
      Path copy = copies.resolve("copy-" + round);
      StoreFixture.copy(directory, copy);
      for (Path table : tables(copy)) {
        flip(table, random.nextInt((int) Files.size(table)));
      }
      refused += countRefused(copy, small);
    }
    fixture = StoreFixture.open(directory);
    assertThat(refused).as("reads that found a flipped byte").isPositive();
  }

  @Test
  void isFoundInTablesWhoseBlocksAreInMemory() throws IOException {
    fixture.put("tiny", fixture.content(100));
    fixture.close();
    fixture = StoreFixture.open(directory);
    byte[] tiny = fixture.get("tiny");
    List<Long> read = new ArrayList<>();
    assertThat(fixture.store.verify(read::add)).isEmpty();
    for (Path table : tables(directory)) {
      flip(table, Files.size(table) / 4);
    }

    List<String> damaged = fixture.store.verify(read::add);

    assertThat(damaged).isNotEmpty().allMatch(line -> line.startsWith("table "));
    assertThat(damaged).noneMatch(line -> line.contains(directory.toString()));
    assertThat(read).allMatch(bytes -> bytes > 0);
    assertThat(fixture.get("tiny")).as("from memory").isEqualTo(tiny);
  }

  @Test
  void ofAManifestIsMendedByWritingTheBlobAnew() {
    BucketUsage before = fixture.store.usage(StoreFixture.BUCKET);
    fixture
        .store
        .database()
        .write(b -> b.put(Family.MANIFESTS, Keys.manifest(key("large")), new byte[] {1, 2, 3}));
    assertCorrupt("large", "manifest");

    fixture.put("large", content);

    assertThat(fixture.get("large")).isEqualTo(content);
    assertThat(fixture.store.usage(StoreFixture.BUCKET).blobCount()).isEqualTo(before.blobCount());
    assertThat(fixture.store.delete(key("large"), present -> {})).isPresent();
  }

  @Test
  void ofTheLogIsToldAndTheLogIsKept(@TempDir Path copies) throws IOException {
    byte[] small = fixture.content(INLINE);
    for (int i = 0; i < 50; i++) {
      fixture.put("small-" + i, small);
    }
    Path copy = copies.resolve("copy");
    StoreFixture.copy(directory, copy);
    Path log = logs(copy).get(0);
    byte[] whole = Files.readAllBytes(log);
    flip(log, whole.length / 2);
    byte[] damaged = Files.readAllBytes(log);

    try (StoreFixture opened = StoreFixture.open(copy)) {
      int found = 0;
      for (int i = 0; i < 50; i++) {
        if (opened.store.findManifest(key("small-" + i)).isPresent()) {
          assertThat(opened.get("small-" + i)).isEqualTo(small);
          found++;
        }
      }
      assertThat(found).isBetween(1, 49);
    }
    assertThat(copy.resolve("damaged-log-1").resolve(log.getFileName())).hasBinaryContent(damaged);
  }

  @Test
  void isNotSeenInALogThatBreaksOffAtItsEnd(@TempDir Path copies) throws IOException {
    fixture.put("small", fixture.content(INLINE));
    for (int cut : List.of(-1, -7, -500, 0, 1, 4096)) {
      Path copy = copies.resolve("cut" + cut);
      StoreFixture.copy(directory, copy);
      Path log = logs(copy).get(0);
      byte[] whole = Files.readAllBytes(log);
      Files.write(log, Arrays.copyOf(whole, whole.length + cut));

      try (StoreFixture opened = StoreFixture.open(copy)) {
        assertThat(opened.get("large")).isEqualTo(content);
      }
      assertThat(copy.resolve("damaged-log-1")).doesNotExist();
    }
  }

  private static List<Path> logs(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("db"))) {
      return files.filter(path -> path.toString().endsWith(".log")).toList();
    }
  }

  private static int countRefused(Path copy, byte[] expected) {
    int refused = 0;
    try (StoreFixture damaged = StoreFixture.open(copy)) {
      for (int i = 0; i < 50; i++) {
        try {
          assertThat(damaged.get("small-" + i)).isEqualTo(expected);
        } catch (WarehouseException e) {
          assertThat(e.code()).isEqualTo(StandardErrorCode.BLOB_CORRUPT);
          refused++;
        }
      }
    } catch (WarehouseException e) {
      refused++;
    }
    return refused;
  }

  private static List<Path> tables(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("db"))) {
      return files.filter(path -> path.toString().endsWith(".sst")).toList();
    }
  }
}
