package io.datawarehouse.kernel.heat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.datawarehouse.testkit.contract.Allocations;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SegmentTrafficTest {

  private final AtomicLong nanos = new AtomicLong(7_000_000_000L);
  private final SegmentTraffic traffic = new SegmentTraffic(nanos::get);

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void tellsASteadyRateHoweverSeldomOneLooks() {
    Random random = new Random(42);
    for (int look = 0; look < 100; look++) {
      int millis = 1 + random.nextInt(5_000);
      for (int i = 0; i < millis; i++) {
        traffic.read(3);
        traffic.bytes(3, 100);
      }
      pass(Duration.ofMillis(millis));
      traffic.rates(3);
    }

    SegmentTraffic.Rates rates = traffic.rates(3);

    assertThat(rates.reads()).isCloseTo(1_000, within(1.0));
    assertThat(rates.bytes()).isCloseTo(100_000, within(100.0));
    assertThat(rates.writes()).isZero();
  }

  @Test
  void forgetsInTheTimeOfItsMemory() {
    for (int i = 0; i < 1_000; i++) {
      traffic.write(0);
    }
    pass(Duration.ofMillis(1));
    double before = traffic.rates(0).writes();

    pass(SegmentTraffic.MEMORY);

    assertThat(before).isCloseTo(100, within(0.1));
    assertThat(traffic.rates(0).writes()).isCloseTo(before / Math.E, within(0.1));
    pass(Duration.ofMinutes(10));
    assertThat(traffic.rates(0).requests()).isLessThan(1e-9);
  }

  @Test
  void segmentsAreCountedApart() {
    traffic.read(1);
    traffic.read(2, 50);
    pass(Duration.ofSeconds(1));

    assertThat(traffic.rates(0).requests()).isZero();
    assertThat(traffic.rates(2).reads()).isCloseTo(50 * traffic.rates(1).reads(), within(1e-9));
  }

  @Test
  void countingAllocatesNothing() {
    Allocations.requireNone(
        "counting a request",
        i -> {
          traffic.read(i & 255);
          traffic.write(i & 255);
          traffic.bytes(i & 255, i);
        });
  }
}
