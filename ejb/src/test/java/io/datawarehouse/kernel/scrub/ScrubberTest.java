package io.datawarehouse.kernel.scrub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.plugin.rocksdb.RocksDbStoragePlugin;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import io.datawarehouse.testkit.storage.StoredBlobs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScrubberTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final int LARGE = 300_000;
  private static final long FAST = 1L << 40;

  @TempDir Path directory;
  private final Random random = new Random(11);
  private final RocksDbStoragePlugin store = new RocksDbStoragePlugin();
  private final List<Finding> told = new ArrayList<>();
  private FakeKernelContext context;

  /** The scrub's time: it goes on only while the scrub sleeps. */
  private long nanos;

  private long slept;

  @BeforeEach
  void open() throws Exception {
    context = new FakeKernelContext("storage-rocksdb", directory, Map.of());
    store.start(context);
    StoredBlobs.bucket(store, "one");
    StoredBlobs.bucket(store, "two");
  }

  @AfterEach
  void close() throws Exception {
    store.stop();
    context.close();
  }

  @Test
  void findsDamageTellsItOnceAndForgetsItWhenTheBlobIsWrittenAnew() throws Exception {
    BlobKey damaged = put("two", "large", LARGE);
    put("one", "small", 100);
    put("two", "sound", 5_000);
    flipAByteOfTheOnlyFile();
    Scrubber scrubber = scrubber(FAST, this::sleep);

    scrubber.round();
    scrubber.round();

    assertThat(scrubber.findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.blob()).isEqualTo(damaged);
              assertThat(finding.foundAt()).isEqualTo(NOW);
              assertThat(finding.reason()).isNotBlank();
            });
    assertThat(told).extracting(Finding::blob).containsExactly(damaged);
    assertThat(context.metrics().count("scrub.blobs")).isEqualTo(4);
    assertThat(context.metrics().count("scrub.rounds")).isEqualTo(2);

    put("two", "large", LARGE);
    scrubber.round();
    assertThat(scrubber.damaged()).isZero();
  }

  @Test
  void knowsItsFindingsAfterARestartAndForgetsWhatWasDeleted() throws Exception {
    BlobKey damaged = put("two", "large", LARGE);
    flipAByteOfTheOnlyFile();
    scrubber(FAST, this::sleep).round();

    Scrubber restarted = scrubber(FAST, this::sleep);
    assertThat(restarted.findings()).extracting(Finding::blob).containsExactly(damaged);
    restarted.round();
    assertThat(told).hasSize(1);

    assertThat(store.delete(damaged, present -> {})).isPresent();
    restarted.round();
    assertThat(restarted.damaged()).isZero();
  }

  @Test
  void goesOnAfterTheLastBatchThatItFinished() throws Exception {
    for (int i = 0; i < 250; i++) {
      put("one", "k%03d".formatted(i), 1_000);
    }
    long rate = 1_000_000;
    Scrubber interrupted =
        scrubber(
            rate,
            time -> {
              if (context.metrics().count("scrub.blobs") >= 150) {
                throw new InterruptedException();
              }
              sleep(time);
            });
    assertThatThrownBy(interrupted::round).isInstanceOf(InterruptedException.class);
    double before = context.metrics().count("scrub.blobs");

    scrubber(FAST, this::sleep).round();

    assertThat(before).isBetween(150.0, 199.0);
    assertThat(context.metrics().count("scrub.blobs") - before).isEqualTo(150);
  }

  @Test
  void keepsToItsRate() throws Exception {
    put("one", "large", 1_000_000);

    scrubber(1_000_000, this::sleep).round();

    // The last piece is read without a wait after it.
    assertThat(Duration.ofNanos(slept)).isBetween(Duration.ofMillis(850), Duration.ofMillis(1_050));
  }

  @Test
  void endsWhenItsThreadIsInterrupted() throws Exception {
    Thread thread = new Thread(scrubber(FAST, time -> Thread.sleep(time.toMillis())));
    thread.start();
    thread.interrupt();
    thread.join(10_000);

    assertThat(thread.isAlive()).isFalse();
  }

  private Scrubber scrubber(long rate, Scrubber.Sleeper sleeper) {
    return new Scrubber(
        new Scrubber.Options(
            store,
            ContentPipelines.none(),
            context.storage(),
            Clock.fixed(NOW, ZoneOffset.UTC),
            () -> nanos,
            sleeper,
            rate,
            Duration.ofHours(1),
            context.metrics(),
            told::add));
  }

  private void sleep(Duration time) {
    slept += time.toNanos();
    nanos += time.toNanos();
  }

  private BlobKey put(String bucket, String key, int size) {
    BlobKey blob = BlobKey.of(bucket, key);
    StoredBlobs.put(store, blob, StoredBlobs.random(random, size));
    return blob;
  }

  private void flipAByteOfTheOnlyFile() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      Path file =
          files
              .filter(path -> path.toString().contains("content"))
              .filter(Files::isRegularFile)
              .findAny()
              .orElseThrow();
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        ByteBuffer one = ByteBuffer.allocate(1);
        channel.read(one, 100_000);
        one.put(0, (byte) (one.get(0) ^ 4)).flip();
        channel.write(one, 100_000);
      }
    }
  }
}
