package io.datawarehouse.kernel.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.testkit.contract.Allocations;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PhiAccrualDetectorTest {

  private static final PhiAccrualDetector.Options OPTIONS =
      new PhiAccrualDetector.Options(
          100,
          Duration.ofMillis(500),
          Duration.ofMillis(100),
          Duration.ofMillis(800),
          Duration.ofSeconds(2));

  private final PhiAccrualDetector detector = new PhiAccrualDetector(OPTIONS);
  private long now = -12_345;

  @Test
  void suspicionGrowsWithSilenceAndIsNeverInfinite() {
    beat(200, 500);

    double before = 0;
    for (int millis = 0; millis < 10_000; millis += 10) {
      double suspicion = after(millis);
      assertThat(suspicion).isFinite().isGreaterThanOrEqualTo(before);
      before = suspicion;
    }
    assertThat(detector.suspicion(Long.MAX_VALUE)).isFinite().isGreaterThan(1_000);
    assertThat(detector.suspicion(0)).isBetween(0.0, 0.001);
  }

  @Test
  void regularHeartbeatsAreMissedSoon() {
    beat(200, 500);

    assertThat(after(1_300)).isCloseTo(0.3, within(0.01));
    assertThat(after(1_600)).isCloseTo(2.9, within(0.1));
    assertThat(after(1_500)).isLessThan(8);
    assertThat(after(1_900)).isGreaterThan(8);
  }

  @Test
  void theTailIsThatOfTheNormalDistribution() {
    beat(200, 500);

    for (double[] known : new double[][] {{0, 0.301}, {1, 0.799}, {2, 1.643}, {3, 2.870}}) {
      assertThat(after(1_300 + (int) (100 * known[0]))).isCloseTo(known[1], within(0.05));
    }
  }

  @Test
  void irregularHeartbeatsAreMissedLater() {
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      beat(1, 250 + random.nextInt(500));
    }

    assertThat(after(1_900)).isBetween(1.0, 8.0);
  }

  @Test
  void aFirstLookAssumesWhatIsExpected() {
    assertThat(after(500)).isLessThan(0.1);
    assertThat(after(2_500)).isGreaterThan(8);
    beat(1, 0);
    assertThat(after(2_500)).isGreaterThan(8);
  }

  @Test
  void anOutageDoesNotMakeItPatient() {
    beat(200, 500);
    double before = after(1_700);

    beat(1, 60_000);
    beat(1, 500);

    assertThat(after(1_700)).isCloseTo(before, within(0.2));
  }

  @Test
  void theWindowForgetsWhatIsLongAgo() {
    Random random = new Random(8);
    for (int i = 0; i < 200; i++) {
      beat(1, 100 + random.nextInt(1_500));
    }
    double irregular = after(1_900);
    beat(100, 500);

    assertThat(after(1_900)).isGreaterThan(8).isGreaterThan(irregular);
    detector.reset();
    beat(100, 500);
    PhiAccrualDetector other = new PhiAccrualDetector(OPTIONS);
    for (int i = 0; i < 100; i++) {
      other.heartbeat(i * 500_000_000L);
    }
    assertThat(after(1_500)).isCloseTo(other.suspicion(1_500_000_000L), within(0.01));
  }

  @Test
  void sumsStayExactOverManyHeartbeats() {
    Random random = new Random(9);
    for (int i = 0; i < 300_000; i++) {
      beat(1, random.nextInt(2_000));
    }
    beat(101, 500);

    assertThat(after(1_600)).isCloseTo(2.9, within(0.1));
  }

  @Test
  void aClockThatGoesBackIsSurvived() {
    beat(10, 500);
    detector.heartbeat(now - 5_000_000_000L);

    assertThat(after(1_300)).isFinite();
  }

  @Test
  void nothingIsAllocated() {
    Allocations.requireNone("heartbeat()", i -> detector.heartbeat(i * 500_000_000L));
    Allocations.requireNone("suspicion()", i -> detector.suspicion(i * 1_000_000L));
  }

  @Test
  void optionsAreChecked() {
    assertThatThrownBy(
            () ->
                new PhiAccrualDetector.Options(
                    1,
                    Duration.ofMillis(500),
                    Duration.ofMillis(100),
                    Duration.ZERO,
                    Duration.ofSeconds(2)))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("intervals");
    assertThatThrownBy(
            () ->
                new PhiAccrualDetector.Options(
                    10,
                    Duration.ofMillis(500),
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ofSeconds(2)))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("leastDeviation");
  }

  private void beat(int times, int everyMillis) {
    for (int i = 0; i < times; i++) {
      now += everyMillis * 1_000_000L;
      detector.heartbeat(now);
    }
  }

  private double after(int millis) {
    return detector.suspicion(millis * 1_000_000L);
  }
}
