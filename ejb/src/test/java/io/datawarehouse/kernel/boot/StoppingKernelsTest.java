package io.datawarehouse.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.plugin.balancing.LeastConnectionsPlugin;
import io.datawarehouse.plugin.balancing.RoundRobinPlugin;
import io.datawarehouse.plugin.rocksdb.RocksDbStoragePlugin;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.StorageMessages.BlobWritten;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Large uploads that go through one node to the owner of their key, while one of the two is stopped
 * in good order: they end whole, or the client is told that they did not; never is a part stored.
 */
class StoppingKernelsTest {

  private static final BucketName BUCKET = new BucketName("films");
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final int PIECE = 64 << 10;
  private static final int PIECES = 64;

  @TempDir private Path parent;
  private final List<Kernel> kernels = new ArrayList<>();
  private final byte[] film = new byte[PIECE * PIECES];

  /** Owns all that is written, as it holds blobs before the other one comes. */
  private Kernel owner;

  private Kernel other;

  @BeforeEach
  void makeFilm() {
    new Random(1).nextBytes(film);
  }

  @AfterEach
  void stop() {
    kernels.forEach(Kernel::stop);
  }

  @Test
  void anUploadThroughANodeThatStopsEndsWholeAndANewOneIsRefusedUnread() throws Exception {
    startBoth("30s", "30s");
    Pieces upload = new Pieces(film);
    CompletableFuture<Reply> writing = write(other, "film", upload);
    upload.begin();
    Thread stopping = stopping(other);

    requireRefusedUnread(other);
    upload.goOn();

    assertThat(written(writing)).isEqualTo(film.length);
    stopping.join();
    assertThat(read(owner, "film")).isEqualTo(film);
  }

  @Test
  void anUploadThroughANodeThatStopsBeforeItsEndFailsAndNothingOfItIsStored() throws Exception {
    startBoth("30s", "1s");
    Pieces upload = new Pieces(film);
    CompletableFuture<Reply> writing = write(other, "film", upload);
    upload.begin();
    Thread stopping = stopping(other);

    requireRetryable(writing);
    stopping.join();

    requireNothingStored();
    write(owner, "film", new ByteArrayInputStream(film)).get(60, TimeUnit.SECONDS);
    assertThat(read(owner, "film")).isEqualTo(film);
  }

  @Test
  void anUploadToAnOwnerThatStopsEndsWholeAndANewOneIsRefusedUnread() throws Exception {
    startBoth("30s", "30s");
    Pieces upload = new Pieces(film);
    CompletableFuture<Reply> writing = write(other, "film", upload);
    upload.begin();
    Thread stopping = stopping(owner);

    requireRefusedUnread(other);
    upload.goOn();

    assertThat(written(writing)).isEqualTo(film.length);
    stopping.join();
    owner = start("node-1", "30s");
    awaitAll();
    assertThat(read(other, "film")).isEqualTo(film);
  }

  @Test
  void anUploadToAnOwnerThatStopsBeforeItsEndFailsAndNothingOfItIsStored() throws Exception {
    startBoth("1s", "30s");
    Pieces upload = new Pieces(film);
    CompletableFuture<Reply> writing = write(other, "film", upload);
    upload.begin();
    Thread stopping = stopping(owner);

    requireRetryable(writing);
    // What comes now comes too late, and its end does not make a blob of the beginning.
    upload.goOn();
    stopping.join();

    owner = start("node-1", "30s");
    awaitAll();
    requireNothingStored();
    write(other, "film", new ByteArrayInputStream(film)).get(60, TimeUnit.SECONDS);
    assertThat(read(other, "film")).isEqualTo(film);
  }

  private void startBoth(String drainOfOwner, String drainOfOther) throws Exception {
    owner = start("node-1", drainOfOwner);
    owner
        .bus()
        .request(
            Message.command(
                    StorageTopics.BUCKET_CREATE,
                    Payload.of(new CreateBucket(BUCKET, BucketSettings.none())))
                .build())
        .toCompletableFuture()
        .get(60, TimeUnit.SECONDS);
    Awaitility.await().atMost(LIMIT).ignoreExceptions().until(() -> isWritten(owner, "first"));
    other = start("node-2", drainOfOther);
    awaitAll();
  }

  private void awaitAll() {
    Awaitility.await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(() -> isWritten(other, "probe") && read(owner, "probe").length == 1);
  }

  private static boolean isWritten(Kernel at, String key) throws Exception {
    return written(write(at, key, new ByteArrayInputStream(new byte[1]))) == 1;
  }

