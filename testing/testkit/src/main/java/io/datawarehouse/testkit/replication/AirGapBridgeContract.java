package io.datawarehouse.testkit.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.replication.AirGapBridge;
import io.datawarehouse.sdk.replication.BundlePreview;
import io.datawarehouse.sdk.replication.BundleReceipt;
import io.datawarehouse.sdk.replication.BundleRequest;
import io.datawarehouse.testkit.contract.Crowd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an {@link AirGapBridge} must do. The subclass has two sites of one node each, {@code home}
 * and {@code away}, with a bucket named {@code bucket} that keeps siblings; a bundle goes from the
 * first to the second.
 */
public abstract class AirGapBridgeContract {

  private static final String AWAY = "away";
  private static final int SMALLEST = 1 << 20;
  private static final Duration SOON = Duration.ofSeconds(40);

  @TempDir Path mediums;

  private int bundles;

  /** Returns the bridge of the site where bundles are made; the same object in one test. */
  protected abstract AirGapBridge home();

  /** Returns the bridge of the site named {@code away}; the same object in one test. */
  protected abstract AirGapBridge away();

  /** Writes a version at home; it has seen what stands there. */
  protected abstract void write(String key, Bytes content);

  /** Deletes a blob at home. */
  protected abstract void delete(String key);

  /** Writes a version at the site away; it has seen what stands there. */
  protected abstract void writeAway(String key, Bytes content);

  /** Returns the contents of all versions of a blob that stand away; none for a deletion. */
  protected abstract List<Bytes> versionsAway(String key);

  @Test
  void bundleBringsEverythingAndItsReceiptSaysHowFar() {
    write("one", Bytes.utf8("1"));
    write("two", Bytes.utf8("2"));

    Path medium = medium();
    BundleReceipt exported = export(medium, Map.of());
    BundleReceipt applied = away().apply(medium);

    assertThat(exported.changes()).isEqualTo(2);
    assertThat(exported.complete()).isTrue();
    assertThat(exported.site()).isEqualTo(AWAY);
    assertThat(applied.bundleId()).isEqualTo(exported.bundleId());
    assertThat(applied.upTo()).isEqualTo(exported.upTo());
    assertThat(versionsAway("one")).containsExactly(Bytes.utf8("1"));
    assertThat(versionsAway("two")).containsExactly(Bytes.utf8("2"));
  }

  @Test
  void nextBundleBeginsWhereTheReceiptEnds() {
    write("one", Bytes.utf8("1"));
    Path first = medium();
    export(first, Map.of());
    BundleReceipt receipt = away().apply(first);
    home().acknowledge(receipt);
    write("two", Bytes.utf8("2"));

    Path second = medium();
    BundleReceipt exported = export(second, receipt.upTo());
    away().apply(second);

    assertThat(exported.changes()).isEqualTo(1);
    assertThat(versionsAway("two")).containsExactly(Bytes.utf8("2"));
  }

  @Test
  void applyingAgainChangesNothing() {
    write("one", Bytes.utf8("1"));
    Path medium = medium();
    export(medium, Map.of());
    BundleReceipt once = away().apply(medium);
    writeAway("one", Bytes.utf8("changed here"));

    BundleReceipt again = away().apply(medium);

    assertThat(again.upTo()).isEqualTo(once.upTo());
    assertThat(versionsAway("one")).containsExactly(Bytes.utf8("changed here"));
  }

  @Test
  void bundlesComeToTheSameInAnyOrder() {
    List<Path> mediums = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      write("key", Bytes.utf8("version " + i));
      write("other-" + i, Bytes.utf8("value " + i));
      Path medium = medium();
      export(medium, Map.of());
      mediums.add(medium);
    }
    List<Path> order = new ArrayList<>(mediums);
    order.addAll(mediums);
    Collections.shuffle(order, new Random(3));

    order.forEach(medium -> away().apply(medium));

