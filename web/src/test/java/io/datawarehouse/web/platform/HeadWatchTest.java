package io.datawarehouse.web.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HeadWatchTest {

  private static final String CLIENT = "client";

  private long nanos;
  private final Set<String> closed = new HashSet<>();
  private final HeadWatch<String> watch =
      new HeadWatch<>(
          Duration.ofSeconds(10), () -> nanos, connection -> !closed.contains(connection));

  @Test
  void takesAClientThatSendsItsHeadByteByByte() {
    watch.received(CLIENT);
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
  void leavesBodiesAnswersAndIdleConnectionsAlone() {
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
    watch.received(CLIENT);
    watch.closed(CLIENT);
    watch.received("another");
    closed.add("another");
    pass(100);

    assertThat(watch.takeLate()).isEmpty();
  }

  private void pass(long seconds) {
    nanos += Duration.ofSeconds(seconds).toNanos();
  }
}
