package io.datawarehouse.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RequestBodyTest {

  private static final Duration STALL = Duration.ofSeconds(30);
  private static final Duration GRACE = Duration.ofSeconds(60);

  private final ManualTicks ticks = new ManualTicks(new BodyLimits(STALL, 1024, GRACE));
  private final ExecutorService readers = Executors.newSingleThreadExecutor();

  @AfterEach
  void stop() {
    ticks.close();
    readers.shutdownNow();
  }

  @Test
  void givesAWholeBody() throws IOException {
    RequestBody body = body(new ByteArrayInputStream(new byte[] {1, 2, 3}), 3);

    assertThat(body.readAllBytes()).containsExactly(1, 2, 3);
    assertThat(body.read()).isEqualTo(-1);
    assertThat(body.count()).isEqualTo(3);
    assertThat(body.leaves(0)).isFalse();
  }

  @Test
  void refusesABodyThatEndsEarly() {
    RequestBody body = body(new ByteArrayInputStream(new byte[3]), 10);

    assertFails(body, StandardErrorCode.CONTENT_LENGTH_MISMATCH, "10 bytes");
    assertFails(body, StandardErrorCode.CONTENT_LENGTH_MISMATCH, "10 bytes");
    assertThat(body.failed()).isTrue();
  }

  @Test
  void refusesABodyWhoseSenderIsGone() {
    assertFails(
        body(failing(new EOFException()), 10),
        StandardErrorCode.CONTENT_LENGTH_MISMATCH,
        "10 bytes");
    assertFails(
        new RequestBody(failing(new EOFException()), OptionalLong.empty(), ticks.watch()),
        StandardErrorCode.CONTENT_LENGTH_MISMATCH,
        "chunked");
  }

  @Test
  void takesTheServersOwnTimeoutForAStall() {
    assertFails(
        body(failing(new IOException(new TimeoutException())), 10),
        StandardErrorCode.CONTENT_STALLED,
        "30000 ms");
  }

  @Test
  void interruptsAReaderThatWaitsTooLong() throws Exception {
    Silence silence = new Silence();
    RequestBody body = body(silence, 10);
    CompletableFuture<Boolean> interruptedAfterwards = new CompletableFuture<>();
    Future<Throwable> reading =
        readers.submit(
            () -> {
              try {
                body.readAllBytes();
                return new AssertionError("came to an end");
              } catch (WarehouseException e) {
                interruptedAfterwards.complete(Thread.currentThread().isInterrupted());
                return e;
              }
            });
    silence.reached.await();

    ticks.pass(STALL.minusMillis(1));
    ticks.watch().look();
    assertThat(silence.interrupted.getCount()).isOne();
    ticks.pass(Duration.ofMillis(1));
    ticks.watch().look();

    assertThat(reading.get(20, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.CONTENT_STALLED));
    assertThat(interruptedAfterwards).isCompletedWithValue(false);
  }

  @Test
  void leavesAReaderAloneThatDoesNotWait() throws IOException {
    RequestBody body = body(new ByteArrayInputStream(new byte[2]), 2);
    assertThat(body.read()).isZero();

    ticks.pass(STALL.multipliedBy(10));
    ticks.watch().look();

    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(body.read()).isZero();
  }

  @Test
  void refusesATrickleOnceTheGraceIsOver() {
    InputStream trickle =
        new InputStream() {
          @Override
          public int read() {
            ticks.pass(Duration.ofSeconds(1));
            return 'x';
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            target[offset] = (byte) read();
            return 1;
          }
        };
    RequestBody body = body(trickle, Long.MAX_VALUE);

    assertFails(body, StandardErrorCode.CONTENT_STALLED, "1024 bytes a second");
    assertThat(body.count()).isEqualTo(61);
  }

  @Test
  void doesNotBlameTheSenderForASlowReader() throws IOException {
    RequestBody body = body(new ByteArrayInputStream(new byte[100]), 100);
    for (int i = 0; i < 100; i++) {
      ticks.pass(GRACE);
      assertThat(body.read()).isZero();
    }
    assertThat(body.read()).isEqualTo(-1);
  }

  @Test
  void tellsWhetherMuchIsLeft() throws IOException {
    assertThat(body(new ByteArrayInputStream(new byte[0]), 100).leaves(100)).isFalse();
    assertThat(body(new ByteArrayInputStream(new byte[0]), 101).leaves(100)).isTrue();
    RequestBody chunked =
        new RequestBody(new ByteArrayInputStream(new byte[5]), OptionalLong.empty(), ticks.watch());
    assertThat(chunked.leaves(100)).isTrue();
    chunked.readAllBytes();
    assertThat(chunked.leaves(100)).isFalse();
  }

  @Test
  void drainsForAWhileAndForgivesFailure() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            ticks.pass(Duration.ofMillis(100));
            return length;
          }
        };
    RequestBody body = body(endless, Long.MAX_VALUE);
    body.drain(Duration.ofSeconds(2));
    assertThat(body.count()).isEqualTo(20 * 8192);

    RequestBody cut = body(new ByteArrayInputStream(new byte[100]), 200);
    cut.drain(Duration.ofSeconds(2));
    assertThat(cut.count()).isEqualTo(100);
    assertThat(cut.failed()).isTrue();
  }

  @Test
  void drainsForHalfASecondAtMostWhereNothingComes() throws Exception {
    Silence silence = new Silence();
    RequestBody body = body(silence, 10);
    Future<?> draining = readers.submit(() -> body.drain(Duration.ofSeconds(10)));
    silence.reached.await();

    ticks.pass(Duration.ofMillis(500));
    ticks.watch().look();

    draining.get(20, TimeUnit.SECONDS);
    assertThat(body.failed()).isTrue();
  }

  @Test
  void whoStillReadsABodyThatIsAnsweredIsInterruptedAndGetsNoEnd() throws Exception {
    Silence silence = new Silence();
    RequestBody body = new RequestBody(silence, OptionalLong.empty(), ticks.watch());
    CompletableFuture<Boolean> interruptedAfterwards = new CompletableFuture<>();
    Future<Throwable> reading =
        readers.submit(
            () -> {
              try {
                body.readAllBytes();
                return new AssertionError("came to an end");
              } catch (WarehouseException e) {
                interruptedAfterwards.complete(Thread.currentThread().isInterrupted());
                return e;
              }
            });
    silence.reached.await();

    assertThat(body.claim()).isFalse();

    assertInterrupted(reading.get(20, TimeUnit.SECONDS));
    assertThat(interruptedAfterwards).isCompletedWithValue(false);
  }

  @Test
  void whoReadsABodyAfterItsRequestIsAnsweredGetsNothingOfIt() throws Exception {
    RequestBody body =
        new RequestBody(
            new ByteArrayInputStream(new byte[100]), OptionalLong.empty(), ticks.watch());
    assertThat(readers.submit(() -> body.read()).get()).isZero();

    assertThat(body.claim()).isTrue();

    assertThat(body.count()).isEqualTo(1);
    Future<Throwable> late =
        readers.submit(
            () -> {
              try {
                body.readAllBytes();
                return new AssertionError("came to an end");
              } catch (WarehouseException e) {
                return e;
              }
            });
    assertInterrupted(late.get(20, TimeUnit.SECONDS));
    assertThat(body.read()).isZero();
  }

  private static void assertInterrupted(Throwable thrown) {
    assertThat(thrown)
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.CONTENT_INTERRUPTED))
        .hasMessageContaining("nothing was stored");
  }

  private RequestBody body(InputStream source, long announced) {
    return new RequestBody(source, OptionalLong.of(announced), ticks.watch());
  }

  private static void assertFails(RequestBody body, StandardErrorCode code, String words) {
    assertThatThrownBy(body::readAllBytes)
        .isInstanceOfSatisfying(WarehouseException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(words)
        .hasMessageContaining("nothing was stored");
  }

  private static InputStream failing(IOException failure) {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        throw failure;
      }
    };
  }

  /** Gives nothing and waits, until its reader is interrupted. */
  private static final class Silence extends InputStream {

    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final CountDownLatch never = new CountDownLatch(1);

    @Override
    public int read() throws IOException {
      reached.countDown();
      try {
        never.await();
        return -1;
      } catch (InterruptedException e) {
        interrupted.countDown();
        throw new InterruptedIOException();
      }
    }
  }
}
