package io.datawarehouse.testkit.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.blob.ContentEncoding;
import io.datawarehouse.sdk.blob.WrappedKey;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every MUST of {@link StorageProvider} and of what it hands out. The author of a storage plugin
 * extends this class and says how a provider is opened. What random tests draw comes from a seed
 * that they report; {@code -Ddw.test.seed=...} draws the same again.
 */
public abstract class StorageProviderContract {

  private static final int THREADS = 8;
  private static final String BUCKET = "contract";

  private final long seed = Long.getLong("dw.test.seed", System.nanoTime());

  /** The open provider. */
  protected StorageProvider provider;

  private Random random;
  private BucketName bucket;

  /** Opens a provider in an empty directory. */
  protected abstract StorageProvider openProvider(Path directory) throws Exception;

  /** Closes the provider. */
  protected abstract void closeProvider() throws Exception;

  /** Returns the size of the pieces in which the provider keeps large content. */
  protected int frameBytes() {
    return 256 * 1024;
  }

  /** Returns the size from which on the provider keeps content otherwise than smaller content. */
  protected int inlineBytes() {
    return 64 * 1024;
  }

  @BeforeEach
  void open(@TempDir Path directory, TestReporter reporter) throws Exception {
    reporter.publishEntry("dw.test.seed", Long.toString(seed));
    random = new Random(seed);
    provider = openProvider(directory);
    bucket = StoredBlobs.bucket(provider, BUCKET);
  }

  @AfterEach
  void close() throws Exception {
    closeProvider();
  }

  private BlobKey key(String key) {
    return new BlobKey(bucket, key);
  }

  private byte[] content(int size) {
    return StoredBlobs.random(random, size);
  }

  private List<Integer> sizes() {
    int frame = frameBytes();
    int inline = inlineBytes();
    return List.of(
        0,
        1,
        2,
        4096,
        inline - 1,
        inline,
        inline + 1,
        frame - 1,
        frame,
        frame + 1,
        2 * frame,
        3 * frame + 17,
        random.nextInt(inline),
        inline + random.nextInt(5 * frame));
  }

