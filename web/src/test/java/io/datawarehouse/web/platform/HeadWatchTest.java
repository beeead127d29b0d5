package io.datawarehouse.web.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HeadWatchTest {

  private static final String CLIENT = "client";

  private long nanos;
  private final HeadWatch<String> watch = new HeadWatch<>(Duration.ofSeconds(10), () -> nanos);

  @Test
  void takesAClientThatSendsItsHeadByteByByte() {
    watch.accepted(CLIENT);
    for (int i = 0; i < 9; i++) {
      pass(1);
      watch.received(CLIENT);
      assertThat(watch.takeLate()).isEmpty();
    }
    pass(1);
    assertThat(watch.takeLate()).containsExactly(CLIENT);
    assertThat(watch.takeLate()).isEmpty();
  }

  @Test
  void takesAClientThatSendsNothingAtAll() {
    watch.accepted(CLIENT);
    pass(10);
    assertThat(watch.takeLate()).containsExactly(CLIENT);
  }

  @Test
  void leavesBodiesAnswersAndIdleConnectionsAlone() {
    watch.accepted(CLIENT);
    watch.received(CLIENT);
    watch.read(CLIENT);
    pass(100);
    watch.received(CLIENT);
    pass(100);
    assertThat(watch.takeLate()).isEmpty();

    watch.answered(CLIENT);
    pass(100);
    assertThat(watch.takeLate()).isEmpty();
  }

  @Test
  void givesEveryRequestOfAConnectionItsOwnTime() {
    watch.accepted(CLIENT);
    watch.received(CLIENT);
    watch.read(CLIENT);
    watch.answered(CLIENT);
    pass(100);

    watch.received(CLIENT);
    pass(9);
    assertThat(watch.takeLate()).isEmpty();
    pass(1);
    assertThat(watch.takeLate()).containsExactly(CLIENT);
  }

  @Test
  void forgetsWhoWentAway() {
    watch.accepted(CLIENT);
    watch.closed(CLIENT);
    watch.received("one that was there before");
    pass(100);
    assertThat(watch.takeLate()).isEmpty();
  }

  private void pass(long seconds) {
    nanos += Duration.ofSeconds(seconds).toNanos();
  }
}
