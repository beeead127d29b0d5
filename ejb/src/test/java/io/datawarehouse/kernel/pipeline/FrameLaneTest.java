package io.datawarehouse.kernel.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FrameLaneTest {

  private static final int HELPERS = 2;

  private final ExecutorService executor = Executors.newFixedThreadPool(4);
  private final Semaphore helpers = new Semaphore(HELPERS);
  private final FramePool pool = new FramePool(64, 8);
  private final AtomicInteger openCoders = new AtomicInteger();

  @AfterEach
  void nothingIsLeft() throws InterruptedException {
    executor.shutdown();
    assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    assertThat(openCoders).hasValue(0);
    assertThat(helpers.availablePermits()).isEqualTo(HELPERS);
  }

  private FrameLane lane(Consumer<Frame> work, List<Long> digested) {
    return new FrameLane(
        new FrameLane.Workshop(pool, executor, helpers, HELPERS),
        64,
        () -> new ScriptedCoder(work),
        frame -> digested.add(frame.number));
  }

  private final class ScriptedCoder extends FrameCoder {

    private final Consumer<Frame> work;

    ScriptedCoder(Consumer<Frame> work) {
      super(pool, 64, new byte[32]);
      this.work = work;
      openCoders.incrementAndGet();
    }

    @Override
    void work(Frame frame) {
      work.accept(frame);
    }

    @Override
    void closeStages() {
      openCoders.decrementAndGet();
    }
  }

  private static void submit(FrameLane lane, long number) {
    Frame frame = Objects.requireNonNull(lane.poll(), "a free frame");
    frame.number = number;
    lane.submit(frame);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void givesFramesBackInTheirOrderWhicheverIsDoneFirst() {
    CountDownLatch secondDone = new CountDownLatch(1);
    List<Long> digested = Collections.synchronizedList(new ArrayList<>());
    try (FrameLane lane =
        lane(
            frame -> {
              if (frame.number == 0) {
                await(secondDone);
              } else {
                secondDone.countDown();
              }
            },
            digested)) {
      submit(lane, 0);
      submit(lane, 1);
      submit(lane, 2);

      for (long number = 0; number < 3; number++) {
        Frame done = lane.oldest();
        assertThat(done.number).isEqualTo(number);
        lane.giveBack(done);
      }
      assertThat(lane.busy()).isFalse();
    }
    assertThat(digested).containsExactly(0L, 1L, 2L);
  }

  @Test
  void throwsWhatAFrameDidInItsTurn() {
    try (FrameLane lane =
        lane(
            frame -> {
              if (frame.number == 1) {
                throw new IllegalArgumentException("frame 1");
              }
            },
            new ArrayList<>())) {
      submit(lane, 0);
      submit(lane, 1);

      lane.giveBack(lane.oldest());
      assertThatThrownBy(lane::oldest).hasMessage("frame 1");
    }
  }

  @Test
  void throwsWhatMakingACoderThrew() {
    FrameLane lane =
        new FrameLane(
            new FrameLane.Workshop(pool, executor, helpers, HELPERS),
            64,
            () -> {
              throw new IllegalStateException("no key");
            },
            null);
    try (lane) {
      submit(lane, 0);

      assertThatThrownBy(lane::oldest).hasMessage("no key");
    }
  }

  @Test
  void lendsNoMoreThanItsShareAndGivesItBack() {
    FramePool small = new FramePool(64, 1);
    for (int i = 0; i < 3; i++) {
      FrameLane.Workshop workshop = new FrameLane.Workshop(small, executor, helpers, HELPERS);
      FrameLane first = new FrameLane(workshop, 64, () -> new ScriptedCoder(frame -> {}), null);
      FrameLane second = new FrameLane(workshop, 64, () -> new ScriptedCoder(frame -> {}), null);
      try (first;
          second) {
        assertThat(List.of(taken(first), taken(second))).containsExactly(3, 2);
      }
    }
  }

  /** Takes all frames that the lane lends, and gives them back to it. */
  private static int taken(FrameLane lane) {
    List<Frame> frames = new ArrayList<>();
    for (Frame frame = lane.poll(); frame != null; frame = lane.poll()) {
      frames.add(frame);
    }
    frames.forEach(lane::giveBack);
    return frames.size();
  }

  @Test
  void waitsForFramesThatAreWorkedOnBeforeItIsClosed() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger done = new AtomicInteger();
    FrameLane lane =
        lane(
            frame -> {
              begun.countDown();
              await(goOn);
              done.incrementAndGet();
            },
            new ArrayList<>());
    submit(lane, 0);
    submit(lane, 1);
    await(begun);

    Future<Integer> closed =
        executor.submit(
            () -> {
              lane.close();
              return done.get();
            });
    goOn.countDown();

    assertThat(closed.get(30, TimeUnit.SECONDS)).isPositive();
    assertThat(openCoders).hasValue(0);
    lane.close();
  }
}