    assertThat(versionsAway("key")).containsExactly(Bytes.utf8("version 3"));
    for (int i = 0; i < 4; i++) {
      assertThat(versionsAway("other-" + i)).containsExactly(Bytes.utf8("value " + i));
    }
  }

  @Test
  void deletionIsCarriedToo() {
    write("key", Bytes.utf8("value"));
    Path first = medium();
    export(first, Map.of());
    away().apply(first);
    delete("key");

    Path second = medium();
    export(second, Map.of());
    away().apply(second);
    away().apply(first);

    assertThat(versionsAway("key")).as("the earlier bundle does not bring it back").isEmpty();
  }

  @Test
  void concurrentVersionsStandBesideEachOther() {
    write("key", Bytes.utf8("home"));
    writeAway("key", Bytes.utf8("away"));
    Path medium = medium();
    export(medium, Map.of());

    BundlePreview preview = away().preview(medium, 10);
    away().apply(medium);

    assertThat(preview.counts()).containsEntry(BundlePreview.Kind.CONCURRENT, 1L);
    assertThat(preview.attention())
        .singleElement()
        .satisfies(entry -> assertThat(entry.key().key()).isEqualTo("key"));
    assertThat(versionsAway("key"))
        .containsExactlyInAnyOrder(Bytes.utf8("home"), Bytes.utf8("away"));
  }

  @Test
  void previewTellsWhatWouldHappenAndChangesNothing() {
    write("one", Bytes.utf8("1"));
    write("two", Bytes.utf8("2"));
    Path first = medium();
    export(first, Map.of());

    BundlePreview before = away().preview(first, 10);
    assertThat(before.counts()).containsEntry(BundlePreview.Kind.NEW, 2L);
    assertThat(versionsAway("one")).isEmpty();
    away().apply(first);
    BundlePreview after = away().preview(first, 0);
    write("one", Bytes.utf8("newer"));
    Path second = medium();
    export(second, Map.of());

    assertThat(after.counts()).containsEntry(BundlePreview.Kind.SAME, 2L);
    assertThat(after.attention()).isEmpty();
    assertThat(away().preview(second, 10).counts()).containsEntry(BundlePreview.Kind.NEWER, 1L);
    assertThat(versionsAway("one")).containsExactly(Bytes.utf8("1"));
  }

  @Test
  void directoryThatHoldsSomethingIsRefused() throws IOException {
    write("one", Bytes.utf8("1"));
    Path medium = Files.createDirectories(medium());
    Files.writeString(medium.resolve("holiday.jpg"), "somebody's");

    assertThatThrownBy(() -> export(medium, Map.of()))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.PRECONDITION_FAILED));
    assertThat(files(medium)).hasSize(1);
  }

  @Test
  void bundleThatWasChangedAnywhereChangesNothing() throws IOException {
    write("one", Bytes.utf8("the first value"));
    write("two", Bytes.utf8("the second value"));
    Path medium = medium();
    export(medium, Map.of());
    for (Path file : files(medium)) {
      byte[] whole = Files.readAllBytes(file);
      for (int at = 0; at < whole.length; at += Math.max(1, whole.length / 40)) {
        byte[] changed = whole.clone();
        changed[at] ^= 1;
        Files.write(file, changed);
        requireRefused(medium, file + " with another byte " + at);
      }
      Files.write(file, Arrays.copyOf(whole, whole.length / 2));
      requireRefused(medium, "half of " + file);
      Files.delete(file);
      requireRefused(medium, "without " + file);
      Files.write(file, whole);
    }

    assertThat(away().apply(medium).changes()).isEqualTo(2);
  }

  private void requireRefused(Path medium, String what) {
    List<Throwable> answers = new ArrayList<>();
    answers.add(catchThrowable(() -> away().preview(medium, 10)));
    answers.add(catchThrowable(() -> away().apply(medium)));
    for (Throwable thrown : answers) {
      assertThat(thrown)
          .as(what)
          .isInstanceOfSatisfying(
              WarehouseException.class,
              e ->
                  assertThat(e.code())
                      .isIn(StandardErrorCode.DIGEST_MISMATCH, StandardErrorCode.STORAGE_FAILED));
    }
    assertThat(versionsAway("one")).as(what).isEmpty();
    assertThat(versionsAway("two")).as(what).isEmpty();
  }

  @Test
  void whatDoesNotFitGoesIntoTheNextBundle() {
    for (int i = 0; i < 6; i++) {
      byte[] half = new byte[SMALLEST / 2];
      new Random(i).nextBytes(half);
      write("key-" + i, Bytes.copyOf(half));
    }
    Map<NodeId, Long> after = Map.of();
    int made = 0;
    boolean complete = false;
    while (!complete && made < 10) {
      Path medium = medium();
      BundleReceipt receipt = export(medium, after);
      away().apply(medium);
      after = receipt.upTo();
      complete = receipt.complete();
      made++;
    }

    assertThat(complete).isTrue();
    assertThat(made).isBetween(3, 7);
    for (int i = 0; i < 6; i++) {
      assertThat(versionsAway("key-" + i)).hasSize(1);
    }
  }

  @Test
  void interruptedCallStopsAndKeepsTheInterrupt() {
    write("one", Bytes.utf8("1"));
    Path medium = medium();

    Object answer =
        Crowd.elsewhere(
            SOON,
            () -> {
              Thread.currentThread().interrupt();
              Throwable thrown = catchThrowable(() -> export(medium, Map.of()));
              assertThat(Thread.interrupted()).as("the interrupt was restored").isTrue();
              return thrown == null ? "done" : ((WarehouseException) thrown).code();
            });

    assertThat(answer).isIn("done", StandardErrorCode.UNAVAILABLE);
  }

  private Path medium() {
    bundles++;
    return mediums.resolve("bundle-" + bundles);
  }

  private BundleReceipt export(Path medium, Map<NodeId, Long> after) {
    return home()
        .export(new BundleRequest(medium, AWAY, Set.of(new BucketName("bucket")), after, SMALLEST));
  }

  private static List<Path> files(Path medium) throws IOException {
    try (Stream<Path> all = Files.walk(medium)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
