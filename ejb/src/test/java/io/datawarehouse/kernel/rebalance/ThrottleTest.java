package io.datawarehouse.kernel.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Reading at a rate, with a clock of the test's own. */
class ThrottleTest {

  private final AtomicLong now = new AtomicLong();

  private Throttle throttle(long bytesPerSecond) {
    return new Throttle(bytesPerSecond, now::get, now::addAndGet);
  }

  @Test
  void readsNoFasterThanTheRate() throws Exception {
    Throttle throttle = throttle(1_000);

    byte[] read = throttle.slowed(new ByteArrayInputStream(new byte[10_000])).readAllBytes();

    assertThat(read).hasSize(10_000);
    assertThat(Duration.ofNanos(now.get()))
        .isBetween(Duration.ofMillis(9_800), Duration.ofMillis(10_200));
  }

  @Test
  void severalStreamsShareTheRate() throws Exception {
    Throttle throttle = throttle(1_000);

    throttle.take(2_000);
    throttle.take(3_000);

    assertThat(Duration.ofNanos(now.get()))
        .isBetween(Duration.ofMillis(4_800), Duration.ofMillis(5_200));
  }

  @Test
  void withoutARateNobodyWaits() throws Exception {
    throttle(0).take(Long.MAX_VALUE);

    assertThat(now).hasValue(0);
  }
}
