package io.datawarehouse.kernel.federation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A clock that is set by hand says how long each call took. */
class PaceTest {

  private static final int FIRST_TRIAL = 64;
  private static final long SLOW = TimeUnit.MILLISECONDS.toNanos(5);

  private final AtomicLong now = new AtomicLong();
  private final Pace pace = new Pace(now::get, true);

  private void call(long nanos) {
    long begin = pace.begin();
    now.addAndGet(nanos);
    pace.end(begin);
  }

  private void quickCalls(int count) {
    for (int i = 0; i < count; i++) {
      call(1_000);
    }
  }

  /** Makes quick calls until the handler is quick; returns how many that took. */
  private int trial() {
    int calls = 0;
    while (!pace.quick()) {
      quickCalls(1);
      calls++;
    }
    return calls;
  }

  @Test
  void handlerHasToShowThatItIsQuick() {
    quickCalls(FIRST_TRIAL - 1);
    assertThat(pace.quick()).isFalse();

    quickCalls(1);

    assertThat(pace.quick()).isTrue();
  }

  @Test
  void handlerThatIsSlowOnceHasToShowItForTwiceAsLongEachTime() {
    trial();

    call(SLOW);
    assertThat(trial()).isEqualTo(2 * FIRST_TRIAL);

    call(SLOW);
    assertThat(trial()).isEqualTo(4 * FIRST_TRIAL);
  }

  @Test
  void slowCallDuringTheTrialBeginsALongerOne() {
    quickCalls(FIRST_TRIAL / 2);

    call(SLOW);

    assertThat(trial()).isEqualTo(2 * FIRST_TRIAL);
  }

  private void idle(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void slowCallsThatTakeATwentiethOfTheTimeAreNotHeldAgainstIt() {
    trial();
    for (int i = 0; i < 100; i++) {
      idle(Duration.ofMillis(95));
      call(SLOW);
      assertThat(pace.quick()).isTrue();
    }

    idle(Duration.ofMillis(80));
    call(SLOW);

    assertThat(pace.quick()).isFalse();
  }

  @Test
  void longTimeWithoutASlowCallAllowsNoLongOne() {
    trial();
    idle(Duration.ofHours(1));
    call(TimeUnit.MILLISECONDS.toNanos(50));
    assertThat(pace.quick()).isTrue();
    idle(Duration.ofHours(1));

    call(TimeUnit.MILLISECONDS.toNanos(51));

    assertThat(pace.quick()).isFalse();
  }

  @Test
  void rareSlowCallsMakeTheTrialShortAgain() {
    trial();
    call(SLOW);
    call(SLOW);
    call(SLOW);
    assertThat(trial()).isEqualTo(8 * FIRST_TRIAL);
    for (int i = 0; i < 3; i++) {
      idle(Duration.ofMillis(100));
      call(SLOW);
    }

    call(SLOW);

    assertThat(trial()).isEqualTo(2 * FIRST_TRIAL);
  }

  @Test
  void handlerThatIsSlowOftenIsSoonNotTrustedForGood() {
    int trusted = 0;
    for (int i = 1; i <= 100_000; i++) {
      trusted += pace.quick() ? 1 : 0;
      call(i % 200 == 0 ? SLOW : 1_000);
    }

    assertThat(trusted).isLessThan(1_000);
  }

  @Test
  void handlerThatReadsDisksIsNeverTrusted() {
    Pace never = new Pace(now::get, false);
    for (int i = 0; i < 2 * FIRST_TRIAL; i++) {
      never.end(never.begin());
    }

    assertThat(never.quick()).isFalse();
  }
}
