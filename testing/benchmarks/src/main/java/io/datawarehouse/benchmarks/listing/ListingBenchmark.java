package io.datawarehouse.benchmarks.listing;

import io.datawarehouse.benchmarks.report.Rounds;
import io.datawarehouse.benchmarks.report.Subject;
import io.datawarehouse.kernel.blob.BlobService;
import io.datawarehouse.plugin.rocksdb.RocksDbStoragePlugin;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.StorageMessages.BlobListing;
import io.datawarehouse.sdk.blob.StorageMessages.ListBlobs;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import io.datawarehouse.testkit.storage.StoredBlobs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Lists 1000 keys under a prefix, from a random one on, of a bucket of 1,000,000 keys and of one of
 * 10,000; then 1000 common prefixes that stand for a thousand keys each and for ten. Through the
 * kernel's listing, on RocksDB. Each bucket lies in a store of its own.
 */
public final class ListingBenchmark {

  private static final int FEW = 10_000;
  private static final int MANY = 1_000_000;
  private static final int PAGE = 1_000;
  private static final int DIRECTORIES = 1_000;
  private static final int WRITERS = 8;
  private static final String PREFIX = "logs/";
  private static final BucketName BUCKET = new BucketName("bench");
  private static final double GOAL = 1.5;
  private static final Rounds.Plan PLAN =
      new Rounds.Plan(Duration.ofSeconds(5), Duration.ofSeconds(2), 7);

  private ListingBenchmark() {}

  /** Runs it; takes no arguments. */
  public static void main(String[] arguments) throws Exception {
    Path directory = newDirectory();
    try (Shelf few = new Shelf(directory.resolve("few"), FEW);
        Shelf many = new Shelf(directory.resolve("many"), MANY)) {
      compare("pages of 1000 keys", new Keys(few), new Keys(many));
      compare("pages of 1000 common prefixes", new Prefixes(few), new Prefixes(many));
    } finally {
      delete(directory);
    }
  }

  /** In memory where the system has such a place: filling waits for no disk then. */
  private static Path newDirectory() throws IOException {
    Path memory = Path.of("/dev/shm");
    return Files.isWritable(memory)
        ? Files.createTempDirectory(memory, "dw-listing")
        : Files.createTempDirectory("dw-listing");
  }

  private static void compare(String what, Subject few, Subject many) throws Exception {
    Map<String, Double> medians =
        new Rounds(System.out, what, "pages/s", 1).compare(PLAN, List.of(few, many));
    System.out.printf(
        Locale.ROOT,
        "  %-60s %6.2f  (goal: at most %.2f)%n",
        "time of a page, " + many.name() + " / " + few.name(),
        medians.get(few.name()) / medians.get(many.name()),
        GOAL);
  }

  /** A store with a bucket of that many blobs, all of them empty. */
  private static final class Shelf implements AutoCloseable {

    private final int count;
    private final RocksDbStoragePlugin store = new RocksDbStoragePlugin();
    private final FakeKernelContext context;

    Shelf(Path directory, int count) throws Exception {
      this.count = count;
      Path home = Files.createDirectories(directory);
      context = new FakeKernelContext("storage-rocksdb", home, Map.of());
      store.start(context);
      StoredBlobs.bucket(store, BUCKET.value());
      fill();
      new BlobService(
              new BlobService.Options(
                  store,
                  store.strategyName(),
                  new NodeId("bench"),
                  Clock.systemUTC(),
                  context.metrics()))
          .register(context.bus());
    }

    private void fill() throws Exception {
      long begin = System.nanoTime();
      ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
      List<Future<?>> filled = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        int first = i;
        filled.add(
            writers.submit(
                () -> {
                  for (int n = first; n < count; n += WRITERS) {
                    StoredBlobs.put(store, new BlobKey(BUCKET, key(n)), new byte[0]);
                  }
                }));
      }
      for (Future<?> each : filled) {
        each.get();
      }
      writers.shutdown();
      System.out.printf(
          Locale.ROOT, "%,d blobs written in %.1f s%n", count, (System.nanoTime() - begin) / 1e9);
    }

    /** Keys in a thousand directories, as many in each. */
    String key(int number) {
      int each = count / DIRECTORIES;
      return PREFIX + "%04d/%06d.log".formatted(number / each, number % each);
    }

    BlobListing list(Optional<String> delimiter, Optional<String> after) {
      return context
          .bus()
          .request(
              Message.query(
                      StorageTopics.LIST,
                      Payload.of(new ListBlobs(BUCKET, PREFIX, delimiter, after, PAGE)))
                  .build())
          .toCompletableFuture()
          .join()
          .payload()
          .as(BlobListing.class);
    }

    @Override
    public void close() {
      try (context) {
        store.stop();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        throw new IllegalStateException("the store does not stop", e);
      }
    }
  }

  /** Pages as fast as one after the other can be had. */
  private abstract static class Pages implements Subject {

    abstract int page();

    @Override
    public final Measured run(Duration time) {
      long[] took = new long[1 << 20];
      int count = 0;
      long begin = System.nanoTime();
      long now = begin;
      while (now - begin < time.toNanos()) {
        if (page() != PAGE) {
          throw new IllegalStateException("a page is not full");
        }
        long end = System.nanoTime();
        took[count++] = end - now;
        now = end;
      }
      Arrays.sort(took, 0, count);
      return new Measured(
          count * 1e9 / (now - begin), took[count / 2] / 1e3, took[count * 99 / 100] / 1e3);
    }
  }

  private static final class Keys extends Pages {

    private final Shelf shelf;
    private final Random random = new Random(3);

    Keys(Shelf shelf) {
      this.shelf = shelf;
    }

    @Override
    public String name() {
      return "of " + shelf.count + " keys";
    }

    @Override
    int page() {
      String after = shelf.key(random.nextInt(shelf.count - PAGE - 1));
      return shelf.list(Optional.empty(), Optional.of(after)).blobs().size();
    }
  }

  private static final class Prefixes extends Pages {

    private final Shelf shelf;

    Prefixes(Shelf shelf) {
      this.shelf = shelf;
    }

    @Override
    public String name() {
      return "of " + shelf.count + " keys, " + shelf.count / DIRECTORIES + " behind each";
    }

    @Override
    int page() {
      return shelf.list(Optional.of("/"), Optional.empty()).prefixes().size();
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
