package io.datawarehouse.kernel.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.datawarehouse.kernel.audit.AuditEvent.Outcome;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.testkit.kernel.ManualClock;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DurableAuditTrailTest {

  private static final AuditLimits ROOMY =
      new AuditLimits(10_000, 16L << 20, Duration.ofDays(30), 30);

  @TempDir Path directory;

  private final ManualClock clock = new ManualClock();
  private final RecordingMetrics metrics = new RecordingMetrics();

  @Test
  void tellsWhoDidWhatToWhatAndWhatCameOfIt() {
    AuditTrail trail = open(ROOMY);

    trail.record(
        new AuditEvent(
            "operator",
            "10.0.0.7",
            "node.drain",
            "/cluster/nodes/n2/drain",
            Outcome.FAILED,
            "NOT_FOUND",
            "node 'n2' is not known",
            "4bf92f3577b34da6a3ce929d0e0e4736"));

    assertThat(trail.list(0, 10).entries())
        .containsExactly(
            new AuditEntry(
                "1",
                clock.instant(),
                new NodeId("n1"),
                "operator",
                Optional.of("10.0.0.7"),
                "node.drain",
                "/cluster/nodes/n2/drain",
                Outcome.FAILED,
                Optional.of("NOT_FOUND"),
                Optional.of("node 'n2' is not known"),
                Optional.of("4bf92f3577b34da6a3ce929d0e0e4736"),
                0));
    assertThat(metrics.count("audit.recorded", Map.of("outcome", "failed"))).isEqualTo(1);
  }

  @Test
  void outlivesARestartAndGoesOnCounting() {
    AuditTrail before = open(ROOMY);
    before.record(done("bucket.create", "a"));
    before.record(done("bucket.delete", "a"));

    AuditTrail after = open(ROOMY);
    after.record(done("bucket.create", "b"));

    assertThat(after.list(0, 10).entries())
        .extracting(AuditEntry::id, AuditEntry::action)
        .containsExactly(
            tuple("1", "bucket.create"), tuple("2", "bucket.delete"), tuple("3", "bucket.create"));
  }

  @Test
  void outlivesManyRestartsWhereEveryEntryHasAFileOfItsOwn() {
    AuditLimits small = new AuditLimits(8, 16L << 20, Duration.ofDays(30), 30);
    for (int i = 1; i <= 12; i++) {
      AuditTrail trail = open(small);
      trail.record(done("bucket.create", "b" + i));
      trail.record(refused());

      List<AuditEntry> kept = open(small).list(0, 100).entries();
      assertThat(kept).hasSize(Math.min(8, 2 * i));
      assertThat(kept.get(kept.size() - 1).id()).isEqualTo(Integer.toString(2 * i));
    }
  }

  @Test
  void goesOnAfterAPageWhereTheNextBegins() {
    AuditTrail trail = open(new AuditLimits(80, 16L << 20, Duration.ofDays(30), 30));
    for (int i = 1; i <= 25; i++) {
      trail.record(done("bucket.create", "b" + i));
    }

    List<String> read = new ArrayList<>();
    Optional<String> next = Optional.of("0");
    while (next.isPresent()) {
      AuditPage page = trail.list(Long.parseLong(next.get()), 10);
      page.entries().forEach(entry -> read.add(entry.id()));
      next = page.next();
    }

    assertThat(read).isEqualTo(IntStream.rangeClosed(1, 25).mapToObj(Integer::toString).toList());
    assertThat(trail.list(15, 10).next()).isEmpty();
    assertThat(trail.list(99, 10).entries()).isEmpty();
  }

  @Test
  void keepsNoMoreEntriesThanItMay() {
    AuditTrail trail = open(new AuditLimits(16, 16L << 20, Duration.ofDays(30), 30));
    for (int i = 1; i <= 100; i++) {
      trail.record(done("bucket.create", "b" + i));
      assertThat(trail.list(0, 1000).entries()).hasSizeLessThanOrEqualTo(16);
    }

    List<AuditEntry> kept = trail.list(0, 1000).entries();
    assertThat(kept.get(kept.size() - 1).id()).isEqualTo("100");
    assertThat(kept).hasSizeGreaterThan(12);
    assertThat(metrics.gauge("audit.entries")).isEqualTo(kept.size());
  }

  @Test
  void takesNoMoreBytesThanItMay() throws IOException {
    AuditTrail trail =
        open(new AuditLimits(10_000, AuditLimits.LEAST_BYTES, Duration.ofDays(30), 30));
    for (int i = 1; i <= 500; i++) {
      trail.record(done("bucket.create", "x".repeat(450) + i));
    }

    assertThat(bytesOnDisk())
        .isEqualTo((long) metrics.gauge("audit.bytes"))
        .isBetween(AuditLimits.LEAST_BYTES / 2, AuditLimits.LEAST_BYTES);
    assertThat(trail.list(499, 10).entries()).hasSize(1);
  }

  @Test
  void boundsThatWereMadeTighterHoldAtTheNextStart() {
    AuditTrail trail = open(new AuditLimits(80, 16L << 20, Duration.ofDays(30), 30));
    for (int i = 1; i <= 80; i++) {
      trail.record(done("bucket.create", "b" + i));
    }

    AuditTrail tighter = open(new AuditLimits(20, 16L << 20, Duration.ofDays(30), 30));

    assertThat(tighter.list(0, 1000).entries())
        .hasSizeBetween(1, 20)
        .last()
        .extracting(AuditEntry::id)
        .isEqualTo("80");
  }

  @Test
  void forgetsWhatIsTooOldAlsoWhereNothingComes() throws IOException {
    DurableAuditTrail trail = open(new AuditLimits(10_000, 16L << 20, Duration.ofDays(2), 30));
    trail.record(done("bucket.create", "old"));
    clock.advance(Duration.ofDays(1));
    trail.record(done("bucket.create", "new"));

    clock.advance(Duration.ofHours(36));
    assertThat(trail.list(0, 10).entries()).extracting(AuditEntry::target).containsExactly("new");

    clock.advance(Duration.ofHours(36));
    trail.prune();
    assertThat(trail.list(0, 10).entries()).isEmpty();
    assertThat(bytesOnDisk()).isZero();

    AuditTrail after = open(ROOMY);
    after.record(done("bucket.create", "later"));
    assertThat(after.list(0, 10).entries()).extracting(AuditEntry::id).containsExactly("3");
  }

  @Test
  void aLineThatACrashCutOffIsGoneAndTheNextOneIsWhole() throws IOException {
    AuditTrail before = open(ROOMY);
    before.record(done("bucket.create", "a"));
    before.record(done("bucket.create", "b"));
    Path file = files().get(0);
    byte[] content = Files.readAllBytes(file);

    for (int cut = 1; cut < content.length / 2; cut += 7) {
      Files.write(file, Arrays.copyOf(content, content.length - cut));
      AuditTrail after = open(ROOMY);
      after.record(done("bucket.create", "c"));

      assertThat(after.list(0, 10).entries())
          .as("%d bytes cut off", cut)
          .extracting(AuditEntry::target)
          .containsExactly("a", "c");
      assertThat(open(ROOMY).list(0, 10).entries()).hasSize(2);
    }
  }

  @Test
  void aDamagedLineIsLeftOutAndCountedAndTheOthersStay() throws IOException {
    AuditTrail before = open(ROOMY);
    before.record(done("bucket.create", "a"));
    before.record(done("bucket.create", "b"));
    before.record(done("bucket.create", "c"));
    Path file = files().get(0);
    String content = Files.readString(file);
    Files.writeString(file, content.replace("\"b\"", "\"x\""));

    AuditTrail after = open(ROOMY);
    after.record(done("bucket.create", "d"));

    assertThat(after.list(0, 10).entries())
        .extracting(AuditEntry::target)
        .containsExactly("a", "c", "d");
    assertThat(metrics.count("audit.damaged")).isEqualTo(1);
  }

  @Test
  void aLineLongerThanAnyEntryHarmsNobody() throws IOException {
    open(ROOMY).record(done("bucket.create", "a"));
    Files.writeString(files().get(0), "y".repeat(100_000) + "\n", StandardOpenOption.APPEND);

    AuditTrail after = open(ROOMY);
    after.record(done("bucket.create", "b"));

    assertThat(after.list(0, 10).entries())
        .extracting(AuditEntry::target)
        .containsExactly("a", "b");
  }

  @Test
  void refusalsAreBoundedAndCountedAndPushOutNothingElse() {
    AuditTrail trail = open(new AuditLimits(10_000, 16L << 20, Duration.ofDays(30), 3));
    for (int i = 0; i < 1_000; i++) {
      trail.record(refused());
    }
    trail.record(done("bucket.create", "a"));
    clock.advance(Duration.ofMinutes(1));
    trail.record(refused());

    assertThat(trail.list(0, 10).entries())
        .extracting(AuditEntry::action, AuditEntry::unrecorded)
        .containsExactly(
            tuple("authentication", 0L),
            tuple("authentication", 0L),
            tuple("authentication", 0L),
            tuple("bucket.create", 0L),
            tuple("authentication", 997L));
    assertThat(metrics.count("audit.unrecorded")).isEqualTo(997);
  }

  @Test
  void aDiskThatTakesNothingIsCountedAndTheLogGoesOnWhenItDoesAgain() throws IOException {
    AuditTrail trail = open(ROOMY);
    trail.record(done("bucket.create", "a"));
    Path file = files().get(0);
    Path aside = directory.resolve("aside");
    Files.move(file, aside);
    Files.createDirectory(file);

    trail.record(done("bucket.create", "b"));

    assertThat(metrics.count("audit.lost")).isEqualTo(1);
    Files.delete(file);
    Files.move(aside, file);
    trail.record(done("bucket.create", "c"));
    assertThat(trail.list(0, 10).entries())
        .extracting(AuditEntry::target)
        .containsExactly("a", "c");
  }

  @Test
  void manyAtOnceLoseNothingAndReadersSeeWholeEntries() throws Exception {
    AuditTrail trail = open(new AuditLimits(800, 16L << 20, Duration.ofDays(30), 30));
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> writers = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        String name = "t" + thread;
        writers.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 30; i++) {
                    trail.record(done("bucket.create", name + "-" + i));
                    assertThat(trail.list(0, 1000).entries()).isNotEmpty();
                  }
                }));
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(trail.list(0, 1000).entries())
        .extracting(AuditEntry::id)
        .isEqualTo(IntStream.rangeClosed(1, 120).mapToObj(Integer::toString).toList());
    assertThat(trail.list(0, 1000).entries())
        .extracting(AuditEntry::target)
        .doesNotHaveDuplicates();
  }

  @Test
  void whatIsSaidFromOutsideCannotPassForAnotherEntry() throws IOException {
    AuditTrail trail = open(ROOMY);

    trail.record(done("bucket.create", "a\n00000000 \u202eb" + "z".repeat(5_000)));

    assertThat(trail.list(0, 10).entries())
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.target()).startsWith("a?00000000 ?b").hasSize(500);
            });
    assertThat(Files.readString(files().get(0)).lines()).hasSize(1);
  }

  @Test
  void onlyTheOwnerMayReadIt() throws IOException {
    open(ROOMY).record(done("bucket.create", "a"));

    assertThat(Files.getPosixFilePermissions(files().get(0)))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Bucket", "a b", "a\n", "-a"})
  void actionsAreWords(String action) {
    assertThatThrownBy(() -> done(action, "a"))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("action");
  }

  @Test
  void limitsNameWhatIsWrong() {
    assertThatThrownBy(() -> new AuditLimits(0, 16L << 20, Duration.ofDays(1), 1))
        .hasMessageContaining("mostEntries");
    assertThatThrownBy(() -> new AuditLimits(1, 1, Duration.ofDays(1), 1))
        .hasMessageContaining("mostBytes");
    assertThatThrownBy(() -> new AuditLimits(1, 16L << 20, Duration.ZERO, 1))
        .hasMessageContaining("keep");
    assertThatThrownBy(() -> new AuditLimits(1, 16L << 20, Duration.ofDays(1), 0))
        .hasMessageContaining("refusalsPerMinute");
  }

  private DurableAuditTrail open(AuditLimits limits) {
    return DurableAuditTrail.open(
        new DurableAuditTrail.Options(directory, new NodeId("n1"), clock, metrics, limits));
  }

  private static AuditEvent done(String action, String target) {
    return new AuditEvent("admin", "127.0.0.1", action, target, Outcome.DONE, "", "", "");
  }

  private static AuditEvent refused() {
    return new AuditEvent(
        AuditEvent.ANONYMOUS,
        "10.6.6.6",
        "authentication",
        "/buckets",
        Outcome.REFUSED,
        "UNAUTHENTICATED",
        "the token in Authorization is not known",
        "");
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
    }
  }

  private long bytesOnDisk() throws IOException {
    long bytes = 0;
    for (Path file : files()) {
      bytes += Files.readString(file).getBytes(StandardCharsets.UTF_8).length;
    }
    return bytes;
  }
}
