package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.heat.SegmentCensus;
import io.datawarehouse.kernel.heat.SegmentHeat;
import io.datawarehouse.kernel.heat.SegmentStock.Stock;
import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.sdk.balance.ShardingScheme;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBlob;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.testkit.contract.Eventually;
import io.datawarehouse.testkit.kernel.ManualClock;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What segments hold, told by the blob service and counted in its store. */
class SegmentStockTest {

  private static final List<BucketName> BUCKETS =
      List.of(new BucketName("aaa"), new BucketName("bbb"), new BucketName("ccc"));
  private static final int WRITERS = 4;

  private final ManualClock clock = new ManualClock();
  private final FakeStore store = new FakeStore();
  private final FakeBus bus = new FakeBus();
  private final SegmentHeat heat = new SegmentHeat(System::nanoTime);
  private final SegmentCensus census =
      new SegmentCensus(store, heat, Placement::hashed, System::nanoTime, time -> {});

  SegmentStockTest() {
    BUCKETS.forEach(
        name ->
            store.createBucket(new BucketDefinition(name, BucketSettings.none(), clock.instant())));
    new BlobService(
            new BlobService.Options(
                store,
                "fake",
                new NodeId("node-1"),
                clock,
                new RecordingMetrics(),
                Runnable::run,
                ContentPipelines.none(),
                () -> ShardingScheme.HASH,
                heat))
        .register(bus);
  }

  private void write(BlobKey key, int size) {
    bus.request(
            Message.command(
                    StorageTopics.WRITE,
                    Payload.of(
                        new WriteBlob(
                            key.bucket(),
                            key.key(),
                            "text/plain",
                            Map.of(),
                            List.of(),
                            WriteCondition.none(),
                            Optional.empty())))
                .content(Content.of(Bytes.utf8("x".repeat(size)), "text/plain"))
                .build())
        .toCompletableFuture()
        .join();
  }

  private void delete(BlobKey key) {
    bus.request(
            Message.command(
                    StorageTopics.DELETE,
                    Payload.of(
                        new DeleteBlob(
                            key.bucket(), key.key(), WriteCondition.none(), Optional.empty())))
                .build())
        .toCompletableFuture()
        .exceptionally(
            thrown -> {
              assertThat(((WarehouseException) thrown).code())
                  .isEqualTo(StandardErrorCode.NO_SUCH_BLOB);
              return Reply.empty();
            })
        .join();
  }

  private List<Optional<Stock>> truth() {
    List<Optional<Stock>> all = new ArrayList<>();
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      all.add(Optional.of(new Stock(0, 0, 0)));
    }
    for (BucketName bucket : BUCKETS) {
      try (ManifestCursor cursor = store.openCursor(bucket)) {
        for (Optional<BlobManifest> next = cursor.next(); next.isPresent(); next = cursor.next()) {
          BlobManifest manifest = next.get();
          int segment = Placement.hashed(manifest.blobKey());
          Stock before = all.get(segment).orElseThrow();
          all.set(
              segment,
              Optional.of(
                  new Stock(
                      before.blobs() + 1,
                      before.bytes() + manifest.size(),
                      before.storedBytes() + manifest.storedSize())));
        }
      }
    }
    return all;
  }

  private List<Optional<Stock>> told() {
    List<Optional<Stock>> all = new ArrayList<>();
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      all.add(heat.ledger().of(segment));
    }
    return all;
  }

  @Test
  void nothingIsSaidBeforeTheCount() {
    write(BlobKey.of("aaa", "a"), 10);

    assertThat(told()).allMatch(Optional::isEmpty);
  }

  @Test
  void overwritesAndDeletesAreBooked() throws InterruptedException {
    BlobKey key = BlobKey.of("aaa", "a");
    int segment = Placement.hashed(key);
    write(key, 10);
    census.count();
    assertThat(heat.ledger().of(segment)).contains(new Stock(1, 10, 10));

    write(key, 25);
    assertThat(heat.ledger().of(segment)).contains(new Stock(1, 25, 25));

    delete(key);
    assertThat(heat.ledger().of(segment)).contains(new Stock(0, 0, 0));
  }

  @Test
  void changesThatFailChangeNothing() throws InterruptedException {
    census.count();
    store.beforeChange =
        () -> {
          throw new WarehouseException(StandardErrorCode.DISK_FULL, "full");
        };

    assertThatThrownBy(() -> write(BlobKey.of("aaa", "a"), 10)).hasMessageContaining("full");

    assertThat(told()).isEqualTo(truth());
  }

  @Test
  void aChangeWhoseEndIsNotKnownIsCountedAnew() throws InterruptedException {
    BlobKey key = BlobKey.of("aaa", "a");
    census.count();
    store.afterChange =
        () -> {
          throw new WarehouseException(StandardErrorCode.STORAGE_FAILED, "who knows");
        };
    assertThatThrownBy(() -> write(key, 10)).hasMessageContaining("who knows");
    store.afterChange = () -> {};
    assertThat(told()).allMatch(Optional::isEmpty);

    census.count();

    assertThat(told()).isEqualTo(truth());
    assertThat(heat.ledger().of(Placement.hashed(key))).contains(new Stock(1, 10, 10));
  }

  @Test
  void theCountWaitsForAChangeThatIsStoredAndNotBooked() throws Exception {
    BlobKey key = BlobKey.of("bbb", "a");
    CountDownLatch stored = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    store.afterChange =
        () -> {
          stored.countDown();
          awaitUnchecked(release);
        };
    Thread writer = new Thread(() -> write(key, 10));
    // Between the first bucket and the second one, in which the change is.
    SegmentCensus slow =
        new SegmentCensus(
            store,
            heat,
            Placement::hashed,
            System::nanoTime,
            time -> {
              if (writer.getState() == Thread.State.NEW) {
                writer.start();
                stored.await();
              }
            });
    Thread counting = new Thread(() -> countUnchecked(slow));
    counting.start();
    Eventually.is(
        "the count waits, or has gone on without",
        Duration.ofSeconds(10),
        () ->
            stored.getCount() == 0
                && (counting.getState() == Thread.State.WAITING
                    || counting.getState() == Thread.State.TERMINATED));

    release.countDown();
    writer.join();
    counting.join();

    assertThat(heat.ledger().of(Placement.hashed(key))).contains(new Stock(1, 10, 10));
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void countUnchecked(SegmentCensus census) {
    try {
      census.count();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void everyCountComesOutRightWhileManyWriteAndDelete() throws Exception {
    long seed = 1_711;
    Random keys = new Random(seed);
    for (int i = 0; i < 3_000; i++) {
      write(key(keys), 1 + keys.nextInt(50));
    }
    AtomicBoolean end = new AtomicBoolean();
    ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
    try {
      List<Future<?>> working = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        Random random = new Random(seed + 1 + writer);
        working.add(writers.submit(() -> changeUntil(end, random)));
      }
      for (int round = 0; round < 6; round++) {
        census.count();
      }
      end.set(true);
      for (Future<?> each : working) {
        each.get();
      }
    } finally {
      end.set(true);
      writers.shutdown();
    }

    assertThat(told()).as("seed %d", seed).isEqualTo(truth());
  }

  private void changeUntil(AtomicBoolean end, Random random) {
    while (!end.get()) {
      if (random.nextInt(3) == 0) {
        delete(key(random));
      } else {
        write(key(random), 1 + random.nextInt(50));
      }
    }
  }

  private static BlobKey key(Random random) {
    return new BlobKey(BUCKETS.get(random.nextInt(BUCKETS.size())), "k" + random.nextInt(1_500));
  }
}
