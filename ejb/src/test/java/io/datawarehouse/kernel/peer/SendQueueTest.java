package io.datawarehouse.kernel.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What waits for one peer. */
class SendQueueTest {

  private final Recorder sink = new Recorder();
  private final SendQueue queue = new SendQueue(new SendQueue.Limits(4, 100, 3, 50), sink);

  /** Keeps batches as texts. */
  private static final class Recorder implements SendQueue.Sink {
    final List<List<String>> batches = new ArrayList<>();
    volatile boolean ready = true;

    @Override
    public boolean ready() {
      return ready;
    }

    @Override
    public void send(List<EncodedFrame> frames, int bytes) {
      batches.add(
          frames.stream().map(f -> new String(f.toBytes(), StandardCharsets.UTF_8)).toList());
    }
  }

  private static EncodedFrame frame(String text) {
    return EncodedFrame.of(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void frameThatFindsTheLinkIdleGoesAtOnceAndAlone() {
    assertThat(queue.offer(frame("one"))).isTrue();
    assertThat(queue.offer(frame("two"))).isTrue();

    assertThat(sink.batches).containsExactly(List.of("one"), List.of("two"));
  }

  @Test
  void whatIsOnlyAddedWaitsForWhoDrainsAndGoesTogether() {
    assertThat(queue.add(frame("one"))).isTrue();
    assertThat(queue.add(frame("two"))).isTrue();
    assertThat(sink.batches).isEmpty();
    assertThat(queue.waiting()).isEqualTo(2);

    queue.drain();

    assertThat(sink.batches).containsExactly(List.of("one", "two"));
  }

  @Test
  void whatCameWhileTheLinkWasBusyGoesTogetherWithinTheLimits() {
    sink.ready = false;
    queue.offer(frame("one"));
    queue.offer(frame("two"));
    queue.offer(frame("three"));
    queue.offer(frame("four"));
    sink.ready = true;
    queue.drain();

    assertThat(sink.batches).containsExactly(List.of("one", "two", "three"), List.of("four"));
  }

  @Test
  void theEndComesAfterAllThatWaits() {
    queue.add(frame("one"));

    queue.whenEmpty(() -> sink.batches.add(List.of("the end")));

    assertThat(sink.batches).containsExactly(List.of("one"), List.of("the end"));
    queue.offer(frame("two"));
    assertThat(sink.batches).as("once").endsWith(List.of("two"));
  }

  @Test
  void theEndWaitsForALinkThatIsBusy() {
    sink.ready = false;
    queue.offer(frame("one"));
    queue.whenEmpty(() -> sink.batches.add(List.of("the end")));
    assertThat(sink.batches).isEmpty();

    sink.ready = true;
    queue.drain();

    assertThat(sink.batches).containsExactly(List.of("one"), List.of("the end"));
  }

  /** Another thread has just taken what waits, and has not given it to the sink yet. */
  @Test
  void theEndIsLeftToWhoDrains() {
    List<List<String>> order = new ArrayList<>();
    SendQueue[] draining = new SendQueue[1];
    SendQueue.Sink slow =
        new SendQueue.Sink() {
          @Override
          public boolean ready() {
            return true;
          }

          @Override
          public void send(List<EncodedFrame> frames, int bytes) {
            if (order.isEmpty()) {
              draining[0].whenEmpty(() -> order.add(List.of("the end")));
            }
            order.add(
                frames.stream().map(f -> new String(f.toBytes(), StandardCharsets.UTF_8)).toList());
          }
        };
    draining[0] = new SendQueue(new SendQueue.Limits(4, 100, 1, 50), slow);
    draining[0].add(frame("one"));
    draining[0].add(frame("two"));

    draining[0].drain();

    assertThat(order).containsExactly(List.of("one"), List.of("two"), List.of("the end"));
  }

  @Test
  void whatIsTooMuchIsRefused() {
    sink.ready = false;
    assertThat(queue.offer(frame("x".repeat(90)))).isTrue();
    assertThat(queue.offer(frame("y".repeat(20)))).isFalse();
    assertThat(queue.offer(frame("a"))).isTrue();
    assertThat(queue.offer(frame("b"))).isTrue();
    assertThat(queue.offer(frame("c"))).isTrue();
    assertThat(queue.offer(frame("d"))).isFalse();
    assertThat(queue.waiting()).isEqualTo(4);
    assertThat(queue.waitingBytes()).isEqualTo(93);

    sink.ready = true;
    queue.drain();

    assertThat(queue.waiting()).isZero();
    assertThat(queue.waitingBytes()).isZero();
    assertThat(queue.offer(frame("again"))).isTrue();
  }

  @Test
  void frameThatIsLongerThanTheLimitGoesWhereNothingElseWaits() {
    assertThat(queue.offer(frame("x".repeat(500)))).isTrue();
    assertThat(sink.batches).hasSize(1);
  }

  @Test
  void urgentFramesGoFirstAndAlwaysFit() {
    sink.ready = false;
    for (int i = 0; i < 4; i++) {
      queue.offer(frame("n" + i));
    }
    queue.offerUrgent(frame("urgent"));
    sink.ready = true;
    queue.drain();

    assertThat(sink.batches.get(0)).startsWith("urgent");
  }

  @Test
  void corkHoldsFramesUntilAllAreThere() {
    assertThat(queue.cork()).isTrue();
    queue.offer(frame("one"));
    queue.offer(frame("two"));
    assertThat(sink.batches).isEmpty();
    queue.uncork();

    assertThat(sink.batches).containsExactly(List.of("one", "two"));
    assertThat(queue.cork()).isTrue();
    queue.uncork();
  }

  @Test
  void manyThreadsLoseNothingAndKeepTheirOrder() throws Exception {
    int threads = 4;
    int each = 20_000;
    AtomicInteger atWork = new AtomicInteger();
    AtomicInteger overlaps = new AtomicInteger();
    List<byte[]> sent = new ArrayList<>();
    SendQueue busy =
        new SendQueue(
            new SendQueue.Limits(1 << 20, 1L << 40, 256, 1 << 20),
            new SendQueue.Sink() {
              @Override
              public boolean ready() {
                return true;
              }

              @Override
              public void send(List<EncodedFrame> frames, int bytes) {
                if (atWork.incrementAndGet() > 1) {
                  overlaps.incrementAndGet();
                }
                frames.forEach(frame -> sent.add(frame.toBytes()));
                atWork.decrementAndGet();
              }
            });
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    CountDownLatch done = new CountDownLatch(threads);
    for (int thread = 0; thread < threads; thread++) {
      byte name = (byte) thread;
      executor.execute(
          () -> {
            for (int i = 0; i < each; i++) {
              busy.offer(
                  EncodedFrame.of(new byte[] {name, (byte) (i >> 16), (byte) (i >> 8), (byte) i}));
            }
            done.countDown();
          });
    }
    assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    executor.shutdown();
    busy.drain();

    assertThat(overlaps).hasValue(0);
    assertThat(sent).hasSize(threads * each);
    int[] next = new int[threads];
    for (byte[] frame : sent) {
      int number = (frame[1] & 0xff) << 16 | (frame[2] & 0xff) << 8 | frame[3] & 0xff;
      assertThat(number).isEqualTo(next[frame[0]]++);
    }
  }
}
