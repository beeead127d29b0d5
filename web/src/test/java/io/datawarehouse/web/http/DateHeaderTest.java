package io.datawarehouse.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.testkit.kernel.ManualClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DateHeaderTest {

  @Test
  void changesWithTheSecond() {
    ManualClock clock = new ManualClock(Instant.parse("2026-11-23T09:59:59.900Z"));
    DateHeader date = new DateHeader(clock);

    assertThat(date.now()).isEqualTo("Mon, 23 Nov 2026 09:59:59 GMT").isSameAs(date.now());
    clock.advance(Duration.ofMillis(100));
    assertThat(date.now()).isEqualTo("Mon, 23 Nov 2026 10:00:00 GMT");
  }
}
