package io.datawarehouse.plugin.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.testkit.kernel.MapPluginConfig;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import io.datawarehouse.testkit.storage.AcknowledgedLedger;
import io.datawarehouse.testkit.storage.StoredBlobs;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process (SIGKILL) in the middle of concurrent writes, again and again in the same
 * directory, and opens what it left: everything that was acknowledged is there, and nothing else.
 */
class StorageCrashIT {

  private static final int ROUNDS = 20;
  private static final int MOST_ACKNOWLEDGED = 400;

  @TempDir private Path directory;

  private final long seed = Long.getLong("dw.test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final AcknowledgedLedger ledger = new AcknowledgedLedger();

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void givesBackEverythingThatWasAcknowledgedAfterEveryKill(TestReporter reporter)
      throws Exception {
    reporter.publishEntry("dw.test.seed", Long.toString(seed));
    for (int round = 1; round <= ROUNDS; round++) {
      long before = ledger.acknowledged();
      int unanswered = writeUntilKilled(1 + random.nextInt(MOST_ACKNOWLEDGED));
      reporter.publishEntry(
          "round " + round,
          "%d acknowledged, %d unanswered, %d content files"
              .formatted(
                  ledger.acknowledged() - before,
                  unanswered,
                  StoreFixture.contentFiles(directory).size()));
      check("seed " + seed + ", round " + round);
    }
  }

  /** Returns how many changes were under way when the process was killed. */
  private int writeUntilKilled(int acknowledgements) throws Exception {
    Process process = startWriter();
    long target = ledger.acknowledged() + acknowledgements;
    int unanswered = 0;
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        unanswered += note(line);
        if (ledger.acknowledged() >= target && process.isAlive()) {
          kill(process);
        }
      }
    } finally {
      kill(process);
    }
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as("killed by signal 9").isEqualTo(128 + 9);
    assertThat(ledger.acknowledged()).isGreaterThanOrEqualTo(target);
    return unanswered;
  }

  /** By its handle: the process's own method would close the pipe, and with it the last lines. */
  private static void kill(Process process) {
    process.toHandle().destroyForcibly();
  }

  private Process startWriter() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            CrashWriter.class.getName(),
            directory.toString(),
            Long.toString(random.nextLong()))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private int note(String line) {
    String[] words = line.split(" ");
    switch (words[0]) {
      case "ask" -> {
        ledger.attempt(Long.parseLong(words[1]), words[2], words[3]);
        return 1;
      }
      case "ack" -> {
        ledger.acknowledge(Long.parseLong(words[1]), words[2]);
        return -1;
      }
      default -> throw new AssertionError("the writer says: " + line);
    }
  }

  private void check(String round) throws Exception {
    BucketName bucket = new BucketName(CrashWriter.BUCKET);
    RocksDbStore store =
        RocksDbStore.open(
            StoreOptions.from(
                new MapPluginConfig("storage-rocksdb", CrashWriter.CONFIG), directory),
            new RocksDbStore.Surroundings(
                new RecordingMetrics(),
                Runnable::run,
                System.getLogger("test.rocksdb"),
                step -> {}));
    try {
      Map<String, String> found = new TreeMap<>();
      TreeSet<Path> files = new TreeSet<>();
      List<BlobManifest> listed = new ArrayList<>();
      if (store.findBucket(bucket).isPresent()) {
        listed.addAll(StoredBlobs.list(store, bucket));
        assertThat(store.usage(bucket)).as(round).isEqualTo(usage(listed));
      }
      for (BlobManifest manifest : listed) {
        byte[] content = StoredBlobs.get(store, manifest.blobKey()).orElseThrow();
        assertThat(content).as(round).hasSize((int) manifest.size());
        assertThat(StoredBlobs.sha256(content)).as(round).isEqualTo(manifest.etag());
        found.put(manifest.key(), manifest.etag());
        addFile(store, manifest, files);
      }
      for (int i = 0; i < CrashWriter.KEYS; i++) {
        String key = "key-" + i;
        assertThat(store.findManifest(new BlobKey(bucket, key)).isPresent())
            .as(round)
            .isEqualTo(found.containsKey(key));
      }
      assertThat(ledger.settle(found)).as(round).isEmpty();
      assertThat(StoreFixture.contentFiles(directory)).as(round).isEqualTo(files);
      store.probe();
    } finally {
      store.close();
    }
    assertThat(strayFiles()).as(round).isEmpty();
  }

  private static void addFile(RocksDbStore store, BlobManifest manifest, TreeSet<Path> files) {
    byte[] row = store.database().get(Family.MANIFESTS, Keys.manifest(manifest.blobKey()));
    ContentPlace place = ManifestFormat.decode(manifest.blobKey(), row).place();
    if (place instanceof ContentPlace.InFile) {
      files.add(store.files().path(place.id()));
    }
  }

  private static BucketUsage usage(List<BlobManifest> manifests) {
    return new BucketUsage(
        manifests.size(), manifests.stream().mapToLong(BlobManifest::size).sum());
  }

  private List<Path> strayFiles() throws IOException {
    try (Stream<Path> top = Files.list(directory)) {
      return top.filter(path -> !path.endsWith("db") && !path.endsWith("content")).toList();
    }
  }
}
