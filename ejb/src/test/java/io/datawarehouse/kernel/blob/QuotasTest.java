package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class QuotasTest extends BlobServiceFixture {

  private long used() {
    return store.usage(new BucketName(BUCKET)).bytes();
  }

  private void putBytes(String key, int size, boolean announced) {
    write(
        writeOf(key),
        content(
            new ByteArrayInputStream(new byte[size]),
            announced ? OptionalLong.of(size) : OptionalLong.empty()));
  }

  @Test
  void fillsTheQuotaToTheLastByte() {
    bucketWithQuota(100);
    putBytes("a", 60, true);
    putBytes("b", 40, false);

    WarehouseException refused =
        failure(StandardErrorCode.QUOTA_EXCEEDED, () -> putBytes("c", 1, true));

    assertThat(refused.detail()).contains("may hold 100", "holds 100", "1 more");
    putBytes("empty", 0, true);
    assertThat(used()).isEqualTo(100);
  }

  @Test
  void refusesAnAnnouncedLengthBeforeItReadsTheBody() {
    bucketWithQuota(100);
    InputStream untouchable =
        new InputStream() {
          @Override
          public int read() {
            throw new AssertionError("the body is read although it cannot fit");
          }
        };

    failure(
        StandardErrorCode.QUOTA_EXCEEDED,
        () -> write(writeOf("key"), content(untouchable, OptionalLong.of(101))));
  }

  @Test
  void stopsAnUnannouncedBodyWhereTheQuotaEnds() {
    bucketWithQuota(100);
    AtomicLong given = new AtomicLong();
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            given.incrementAndGet();
            return 'x';
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            target[offset] = (byte) read();
            return 1;
          }
        };

    failure(
        StandardErrorCode.QUOTA_EXCEEDED,
        () -> write(writeOf("key"), content(endless, OptionalLong.empty())));

    assertThat(given).hasValue(101);
    assertThat(used()).isZero();
    putBytes("whole", 100, false);
  }

  @Test
  void overwritingCountsTheDifference() {
    bucketWithQuota(100);
    putBytes("key", 80, true);

    putBytes("key", 100, true);
    failure(StandardErrorCode.QUOTA_EXCEEDED, () -> putBytes("key", 101, true));
    failure(StandardErrorCode.QUOTA_EXCEEDED, () -> putBytes("key", 101, false));
    putBytes("key", 20, false);
    putBytes("other", 80, false);

    assertThat(used()).isEqualTo(100);
  }

  @Test
  void countsWhatChangedSinceTheWriteBegan() {
    bucketWithQuota(100);
    putBytes("key", 80, true);
    store.beforeChange =
        () -> {
          store.beforeChange = () -> {};
          delete("key", WriteCondition.none());
          putBytes("other", 50, true);
        };

    // Begun as 20 more than the 80 that stood there; by now they are 100 beside the 50.
    failure(StandardErrorCode.QUOTA_EXCEEDED, () -> putBytes("key", 100, true));

    assertThat(used()).isEqualTo(50);
    putBytes("last", 50, true);
  }

  @Test
  void deletingMakesRoomEvenWhileAnotherWriteIsUnderWay() {
    bucketWithQuota(100);
    putBytes("old", 90, true);
    InputStream body =
        new ByteArrayInputStream(new byte[10]) {
          private boolean first = true;

          @Override
          public synchronized int read(byte[] target, int offset, int length) {
            if (first) {
              first = false;
              delete("old", WriteCondition.none());
              putBytes("new", 90, true);
            }
            return super.read(target, offset, length);
          }
        };

    write(writeOf("slow"), content(body, OptionalLong.of(10)));

    assertThat(used()).isEqualTo(100);
  }

  @Test
  void aFailedWriteGivesItsRoomBack() {
    bucketWithQuota(100);

    failure(
        StandardErrorCode.CONTENT_LENGTH_MISMATCH,
        () ->
            write(
                writeOf("cut"),
                content(new ByteArrayInputStream(new byte[10]), OptionalLong.of(100))));

    putBytes("whole", 100, true);
  }

  @Test
  void concurrentWritersThatFitAllSucceed() throws Exception {
    for (int round = 0; round < 30; round++) {
      String prefix = "round" + round + "/";
      if (round == 0) {
        bucketWithQuota(80);
      }
      AtomicInteger failures = new AtomicInteger();
      concurrently(
          8,
          writer -> {
            try {
              putBytes(prefix + writer, 10, writer % 2 == 0);
            } catch (WarehouseException e) {
              failures.incrementAndGet();
            }
          });

      assertThat(failures).as("refused in round %d", round).hasValue(0);
      assertThat(used()).isEqualTo(80);
      for (int writer = 0; writer < 8; writer++) {
        delete(prefix + writer, WriteCondition.none());
      }
    }
  }

  @Test
  void neverExceededWhateverManyWritersDo() throws Exception {
    long seed = 20260301;
    bucketWithQuota(1_000);
    AtomicLong most = new AtomicLong();
    store.afterChange = () -> most.accumulateAndGet(used(), Math::max);

    concurrently(
        8,
        writer -> {
          Random random = new Random(seed + writer);
          for (int i = 0; i < 400; i++) {
            changeSomething(random);
          }
        });

    assertThat(most.get()).as("most bytes at any time, seed %d", seed).isBetween(500L, 1_000L);
    long left = 1_000 - used();
    putBytes("rest", (int) left + sizeOf("rest"), true);
    assertThat(used()).isEqualTo(1_000);
  }

  private int sizeOf(String key) {
    return exists(key) ? (int) describe(key).size() : 0;
  }

  private void changeSomething(Random random) {
    String key = "key" + random.nextInt(12);
    try {
      if (random.nextInt(4) == 0) {
        delete(key, WriteCondition.none());
      } else {
        putBytes(key, random.nextInt(400), random.nextBoolean());
      }
    } catch (WarehouseException e) {
      assertThat(e.code()).isIn(StandardErrorCode.QUOTA_EXCEEDED, StandardErrorCode.NO_SUCH_BLOB);
    }
  }

  private interface Task {
    void run(int number);
  }

  private static void concurrently(int threads, Task task) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int number = i;
        futures.add(executor.submit(() -> task.run(number)));
      }
      for (Future<?> future : futures) {
        future.get(30, TimeUnit.SECONDS);
      }
    } finally {
      executor.shutdownNow();
    }
  }
}
