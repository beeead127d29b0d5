package io.datawarehouse.kernel.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.testkit.kernel.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PulseTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final ManualClock clock = new ManualClock();
  private final Queue<Runnable> pool = new ArrayDeque<>();

  @Test
  void poolThatTakesTasksIsWell() {
    Pulse pulse = new Pulse("threads", Runnable::run, clock, LIMIT);

    assertThat(pulse.stall()).isEmpty();
    clock.advance(LIMIT.multipliedBy(2));
    assertThat(pulse.stall()).isEmpty();
  }

  @Test
  void poolThatLetsATaskWaitTooLongHangsUntilItTakesIt() {
    Pulse pulse = new Pulse("the threads", pool::add, clock, LIMIT);

    assertThat(pulse.stall()).isEmpty();
    clock.advance(LIMIT.minusMillis(1));
    assertThat(pulse.stall()).isEmpty();
    clock.advance(Duration.ofSeconds(2));
    assertThat(pulse.stall()).contains("the threads have not taken a task for 61 s");

    pool.remove().run();
    assertThat(pulse.stall()).isEmpty();
  }

  @Test
  void onlyOneTaskIsUnderWay() {
    Pulse pulse = new Pulse("threads", pool::add, clock, LIMIT);

    for (int i = 0; i < 5; i++) {
      assertThat(pulse.stall()).isEmpty();
    }

    assertThat(pool).hasSize(1);
  }

  @Test
  void poolThatRefusesTasksHangs() {
    Pulse pulse =
        new Pulse(
            "threads",
            task -> {
              throw new RejectedExecutionException();
            },
            clock,
            LIMIT);

    assertThat(pulse.stall()).isEmpty();
    clock.advance(LIMIT);
    assertThat(pulse.stall()).isPresent();
  }

  @Test
  void costlyQuestionIsAskedOnceForAWhile() {
    AtomicInteger asked = new AtomicInteger();
    RecentAnswer answer =
        new RecentAnswer(
            () -> Optional.of("answer " + asked.incrementAndGet()),
            () -> Duration.between(Instant.EPOCH, clock.instant()).toNanos(),
            Duration.ofSeconds(1));

    assertThat(answer.get()).contains("answer 1");
    clock.advance(Duration.ofMillis(999));
    assertThat(answer.get()).contains("answer 1");
    clock.advance(Duration.ofMillis(1));
    assertThat(answer.get()).contains("answer 2");
  }
}