  private static void assertCode(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  /** Runs tasks at the same time and returns their results; one that throws fails the test. */
  private static <T> List<T> together(List<Callable<T>> tasks) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(tasks.size());
    try {
      CountDownLatch ready = new CountDownLatch(tasks.size());
      List<Future<T>> running = new ArrayList<>();
      for (Callable<T> task : tasks) {
        running.add(
            pool.submit(
                () -> {
                  ready.countDown();
                  ready.await();
                  return task.call();
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : running) {
        results.add(future.get(2, TimeUnit.MINUTES));
      }
      return results;
    } catch (ExecutionException e) {
      throw new AssertionError("a task failed", e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }

  private static List<Callable<Void>> times(int count, Callable<Void> task) {
    return Collections.nCopies(count, task);
  }

  @Nested
  @DisplayName("What was written is what is read")
  class RoundTrips {

    @Test
    void givesBackContentOfEverySize() {
      for (int size : sizes()) {
        byte[] content = content(size);
        BlobManifest stored = StoredBlobs.put(provider, key("size-" + size), content);
        assertThat(StoredBlobs.get(provider, key("size-" + size)))
            .as("seed %d, size %d", seed, size)
            .hasValueSatisfying(found -> assertThat(Arrays.equals(found, content)).isTrue());
        assertThat(stored.size()).isEqualTo(size);
        assertThat(provider.findManifest(key("size-" + size))).contains(stored);
      }
    }

    @Test
    void takesContentInPiecesOfAnySizeWithAndWithoutAHint() {
      for (int size : sizes()) {
        byte[] content = content(size);
        for (OptionalLong hint :
            List.of(
                OptionalLong.empty(),
                OptionalLong.of(size),
                OptionalLong.of(size / 2),
                OptionalLong.of(size + 100_000L))) {
          try (BlobWriter writer = provider.openWriter(key("k"), hint)) {
            writePieces(writer, content);
            writer.commit(present -> StoredBlobs.manifest(key("k"), content, Map.of()));
          }
          assertThat(StoredBlobs.get(provider, key("k")))
              .as("seed %d, size %d, hint %s", seed, size, hint)
              .hasValueSatisfying(found -> assertThat(Arrays.equals(found, content)).isTrue());
        }
      }
    }

    @Test
    void hintOfMoreThanThereIsRoomForIsRefusedOrPassedOver() {
      byte[] content = content(sizes().get(0));
      for (long hint : List.of(Long.MAX_VALUE, Long.MAX_VALUE - (64L << 20))) {
        try (BlobWriter writer = provider.openWriter(key("k"), OptionalLong.of(hint))) {
          writer.write(content, 0, content.length);
          writer.commit(present -> StoredBlobs.manifest(key("k"), content, Map.of()));
        } catch (WarehouseException e) {
          assertThat(e.code()).isEqualTo(StandardErrorCode.DISK_FULL);
          assertThat(e.getMessage()).doesNotContain("-");
          assertThat(provider.findManifest(key("k"))).isEmpty();
          continue;
        }
        assertThat(StoredBlobs.get(provider, key("k"))).contains(content);
      }
    }

    private void writePieces(BlobWriter writer, byte[] content) {
      byte[] piece = new byte[100_000];
      for (int at = 0; at < content.length; ) {
        int length = Math.min(1 + random.nextInt(80_000), content.length - at);
        int offset = random.nextInt(piece.length - length);
        System.arraycopy(content, at, piece, offset, length);
        writer.write(piece, offset, length);
        // The array is ours again: what we do to it must not be seen.
        Arrays.fill(piece, (byte) 0x55);
        at += length;
      }
    }

    @Test
    void keepsEveryFieldOfAManifest() {
      BlobKey key = key("fields");
      BlobManifest given =
          new BlobManifest(
              bucket,
              "fields",
              3,
              0,
              "text/plain; charset=utf-8",
              "not-a-digest",
              "ctx \u00e9\ud83d\ude00",
              Instant.parse("1970-01-01T00:00:00Z"),
              Instant.parse("2199-12-31T23:59:59.999Z"),
              Map.of("name", "value", "leer", "", "\u00fc", "\u4e2d"),
              List.of(),
              0,
              List.of("compress", "encrypt"),
              false);
      BlobManifest stored;
      try (BlobWriter writer = provider.openWriter(key, OptionalLong.of(3))) {
        writer.write(new byte[] {1, 2, 3}, 0, 3);
        stored = writer.commit(present -> given);
      }
      assertThat(stored).isEqualTo(given.withStoredSize(stored.storedSize()));
      assertThat(provider.findManifest(key)).contains(stored);
      assertThat(StoredBlobs.list(provider, bucket)).containsExactly(stored);
      try (BlobReader reader = provider.openReader(key).orElseThrow()) {
        assertThat(reader.manifest()).isEqualTo(stored);
      }
    }

    @Test
    void keepsHowEncodedContentLiesInTheStore() {
      Bytes contentId = Bytes.copyOf(content(ContentEncoding.CONTENT_ID_BYTES));
      WrappedKey wrapped = new WrappedKey("key-7", Bytes.copyOf(content(61)));
      for (int stored : List.of(0, 5, 2 * frameBytes() + 5)) {
        for (Optional<WrappedKey> wrapping :
            List.of(Optional.<WrappedKey>empty(), Optional.of(wrapped))) {
          byte[] encoded = content(stored);
          BlobManifest given =
              StoredBlobs.manifest(key("encoded"), content(1000), Map.of())
                  .withEncoding(
                      List.of("zstd", "aes-gcm"),
                      new ContentEncoding(131_072, Math.max(1, stored), contentId, wrapping));
          BlobManifest manifest;
          try (BlobWriter writer = provider.openWriter(key("encoded"), OptionalLong.empty())) {
            writer.write(encoded, 0, encoded.length);
            manifest = writer.commit(present -> given);
          }
          assertThat(manifest).isEqualTo(given.withStoredSize(manifest.storedSize()));
          assertThat(provider.findManifest(key("encoded"))).contains(manifest);
          try (BlobReader reader = provider.openReader(key("encoded")).orElseThrow()) {
            assertThat(reader.manifest()).isEqualTo(manifest);
            assertThat(StoredBlobs.read(reader, 0, stored)).isEqualTo(encoded);
          }
          assertThat(provider.usage(bucket).bytes()).as("as it was written").isEqualTo(1000);
        }
      }
    }

    @Test
    void givesOnePartAfterAnotherOfOneVersion() throws IOException {
      byte[] content = content(3 * frameBytes() + 17);
      StoredBlobs.put(provider, key("parts"), content);
      try (BlobReader reader = provider.openReader(key("parts")).orElseThrow()) {
        provider.delete(key("parts"), version -> {});
        assertThat(reader.open(0, content.length).read()).isEqualTo(content[0] & 0xFF);
        for (int offset : List.of(2 * frameBytes() - 3, 0, content.length - 8)) {
          assertThat(StoredBlobs.read(reader, offset, 8))
              .isEqualTo(Arrays.copyOfRange(content, offset, offset + 8));
        }
      }
    }

    @Test
    void givesTheSameBytesInWhateverWayTheStreamIsRead() throws IOException {
      for (int size : List.of(inlineBytes() - 5, 2 * frameBytes() + 5)) {
        byte[] content = content(size);
        StoredBlobs.put(provider, key("ways"), content);
        assertThat(readWith(InputStream::readAllBytes)).isEqualTo(content);
        assertThat(
                readWith(
                    stream -> {
                      ByteArrayOutputStream out = new ByteArrayOutputStream();
                      assertThat(stream.transferTo(out)).isEqualTo(size);
                      return out.toByteArray();
                    }))
            .isEqualTo(content);
        assertThat(
                readWith(
                    stream -> {
                      ByteArrayOutputStream out = new ByteArrayOutputStream();
                      for (int next = stream.read(); next >= 0; next = stream.read()) {
                        out.write(next);
                      }
                      assertThat(stream.read(new byte[1])).isEqualTo(-1);
                      return out.toByteArray();
                    }))
            .isEqualTo(content);
        assertThat(
                readWith(
                    stream -> {
                      stream.skipNBytes(size - 4);
                      return stream.readAllBytes();
                    }))
            .isEqualTo(Arrays.copyOfRange(content, size - 4, size));
      }
    }

    private byte[] readWith(ReadingWay way) throws IOException {
      try (BlobReader reader = provider.openReader(key("ways")).orElseThrow();
          InputStream stream = reader.open(0, reader.manifest().size())) {
        return way.read(stream);
      }
    }

    @Test
    void givesEveryRangeAtTheBordersOfFrames() {
      int frame = frameBytes();
      byte[] content = content(3 * frame + 17);
      StoredBlobs.put(provider, key("ranges"), content);
      List<Integer> offsets =
          List.of(
              0,
              1,
              frame - 1,
              frame,
              frame + 1,
              2 * frame - 1,
              2 * frame,
              3 * frame,
              content.length - 1,
              content.length);
      List<Integer> lengths = List.of(0, 1, 2, 4096, frame - 1, frame, frame + 1, 2 * frame + 2);
      for (int offset : offsets) {
        for (int length : lengths) {
          int end = Math.min(offset + length, content.length);
          try (BlobReader reader = provider.openReader(key("ranges")).orElseThrow()) {
            assertThat(StoredBlobs.read(reader, offset, end - offset))
                .as("seed %d, %d to %d", seed, offset, end)
                .isEqualTo(Arrays.copyOfRange(content, offset, end));
          }
        }
      }
    }

    @Test
    void canCloseAReaderAtAnyPointAndTwice() throws IOException {
      byte[] content = content(2 * frameBytes());
      StoredBlobs.put(provider, key("early"), content);
      for (int i = 0; i < 600; i++) {
        BlobReader reader = provider.openReader(key("early")).orElseThrow();
        if (i % 3 > 0) {
          InputStream stream = reader.open(0, content.length);
          if (i % 3 > 1) {
            assertThat(stream.read()).isEqualTo(content[0] & 0xFF);
          }
        }
        reader.close();
        reader.close();
      }
      assertThat(StoredBlobs.get(provider, key("early"))).contains(content);
    }

    @Test
    void probesItselfAsOftenAsItIsAsked() throws Exception {
      together(
          times(
              4,
              () -> {
                for (int i = 0; i < 5; i++) {
                  provider.probe();
                }
                return null;
              }));
      assertThat(provider.usage(bucket)).isEqualTo(BucketUsage.EMPTY);
      assertThat(StoredBlobs.keys(provider, bucket)).isEmpty();
    }
  }

  @FunctionalInterface
  private interface ReadingWay {
    byte[] read(InputStream stream) throws IOException;
  }

  @Nested
  @DisplayName("Readers keep the version that they opened")
  class Versions {

    @Test
    void isReadToItsEndWhenItIsReplacedOrDeleted() throws IOException {
      for (int size : List.of(100, inlineBytes() + 1, 3 * frameBytes() + 1)) {
        byte[] first = content(size);
        StoredBlobs.put(provider, key("kept"), first);
        try (BlobReader unopened = provider.openReader(key("kept")).orElseThrow();
            BlobReader begun = provider.openReader(key("kept")).orElseThrow()) {
          InputStream stream = begun.open(0, size);
          byte[] read = stream.readNBytes(10);
          StoredBlobs.put(provider, key("kept"), content(size + 7));
          StoredBlobs.put(provider, key("kept"), content(3));
          provider.delete(key("kept"), version -> {});
          assertThat(read).isEqualTo(Arrays.copyOf(first, 10));
          assertThat(stream.readAllBytes()).isEqualTo(Arrays.copyOfRange(first, 10, size));
          assertThat(unopened.manifest().size()).isEqualTo(size);
          assertThat(StoredBlobs.read(unopened, 0, size)).isEqualTo(first);
        }
        assertThat(provider.openReader(key("kept"))).isEmpty();
      }
    }

    @Test
    void isAlwaysWholeWhileTheKeyIsReplacedAllTheTime() throws Exception {
      List<Integer> sizes = List.of(0, 500, inlineBytes() + 3, frameBytes() + 9);
      BlobKey key = key("busy");
      StoredBlobs.put(provider, key, content(500));
      AtomicBoolean done = new AtomicBoolean();
      List<Callable<Void>> tasks = new ArrayList<>();
      tasks.add(
          () -> {
            Random own = new Random(seed);
            try {
              for (int i = 0; i < 200; i++) {
                int size = sizes.get(own.nextInt(sizes.size()));
                StoredBlobs.put(provider, key, StoredBlobs.random(own, size));
              }
            } finally {
              done.set(true);
            }
            return null;
          });
      tasks.addAll(
          times(
              3,
              () -> {
                while (!done.get()) {
                  try (BlobReader reader = provider.openReader(key).orElseThrow()) {
                    BlobManifest manifest = reader.manifest();
                    byte[] found = StoredBlobs.read(reader, 0, manifest.size());
                    assertThat(StoredBlobs.sha256(found)).isEqualTo(manifest.etag());
                  }
                }
                return null;
              }));
      together(tasks);
    }
  }

  @Nested
  @DisplayName("A commit is one stroke")
  class Commits {

    @Test
    void decidesOnceOnThePresentVersion() {
      BlobManifest first = StoredBlobs.put(provider, key("decide"), content(5));
      List<Optional<BlobManifest>> seen = new ArrayList<>();
      byte[] second = content(6);
      try (BlobWriter writer = provider.openWriter(key("decide"), OptionalLong.empty())) {
        writer.write(second, 0, second.length);
        writer.commit(
            present -> {
              seen.add(present);
              return StoredBlobs.manifest(key("decide"), second, Map.of());
            });
      }
      assertThat(seen).containsExactly(Optional.of(first));
    }

    @Test
    void storesNothingWhenTheDecisionThrows() {
      for (int size : List.of(10, inlineBytes() + 10)) {
        BlobManifest before = StoredBlobs.put(provider, key("refused"), content(20));
        BucketUsage usage = provider.usage(bucket);
        byte[] content = content(size);
        RuntimeException refusal = new IllegalStateException("refused");
        try (BlobWriter writer = provider.openWriter(key("refused"), OptionalLong.empty())) {
          writer.write(content, 0, size);
          assertThatThrownBy(
                  () ->
                      writer.commit(
                          present -> {
                            throw refusal;
                          }))
              .isSameAs(refusal);
        }
        assertThat(provider.findManifest(key("refused"))).contains(before);
        assertThat(provider.usage(bucket)).isEqualTo(usage);
      }
    }

    @Test
    void leavesNothingOfAWriterThatWasNotCommitted() {
      StoredBlobs.put(provider, key("present"), content(9));
      BucketUsage usage = provider.usage(bucket);
      for (int size : List.of(0, 10, inlineBytes() + 10, 2 * frameBytes())) {
        BlobWriter writer = provider.openWriter(key("aborted"), OptionalLong.of(size));
        writer.write(content(size), 0, size);
        assertThat(provider.findManifest(key("aborted"))).isEmpty();
        writer.close();
        writer.close();
      }
      assertThat(provider.findManifest(key("aborted"))).isEmpty();
      assertThat(StoredBlobs.keys(provider, bucket)).containsExactly("present");
      assertThat(provider.usage(bucket)).isEqualTo(usage);
    }

    @Test
    void losesNoUpdateUnderContention() throws Exception {
      int each = 25;
      BlobKey key = key("counter");
      StoredBlobs.put(provider, key, new byte[0], Map.of("count", "0"));
      together(
          times(
              THREADS,
              () -> {
                for (int i = 0; i < each; i++) {
                  byte[] content = new byte[i % 2 == 0 ? 10 : inlineBytes() + 1];
                  try (BlobWriter writer = provider.openWriter(key, OptionalLong.empty())) {
                    writer.write(content, 0, content.length);
                    writer.commit(
                        present -> {
                          int count = Integer.parseInt(present.orElseThrow().tags().get("count"));
                          return StoredBlobs.manifest(
                              key, content, Map.of("count", Integer.toString(count + 1)));
                        });
                  }
                }
                return null;
              }));
      assertThat(provider.findManifest(key).orElseThrow().tags())
          .containsEntry("count", Integer.toString(THREADS * each));
      assertThat(provider.usage(bucket).blobCount()).isEqualTo(1);
    }

    @Test
    void letsOneOfManyCreateAKey() throws Exception {
      for (int round = 0; round < 20; round++) {
        BlobKey key = key("create-" + round);
        AtomicInteger winners = new AtomicInteger();
        together(
            times(
                THREADS,
                () -> {
                  try (BlobWriter writer = provider.openWriter(key, OptionalLong.of(0))) {
                    writer.commit(
                        present -> {
                          if (present.isPresent()) {
                            throw new IllegalStateException("it is there already");
                          }
                          return StoredBlobs.manifest(key, new byte[0], Map.of());
                        });
                    winners.incrementAndGet();
                  } catch (IllegalStateException e) {
                    assertThat(e).hasMessage("it is there already");
                  }
                  return null;
                }));
        assertThat(winners).hasValue(1);
      }
    }

    @Test
    void deletesTheVersionThatTheCheckSaw() throws Exception {
      BlobKey key = key("pingpong");
      AtomicInteger puts = new AtomicInteger();
      AtomicInteger deletes = new AtomicInteger();
      together(
          times(
              THREADS,
              () -> {
                for (int i = 0; i < 20; i++) {
                  StoredBlobs.put(
                      provider, key, new byte[8], Map.of("id", "" + puts.incrementAndGet()));
                  List<BlobManifest> checked = new ArrayList<>();
                  Optional<BlobManifest> gone = provider.delete(key, checked::add);
                  assertThat(gone.stream().toList()).isEqualTo(checked);
                  gone.ifPresent(version -> deletes.incrementAndGet());
                }
                return null;
              }));
      assertThat(deletes.get()).isBetween(1, puts.get());
      assertThat(provider.findManifest(key)).isEmpty();
      assertThat(provider.usage(bucket)).isEqualTo(BucketUsage.EMPTY);
    }

    @Test
    void returnsWhatWasDeletedAndStopsWhenTheCheckThrows() {
      for (int size : List.of(10, inlineBytes() + 10)) {
        BlobManifest stored = StoredBlobs.put(provider, key("gone"), content(size));
        RuntimeException refusal = new IllegalStateException("refused");
        assertThatThrownBy(
                () ->
                    provider.delete(
                        key("gone"),
                        version -> {
                          throw refusal;
                        }))
            .isSameAs(refusal);
        assertThat(provider.findManifest(key("gone"))).contains(stored);
        assertThat(provider.delete(key("gone"), version -> {})).contains(stored);
        assertThat(provider.findManifest(key("gone"))).isEmpty();
        assertThat(
                provider.delete(
                    key("gone"),
                    version -> {
                      throw refusal;
                    }))
            .isEmpty();
      }
    }
  }

  @Nested
  @DisplayName("Listings follow the keys' UTF-8 bytes")
  class Listings {

    @Test
    void sortsKeysByTheirUtf8Bytes() {
      // U+FF5E sorts after U+1F600 by UTF-16 units, and before it by UTF-8 bytes.
      List<String> keys =
          new ArrayList<>(
              List.of(
                  "a",
                  "a/b",
                  "a0",
                  "aa",
                  "b",
                  "Z",
                  "~",
                  "\u00e9",
                  "\u07ff",
                  "\u0800",
                  "\uff5e",
                  "\ud83d\ude00",
                  "\ud83d\ude00a",
                  "\ue000",
                  " ",
                  "a b",
                  "\ufffd"));
      for (int i = 0; i < 100; i++) {
        keys.add(randomKey());
      }
      Collections.shuffle(keys, random);
      keys.forEach(key -> StoredBlobs.put(provider, key(key), new byte[0]));
      assertThat(StoredBlobs.keys(provider, bucket)).as("seed %d", seed).isEqualTo(sorted(keys));
    }

    @Test
    void seeksAnyPlace() {
      TreeSet<String> drawn = new TreeSet<>();
      for (int i = 0; i < 200; i++) {
        drawn.add(randomKey());
      }
      drawn.forEach(key -> StoredBlobs.put(provider, key(key), new byte[0]));
      List<String> keys = sorted(drawn);
      List<String> targets = new ArrayList<>(keys.subList(0, 50));
      for (int i = 0; i < 50; i++) {
        targets.add(randomKey());
      }
      try (ManifestCursor cursor = provider.openCursor(bucket)) {
        for (String target : targets) {
          cursor.seek(target);
          assertNext(cursor, keys, key -> compare(key, target) >= 0);
          cursor.seekAfter(target);
          assertNext(cursor, keys, key -> compare(key, target) > 0);
          String prefix = target.substring(0, target.offsetByCodePoints(0, 1));
          cursor.seekAfterPrefix(prefix);
          assertNext(cursor, keys, key -> compare(key, prefix) > 0 && !key.startsWith(prefix));
        }
        cursor.seekAfterPrefix("");
        assertThat(cursor.next()).isEmpty();
      }
    }

    private void assertNext(ManifestCursor cursor, List<String> keys, Predicate<String> wanted) {
      List<String> expected = keys.stream().filter(wanted).limit(2).toList();
      List<String> found = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        cursor.next().ifPresent(manifest -> found.add(manifest.key()));
      }
      assertThat(found).as("seed %d", seed).isEqualTo(expected);
    }

    @Test
    void staysInItsBucketAndAtItsEnd() {
      for (String name : List.of("con", "contract-", "contract.a", "contracta", "contract0")) {
        String valid = name.endsWith("-") ? name + "x" : name;
        BucketName other = StoredBlobs.bucket(provider, valid);
        StoredBlobs.put(provider, new BlobKey(other, "foreign"), new byte[1]);
      }
      StoredBlobs.put(provider, key("own"), new byte[0]);
      try (ManifestCursor cursor = provider.openCursor(bucket)) {
        assertThat(cursor.next()).map(BlobManifest::key).contains("own");
        assertThat(cursor.next()).isEmpty();
        assertThat(cursor.next()).isEmpty();
        cursor.seek("own");
        assertThat(cursor.next()).map(BlobManifest::key).contains("own");
        cursor.seek("p");
        assertThat(cursor.next()).isEmpty();
        cursor.seek("a");
        assertThat(cursor.next()).map(BlobManifest::key).contains("own");
      }
    }

    @Test
    void showsEveryKeyThatIsThereAllTheTimeWhileOthersComeAndGo() {
      List<String> steady = IntStream.range(0, 50).mapToObj("steady-%03d"::formatted).toList();
      steady.forEach(key -> StoredBlobs.put(provider, key(key), new byte[0]));
      List<String> seen = new ArrayList<>();
      try (ManifestCursor cursor = provider.openCursor(bucket)) {
        for (var next = cursor.next(); next.isPresent(); next = cursor.next()) {
          seen.add(next.get().key());
          StoredBlobs.put(provider, key(next.get().key() + "-more"), new byte[1]);
          provider.delete(key(next.get().key() + "-more"), version -> {});
        }
      }
      assertThat(seen).containsAll(steady).isSorted().doesNotHaveDuplicates();
    }

    private List<String> sorted(Iterable<String> keys) {
      List<String> sorted = new ArrayList<>();
      keys.forEach(sorted::add);
      sorted.sort(this::compare);
      return sorted.stream().distinct().toList();
    }

    private int compare(String left, String right) {
      return Arrays.compareUnsigned(
          left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));
    }

    private String randomKey() {
      int[] alphabet = {'a', 'b', '/', '-', 0xE9, 0x7FF, 0x800, 0x4E2D, 0xFF5E, 0x1F600, 0x10FFFD};
      StringBuilder key = new StringBuilder();
      int length = 1 + random.nextInt(4);
      for (int i = 0; i < length; i++) {
        key.appendCodePoint(alphabet[random.nextInt(alphabet.length)]);
      }
      return key.toString();
    }
  }

  @Nested
  @DisplayName("Buckets")
  class Buckets {

    @Test
    void areMadeOnceAndKeepTheirSettings() {
      BucketSettings settings =
          new BucketSettings(
              OptionalInt.of(3),
              OptionalInt.of(2),
              Optional.of("single-master"),
              Optional.of("lww"),
              Optional.of("hash"),
              Optional.of(List.of("zstd", "aes")),
              Optional.of(true),
              OptionalLong.of(1L << 40),
              Optional.of(Duration.ofDays(30).plusNanos(1)));
      BucketDefinition first =
          new BucketDefinition(
              new BucketName("abc"), settings, Instant.parse("2026-02-03T04:05:06.789Z"));
      BucketDefinition second =
          new BucketDefinition(new BucketName("abc"), BucketSettings.none(), Instant.EPOCH);
      assertThat(provider.createBucket(first)).isTrue();
      assertThat(provider.createBucket(second)).isFalse();
      assertThat(provider.findBucket(first.name())).contains(first);
      assertThat(provider.findBucket(new BucketName("abd"))).isEmpty();
      assertThat(provider.buckets())
          .extracting(definition -> definition.name().value())
          .containsExactly("abc", BUCKET);
    }

    @Test
    void areRedefinedUnlessSomebodyElseWasFaster() {
      BucketDefinition present = provider.findBucket(bucket).orElseThrow();
      BucketDefinition next = present.withPipeline(List.of("lz4"));
      BucketDefinition other = present.withPipeline(List.of("gzip"));
      StoredBlobs.put(provider, key("k"), content(10));

      assertThat(provider.replaceBucket(present, next)).isTrue();
      assertThat(provider.replaceBucket(present, other)).isFalse();

      assertThat(provider.findBucket(bucket)).contains(next);
      assertThat(provider.buckets()).containsExactly(next);
      assertThat(provider.usage(bucket)).isEqualTo(new BucketUsage(1, 10));
      provider.delete(key("k"), version -> {});
      provider.deleteBucket(bucket);
      assertThat(provider.replaceBucket(next, other)).isFalse();
      assertThat(provider.findBucket(bucket)).isEmpty();
    }

    @Test
    void areDeletedOnlyWhenEmptyAndComeBackEmpty() {
      StoredBlobs.put(provider, key("k"), content(10));
      assertCode(StandardErrorCode.BUCKET_NOT_EMPTY, () -> provider.deleteBucket(bucket));
      provider.delete(key("k"), version -> {});
      provider.deleteBucket(bucket);
      assertThat(provider.findBucket(bucket)).isEmpty();
      assertThat(provider.buckets()).isEmpty();
      StoredBlobs.bucket(provider, BUCKET);
      assertThat(provider.usage(bucket)).isEqualTo(BucketUsage.EMPTY);
      assertThat(StoredBlobs.keys(provider, bucket)).isEmpty();
    }

    @Test
    void areMissedByTheirName() {
      BucketName missing = new BucketName("missing");
      BlobKey key = new BlobKey(missing, "k");
      assertCode(StandardErrorCode.NO_SUCH_BUCKET, () -> provider.usage(missing));
      assertCode(StandardErrorCode.NO_SUCH_BUCKET, () -> provider.deleteBucket(missing));
      assertCode(StandardErrorCode.NO_SUCH_BUCKET, () -> provider.openCursor(missing));
      assertCode(
          StandardErrorCode.NO_SUCH_BUCKET, () -> provider.openWriter(key, OptionalLong.of(1)));
      assertThat(provider.findManifest(key)).isEmpty();
      assertThat(provider.openReader(key)).isEmpty();
      assertThat(
              provider.delete(
                  key,
                  version -> {
                    throw new AssertionError("nothing to check");
                  }))
          .isEmpty();
    }

    @Test
    void refuseACommitAfterTheyWereDeleted() {
      for (int size : List.of(10, inlineBytes() + 10)) {
        BucketName gone = StoredBlobs.bucket(provider, "gone-soon");
        BlobKey key = new BlobKey(gone, "k");
        try (BlobWriter writer = provider.openWriter(key, OptionalLong.of(size))) {
          writer.write(content(size), 0, size);
          provider.deleteBucket(gone);
          assertCode(
              StandardErrorCode.NO_SUCH_BUCKET,
              () -> writer.commit(present -> StoredBlobs.manifest(key, new byte[size], Map.of())));
        }
        StoredBlobs.bucket(provider, "gone-soon");
        assertThat(provider.findManifest(key)).isEmpty();
        assertThat(provider.usage(gone)).isEqualTo(BucketUsage.EMPTY);
        provider.deleteBucket(gone);
      }
    }

    @Test
    void areEitherDeletedOrWrittenTo() throws Exception {
      for (int round = 0; round < 30; round++) {
        BucketName contested = StoredBlobs.bucket(provider, "contested");
        BlobKey key = new BlobKey(contested, "k");
        List<Boolean> outcomes =
            together(
                List.of(
                    () -> succeeds(StandardErrorCode.NO_SUCH_BUCKET, () -> putSmall(key)),
                    () ->
                        succeeds(
                            StandardErrorCode.BUCKET_NOT_EMPTY,
                            () -> provider.deleteBucket(contested))));
        boolean written = outcomes.get(0);
        assertThat(outcomes).as("exactly one of put and delete").containsOnlyOnce(true);
        assertThat(provider.findBucket(contested).isPresent()).isEqualTo(written);
        assertThat(provider.findManifest(key).isPresent()).isEqualTo(written);
        if (written) {
          assertThat(provider.usage(contested).blobCount()).isEqualTo(1);
          provider.delete(key, version -> {});
          provider.deleteBucket(contested);
        }
      }
    }

    private void putSmall(BlobKey key) {
      StoredBlobs.put(provider, key, new byte[1]);
    }

    private boolean succeeds(ErrorCode expectedFailure, Runnable action) {
      try {
        action.run();
        return true;
      } catch (WarehouseException e) {
        assertThat(e.code()).isEqualTo(expectedFailure);
        return false;
      }
    }
  }

  @Nested
  @DisplayName("Usage is exact")
  class Usage {

    @Test
    void followsEveryChange() {
      Map<String, byte[]> model = new TreeMap<>();
      List<Integer> sizes = List.of(0, 1, 1000, inlineBytes() + 1, frameBytes() + 1);
      for (int i = 0; i < 400; i++) {
        String name = "key-" + random.nextInt(12);
        if (random.nextInt(4) == 0) {
          assertThat(provider.delete(key(name), version -> {}).isPresent())
              .isEqualTo(model.remove(name) != null);
        } else {
          byte[] content = content(sizes.get(random.nextInt(sizes.size())));
          StoredBlobs.put(provider, key(name), content);
          model.put(name, content);
        }
        assertThat(provider.usage(bucket)).as("seed %d, step %d", seed, i).isEqualTo(usage(model));
      }
      assertThat(StoredBlobs.keys(provider, bucket)).containsExactlyElementsOf(model.keySet());
      model.forEach(
          (name, content) ->
              assertThat(StoredBlobs.get(provider, key(name)))
                  .as("seed %d", seed)
                  .contains(content));
    }

    @Test
    void isExactAfterConcurrentChanges() throws Exception {
      AtomicInteger number = new AtomicInteger();
      together(
          times(
              THREADS,
              () -> {
                Random own = new Random(seed + number.incrementAndGet());
                for (int i = 0; i < 60; i++) {
                  BlobKey key = key("shared-" + own.nextInt(6));
                  if (own.nextInt(3) == 0) {
                    provider.delete(key, version -> {});
                  } else {
                    StoredBlobs.put(provider, key, new byte[own.nextInt(2000)]);
                  }
                }
                return null;
              }));
      List<BlobManifest> left = StoredBlobs.list(provider, bucket);
      assertThat(provider.usage(bucket))
          .as("seed %d", seed)
          .isEqualTo(
              new BucketUsage(left.size(), left.stream().mapToLong(BlobManifest::size).sum()));
    }

    private BucketUsage usage(Map<String, byte[]> model) {
      return new BucketUsage(
          model.size(), model.values().stream().mapToLong(content -> content.length).sum());
    }
  }
}
