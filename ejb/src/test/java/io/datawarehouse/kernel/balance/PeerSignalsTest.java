package io.datawarehouse.kernel.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.datawarehouse.sdk.cluster.NodeLoad;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PeerSignalsTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final long MILLI = 1_000_000;
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private static final Instant LONG_AGO = NOON.minusSeconds(86_400);

  private final PeerSignals signals = new PeerSignals();

  private static NodeLoad busy(double percent) {
    return new NodeLoad(percent, percent, percent, 0, 0, 0);
  }

  @Test
  void nothingIsKnownAtFirstAndTheNodeIsWarm() {
    assertThat(signals.latencyNanos()).isNegative();
    assertThat(signals.load()).isNull();
    assertThat(signals.warmth()).isEqualTo(1);
  }

  @Test
  void longerAnswerCountsAtOnceAndIsForgottenSlowly() {
    signals.answered(MILLI, 0);
    signals.answered(100 * MILLI, SECOND);
    assertThat(signals.latencyNanos()).isEqualTo(100 * MILLI);

    signals.answered(MILLI, 2 * SECOND);
    assertThat(signals.latencyNanos()).isBetween(85 * MILLI, 95 * MILLI);
    for (int second = 3; second < 63; second++) {
      signals.answered(MILLI, second * SECOND);
    }
    assertThat(signals.latencyNanos()).isBetween(MILLI, 2 * MILLI);
  }

  @Test
  void oldLatencyIsNotKnownAnyMore() {
    signals.answered(MILLI, 0);
    signals.tick(PeerSignals.LATENCY_COUNTS.toNanos());
    assertThat(signals.latencyNanos()).isEqualTo(MILLI);

    signals.tick(PeerSignals.LATENCY_COUNTS.toNanos() + 1);
    assertThat(signals.latencyNanos()).isNegative();
  }

  @Test
  void loadIsSmoothedAndForgottenWithoutHeartbeats() {
    signals.said(busy(100), 0);
    signals.said(busy(0), SECOND / 2);
    assertThat(signals.load().cpuPercent()).isCloseTo(70, within(1.0));
    assertThat(signals.load().memoryPercent()).isCloseTo(70, within(1.0));
    assertThat(signals.load().diskPercent()).isZero();

    signals.tick(SECOND / 2 + PeerSignals.LOAD_COUNTS.toNanos() + 1);
    assertThat(signals.load()).isNull();
  }

  @Test
  void loadIsForgottenWithTheConnection() {
    signals.said(busy(50), 0);
    signals.disconnected();

    assertThat(signals.load()).isNull();
  }

  @Test
  void newNodeWarmsUpFromTheMomentItTakesRequests() {
    signals.active(NOON, LONG_AGO, NOON, 0);
    assertThat(signals.warmth()).isEqualTo(0.1);

    long half = PeerSignals.WARMING_UP.toNanos() / 2;
    signals.tick(half);
    assertThat(signals.warmth()).isCloseTo(0.5, within(0.01));
    // Told again, as views change; that is no new beginning.
    signals.active(NOON, LONG_AGO, NOON.plusNanos(half), half);
    signals.tick(2 * half);
    assertThat(signals.warmth()).isEqualTo(1);

    signals.active(NOON.plusSeconds(60), LONG_AGO, NOON.plusSeconds(60), 60 * SECOND);
    assertThat(signals.warmth()).as("active again").isEqualTo(0.1);
  }

  @Test
  void nodeThatIsOldIsWarmForOneThatIsNew() {
    signals.active(NOON.minusSeconds(3_600), LONG_AGO, NOON, 5);
    assertThat(signals.warmth()).isEqualTo(1);

    PeerSignals ahead = new PeerSignals();
    ahead.active(NOON.plusSeconds(10), LONG_AGO, NOON, 5);
    assertThat(ahead.warmth()).as("its clock is ahead").isEqualTo(0.1);
  }

  @Test
  void nobodyIsColdInAClusterThatHasJustBeenStarted() {
    signals.active(NOON, NOON.minusSeconds(50), NOON, 5);

    assertThat(signals.warmth()).isEqualTo(1);
  }

  @Test
  void loadThatStaysAtItsLimitStaysThere() {
    signals.said(busy(100), 0);
    for (int i = 1; i <= 1_000; i++) {
      signals.said(busy(100), i * 7 * MILLI);
    }
    assertThat(signals.load()).isEqualTo(busy(100));
  }
}
