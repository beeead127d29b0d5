package io.datawarehouse.kernel.coordination.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class LogFaultTest {

  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private final LogFault fault = new LogFault(LogFault.Pauses.STANDARD);

  @Test
  void theFirstFailureIsNewsAndSaysWhatBecomesOfIt() {
    assertThat(fault.isPresent()).isFalse();
    assertThat(fault.text()).isEmpty();

    assertThat(fault.begin(new IOException("no space left"), 0)).isTrue();
    assertThat(fault.begin(new IOException("still none"), 1)).isFalse();

    assertThat(fault.text().orElseThrow())
        .contains("no space left", "opened again by itself")
        .doesNotContain("still none");
  }

  @Test
  void attemptsAreFurtherAndFurtherApart() {
    fault.begin(new IOException("broken"), 0);

    assertThat(fault.nextPause()).contains(Duration.ofSeconds(1));
    fault.again(new IOException("still broken"));
    assertThat(fault.text().orElseThrow()).contains("still broken");
    assertThat(fault.nextPause()).contains(Duration.ofSeconds(2));
    for (int i = 0; i < 100; i++) {
      fault.nextPause();
    }
    assertThat(fault.nextPause()).contains(Duration.ofMinutes(1));
  }

  @Test
  void aLogThatFailsAgainSoonIsNotTriedMoreOftenForThat() {
    fault.begin(new IOException("broken"), 0);
    fault.nextPause();
    fault.nextPause();
    fault.end(0);
    assertThat(fault.isPresent()).isFalse();
    assertThat(fault.nextPause()).isEmpty();

    fault.begin(new IOException("broken"), MINUTE);
    assertThat(fault.nextPause()).contains(Duration.ofSeconds(4));
    fault.end(MINUTE);

    fault.begin(new IOException("broken"), 2 * MINUTE + 1);
    assertThat(fault.nextPause()).contains(Duration.ofSeconds(1));
  }

  @Test
  void damageIsThereToStay() {
    fault.begin(new IOException("broken"), 0);

    assertThat(fault.begin(new LogDamage("differs"), 1)).isTrue();
    assertThat(fault.begin(new LogDamage("differs"), 2)).isFalse();
    fault.again(new IOException("broken"));

    assertThat(fault.lasts()).isTrue();
    assertThat(fault.nextPause()).isEmpty();
    assertThat(fault.text().orElseThrow()).contains("differs", "started again");
  }
}