  private Kernel start(String name, String drain) {
    Map<String, String> settings = new HashMap<>();
    settings.put("dw.node.name", name);
    settings.put("dw.cluster.enabled", "true");
    settings.put("dw.cluster.bind", "127.0.0.1");
    settings.put("dw.cluster.transport", "plain");
    settings.put("dw.cluster.discovery.directory", parent.resolve("meet").toString());
    settings.put("dw.cluster.join.token.file", parent.resolve("join.token").toString());
    settings.put("dw.scrub.rate", "0");
    settings.put("dw.storage.pipeline", "none");
    settings.put("dw.shutdown.drain.timeout", drain);
    Kernel kernel =
        Kernel.start(
            new KernelOptions(
                parent.resolve(name), KernelConfig.of(settings), Clock.systemUTC(), Thread::new),
            List.of(
                new RocksDbStoragePlugin(), new RoundRobinPlugin(), new LeastConnectionsPlugin()));
    kernels.add(kernel);
    return kernel;
  }

  private static Thread stopping(Kernel kernel) {
    Thread stopping = new Thread(kernel::stop);
    stopping.start();
    Awaitility.await().atMost(LIMIT).until(kernel::stopping);
    return stopping;
  }

  /** Of unknown length: nothing but its end tells that it is whole. */
  private static CompletableFuture<Reply> write(Kernel at, String key, InputStream content) {
    return at.bus()
        .request(
            Message.command(
                    StorageTopics.WRITE,
                    Payload.of(
                        new WriteBlob(
                            BUCKET,
                            key,
                            "video/mp4",
                            Map.of(),
                            List.of(),
                            WriteCondition.none(),
                            Optional.empty())))
                .affinityKey(new BlobKey(BUCKET, key).affinityKey())
                .content(Content.of(content, OptionalLong.empty(), "video/mp4"))
                .build())
        .toCompletableFuture();
  }

  private static long written(CompletableFuture<Reply> writing) throws Exception {
    return writing.get(60, TimeUnit.SECONDS).as(BlobWritten.class).manifest().size();
  }

  private static byte[] read(Kernel at, String key) throws Exception {
    Reply reply =
        at.bus()
            .request(
                Message.query(
                        StorageTopics.READ,
                        Payload.of(
                            new ReadBlob(BUCKET, key, Optional.empty(), ReadCondition.none())))
                    .affinityKey(new BlobKey(BUCKET, key).affinityKey())
                    .build())
            .toCompletableFuture()
            .get(60, TimeUnit.SECONDS);
    try (Content content = reply.content().orElseThrow()) {
      return content.stream().readAllBytes();
    }
  }

  /** Once the stop is known, which takes a moment; what came before it was taken, and is whole. */
  private static void requireRefusedUnread(Kernel at) {
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              Pieces late = new Pieces(new byte[1]);
              late.goOn();
              requireRetryable(write(at, "late", late));
              assertThat(late.given()).isZero();
            });
  }

  private static void requireRetryable(CompletableFuture<Reply> writing) {
    assertThatThrownBy(() -> writing.get(60, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> {
              assertThat(e.code())
                  .isIn(
                      StandardErrorCode.UNAVAILABLE,
                      StandardErrorCode.OWNER_UNAVAILABLE,
                      StandardErrorCode.CIRCUIT_OPEN);
              assertThat(e.code().retryable()).isTrue();
            });
  }

  private void requireNothingStored() {
    assertThatThrownBy(() -> read(owner, "film"))
        .cause()
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.NO_SUCH_BLOB));
  }

  /** A content that comes piece by piece, as it is let go. */
  private static final class Pieces extends InputStream {

    private final byte[] content;
    private final Semaphore free = new Semaphore(0);
    private final CountDownLatch begun = new CountDownLatch(8);
    private volatile int at;

    Pieces(byte[] content) {
      this.content = content;
    }

    /** Lets some of it go and waits until that is read. */
    void begin() throws InterruptedException {
      free.release(8);
      assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
    }

    void goOn() {
      free.release(10_000);
    }

    int given() {
      return at;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      try {
        free.acquire();
      } catch (InterruptedException e) {
        throw new InterruptedIOException();
      }
      if (at == content.length) {
        return -1;
      }
      int count = Math.min(Math.min(length, PIECE), content.length - at);
      System.arraycopy(content, at, target, offset, count);
      at += count;
      begun.countDown();
      return count;
    }
  }
}
