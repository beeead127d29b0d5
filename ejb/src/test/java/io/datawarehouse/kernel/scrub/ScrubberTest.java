package io.datawarehouse.kernel.scrub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.plugin.rocksdb.RocksDbStoragePlugin;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StorageProvider;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import io.datawarehouse.testkit.storage.StoredBlobs;
import java.io.IOException;
import java.lang.reflect.Proxy;
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
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
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
              assertThat(finding.blob()).contains(damaged);
              assertThat(finding.foundAt()).isEqualTo(NOW);
              assertThat(finding.reason()).isNotBlank();
            });
    assertThat(told).extracting(Finding::blob).containsExactly(Optional.of(damaged));
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
    assertThat(restarted.findings())
        .extracting(Finding::blob)
        .containsExactly(Optional.of(damaged));
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

  @Test
  void forgetsWhatWasWrittenAnewOrDeletedAsSoonAsSomebodyAsks() throws Exception {
    BlobKey damaged = put("two", "large", LARGE);
    flipAByteOfTheOnlyFile();
    Scrubber scrubber = scrubber(FAST, this::sleep);
    scrubber.round();
    assertThat(scrubber.findings(Optional.empty(), 10).findings())
        .extracting(Finding::blob)
        .containsExactly(Optional.of(damaged));

    put("two", "large", LARGE);

    assertThat(scrubber.findings(Optional.empty(), 10).findings()).isEmpty();
    assertThat(scrubber.damaged()).isZero();
    assertThat(context.storage().keys("found/")).isEmpty();
  }

  @Test
  void givesItsFindingsInPages() throws Exception {
    ScrubMemory memory = new ScrubMemory(context.storage());
    for (int i = 0; i < 5; i++) {
      put("one", "k" + i, 10);
      memory.add(Finding.ofBlob(BlobKey.of("one", "k" + i), "it is", NOW, ""));
    }
    // Nobody can say which versions these were, so they count as mended once they can be read.
    Scrubber scrubber = scrubber(unreadableManifests(), FAST, this::sleep);

    ScrubOffice.Page first = scrubber.findings(Optional.empty(), 2);
    ScrubOffice.Page second = scrubber.findings(first.next(), 2);
    ScrubOffice.Page third = scrubber.findings(second.next(), 2);

    assertThat(first.findings()).extracting(Finding::id).containsExactly("one/k0", "one/k1");
    assertThat(second.findings()).extracting(Finding::id).containsExactly("one/k2", "one/k3");
    assertThat(third.findings()).extracting(Finding::id).containsExactly("one/k4");
    assertThat(third.next()).isEmpty();
  }

  @Test
  void checksWhatLiesBehindManifestsThatCannotBeRead() throws Exception {
    for (int i = 0; i < 300; i++) {
      put("one", "logs/%03d.txt".formatted(i), 10);
    }
    put("two", "large", LARGE);
    StorageProvider damaged =
        withDamagedRows(key -> key.compareTo("logs/120") >= 0 && key.compareTo("logs/140") < 0);
    Scrubber scrubber = scrubber(damaged, FAST, this::sleep);

    scrubber.round();

    // One place, whose blobs nobody can name; all others were read.
    assertThat(scrubber.findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.bucket()).contains(new BucketName("one"));
              assertThat(finding.key()).isEmpty();
              assertThat(finding.reason()).contains("logs/119.txt");
            });
    assertThat(context.metrics().count("scrub.blobs")).isEqualTo(281);
    scrubber(FAST, this::sleep).round();
    assertThat(new ScrubMemory(context.storage()).findings()).isEmpty();
  }

  @Test
  void comesToTheEndOfABucketOfWhichNothingCanBeRead() throws Exception {
    put("one", "a", 10);
    put("two", "b", 10);
    Scrubber scrubber = scrubber(withDamagedRows(key -> key.equals("a")), FAST, this::sleep);

    scrubber.round();

    assertThat(scrubber.findings()).extracting(Finding::id).containsExactly("one/");
    assertThat(context.metrics().count("scrub.blobs")).isEqualTo(1);
  }

  @Test
  void startsAnewWhereWhatItRemembersIsDamaged() throws Exception {
    context.storage().put("rounds", Bytes.utf8("{"));
    context.storage().put("found/x", Bytes.utf8("nothing"));
    put("one", "small", 100);

    Scrubber scrubber = scrubber(FAST, this::sleep);
    scrubber.round();

    assertThat(scrubber.findings()).isEmpty();
    assertThat(scrubber.status().lastRound()).isPresent();
  }

  @Test
  void tellsHowARoundWent() throws Exception {
    put("one", "small", 100);
    put("two", "large", LARGE);
    Scrubber scrubber = scrubber(FAST, this::sleep);
    assertThat(scrubber.status().lastRound()).isEmpty();

    scrubber.round();

    assertThat(scrubber.status())
        .satisfies(
            status -> {
              assertThat(status.state()).isEqualTo(ScrubOffice.State.WAITING);
              assertThat(status.round()).isEmpty();
              assertThat(status.nextRoundAt()).contains(NOW.plus(Duration.ofHours(1)));
              assertThat(status.lastRound().orElseThrow())
                  .returns(2L, Round::blobs)
                  .satisfies(round -> assertThat(round.bytes()).isGreaterThanOrEqualTo(100 + LARGE))
                  .returns(NOW, round -> round.endedAt().orElseThrow());
            });
  }

  @Test
  void isNotStoppedByWhatNobodyExpected() throws Exception {
    put("one", "bad", 100);
    put("one", "good", 100);
    Scrubber scrubber =
        scrubber(
            proxy(
                (method, arguments) -> {
                  if (method.equals("openReader") && ((BlobKey) arguments[0]).key().equals("bad")) {
                    throw new IllegalStateException("a fault of the store");
                  }
                  return null;
                }),
            FAST,
            this::sleep);

    scrubber.round();

    assertThat(context.metrics().count("scrub.blobs")).isEqualTo(1);
    assertThat(context.metrics().count("scrub.passed.over")).isEqualTo(1);
  }

  @Test
  void readsNothingMoreOnceItsThreadIsInterrupted() throws Exception {
    put("one", "a", 100);
    put("one", "b", 100);
    Scrubber scrubber =
        scrubber(
            proxy(
                (method, arguments) -> {
                  if (method.equals("openReader")) {
                    Thread.currentThread().interrupt();
                  }
                  return null;
                }),
            FAST,
            this::sleep);

    assertThatThrownBy(scrubber::round).isInstanceOf(InterruptedException.class);

    assertThat(Thread.interrupted()).isFalse();
    assertThat(scrubber.status().lastRound()).isEmpty();
    assertThat(context.metrics().count("scrub.blobs")).isLessThan(2);
  }

  @Test
  void takesADiskThatGivesNothingBackForDamage() throws Exception {
    BlobKey blob = put("one", "a", 100);
    Scrubber scrubber =
        scrubber(
            proxy(
                (method, arguments) -> {
                  if (method.equals("openReader")) {
                    throw new WarehouseException(StandardErrorCode.STORAGE_FAILED, "input/output");
                  }
                  return null;
                }),
            FAST,
            this::sleep);

    scrubber.round();

    assertThat(told).extracting(Finding::blob).containsExactly(Optional.of(blob));
  }

  @Test
  void tellsWhatTheStoreFindsBesideBlobsUntilItIsNotFoundAgain() throws Exception {
    List<String> damaged = new ArrayList<>(List.of("table 7 is damaged"));
    Scrubber scrubber =
        scrubber(
            proxy((method, arguments) -> method.equals("verify") ? damaged : null),
            FAST,
            this::sleep);

    scrubber.round();
    scrubber.round();

    assertThat(scrubber.findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.bucket()).isEmpty();
              assertThat(finding.reason()).isEqualTo("table 7 is damaged");
            });
    assertThat(told).hasSize(1);
    damaged.clear();
    scrubber.round();
    assertThat(scrubber.damaged()).isZero();
  }

  @Test
  void isNotBegunWhereItIsTurnedOff() {
    Scrubber scrubber = scrubber(0, this::sleep);

    assertThat(scrubber.status().state()).isEqualTo(ScrubOffice.State.OFF);
    assertThatThrownBy(scrubber::begin)
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.SETTING_UNSUPPORTED));
  }

  /** What stands before a call of the store: an answer in its place, or null to let it go on. */
  private interface Before {
    Object call(String method, Object[] arguments);
  }

  private StorageProvider proxy(Before before) {
    return (StorageProvider)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {StorageProvider.class},
            (self, method, arguments) -> {
              Object answer = before.call(method.getName(), arguments);
              return answer != null ? answer : method.invoke(store, arguments);
            });
  }

  private StorageProvider unreadableManifests() {
    return proxy(
        (method, arguments) -> {
          if (method.equals("findManifest")) {
            throw new WarehouseException(StandardErrorCode.BLOB_CORRUPT, "unreadable");
          }
          return null;
        });
  }

  /** A store some of whose manifests cannot be read when one walks over them. */
  private StorageProvider withDamagedRows(Predicate<String> damaged) {
    return proxy(
        (method, arguments) ->
            method.equals("openCursor")
                ? new DamagedCursor(store.openCursor((BucketName) arguments[0]), damaged)
                : null);
  }

  private record DamagedCursor(ManifestCursor cursor, Predicate<String> damaged)
      implements ManifestCursor {

    @Override
    public void seek(String key) {
      cursor.seek(key);
    }

    @Override
    public void seekAfter(String key) {
      cursor.seekAfter(key);
    }

    @Override
    public void seekAfterPrefix(String prefix) {
      cursor.seekAfterPrefix(prefix);
    }

    @Override
    public Optional<BlobManifest> next() {
      Optional<BlobManifest> next = cursor.next();
      if (next.isPresent() && damaged.test(next.get().key())) {
        throw new WarehouseException(StandardErrorCode.BLOB_CORRUPT, "a block is damaged");
      }
      return next;
    }

    @Override
    public void close() {
      cursor.close();
    }
  }

  private Scrubber scrubber(long rate, Scrubber.Sleeper sleeper) {
    return scrubber(store, rate, sleeper);
  }

  private Scrubber scrubber(StorageProvider provider, long rate, Scrubber.Sleeper sleeper) {
    return new Scrubber(
        new Scrubber.Options(
            provider,
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
