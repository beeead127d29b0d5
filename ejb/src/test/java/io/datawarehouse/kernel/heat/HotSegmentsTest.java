package io.datawarehouse.kernel.heat;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.balance.Aggressiveness;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.cluster.FakeCluster;
import io.datawarehouse.testkit.kernel.ManualClock;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

/** One node that is alone, whose segments get loads that follow a rule. */
class HotSegmentsTest {

  private static final NodeId SELF = new NodeId("node-1");
  private static final int SEGMENT = 3;
  private static final int THRESHOLD = 1_000;

  private final ManualClock clock = new ManualClock();
  private final AtomicLong nanos = new AtomicLong();
  private final SegmentHeat heat = new SegmentHeat(nanos::get);
  private final RecordingMetrics metrics = new RecordingMetrics();
  private HeatRules rules = rules(true);
  private final HotSegments segments =
      new HotSegments(
          new HotSegments.Options(
              SELF,
              new FakeCluster(SELF, clock)::placement,
              () -> List.of(SELF),
              heat,
              Optional.empty(),
              () -> rules,
              clock,
              nanos::get,
              metrics));

  private static HeatRules rules(boolean predictive) {
    return new HeatRules(
        true,
        OptionalInt.of(THRESHOLD),
        predictive,
        Aggressiveness.MODERATE,
        Duration.ofMinutes(5),
        Duration.ofMinutes(30),
        10,
        true);
  }

  private void load(int seconds, IntToLongFunction rate) {
    for (int second = 0; second < seconds; second++) {
      heat.traffic().read(SEGMENT, rate.applyAsLong(second));
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      clock.advance(Duration.ofSeconds(1));
      segments.tick();
    }
  }

  private Optional<HotShards.Shard> shard() {
    return segments.own(false).shards().stream()
        .filter(shard -> shard.segment() == SEGMENT)
        .findFirst();
  }

  @Test
  void aSteadyLoadOverTheThresholdIsShownWarmingThenHotThenCoolingThenNotAtAll() {
    load(60, second -> 2_000);
    assertThat(shard().orElseThrow().state()).isEqualTo(HotShards.State.WARMING);

    load(300, second -> 2_000);
    HotShards.Shard hot = shard().orElseThrow();
    assertThat(hot.state()).isEqualTo(HotShards.State.HOT);
    assertThat(hot.because()).isEqualTo("over 1000 requests a second for 5m");
    assertThat(hot.measure()).isEqualTo("none");
    assertThat(hot.measureBecause()).isEqualTo("the node works alone");
    assertThat(hot.since()).isBefore(clock.instant());

    load(60, second -> 0);
    assertThat(shard().orElseThrow().state()).isEqualTo(HotShards.State.COOLING);
    load(300, second -> 0);
    assertThat(shard()).isEmpty();
  }

  @Test
  void aRampIsHotBeforeItIsOverTheThreshold() {
    // A tenth more of the threshold a minute.
    int second = 0;
    while (shard().isEmpty()) {
      int now = second++;
      load(1, unused -> 100 + now * 100 / 60);
      assertThat(second).isLessThan(540);
    }

    HotShards.Shard shard = shard().orElseThrow();
    assertThat(shard.state()).isEqualTo(HotShards.State.HOT);
    assertThat(shard.requestsPerSecond()).isBetween(THRESHOLD * 0.7, (double) THRESHOLD);
    assertThat(shard.because()).startsWith("forecast: at least 1").endsWith("threshold is 1000");
    assertThat(shard.forecast().orElseThrow().confident()).isTrue();
    assertThat(segments.own(false).forecasts().actedEarly()).isEqualTo(1);
  }

  @Test
  void withoutLeaveToPredictTheSameRampWaits() {
    rules = rules(false);

    load(539, second -> 100 + second * 100 / 60);

    assertThat(shard()).isEmpty();
    // It is measured all the same.
    assertThat(segments.own(false).forecasts().error()).isPresent();
  }

  @Test
  void aForecastThatDoesNotComeTrueIsCountedAsWrong() {
    int second = 0;
    while (shard().isEmpty()) {
      int now = second++;
      load(1, unused -> 100 + now * 100 / 60);
    }

    load(600, unused -> 150);

    assertThat(shard()).isEmpty();
    assertThat(segments.own(false).forecasts().wrongly()).isEqualTo(1);
  }

  @Test
  void forecastsAreMadeForTheBusiestSegmentsAlone() {
    for (int round = 0; round < 60; round++) {
      for (int segment = 0; segment < 100; segment++) {
        heat.traffic().read(segment, 200 + segment);
      }
      load(1, second -> 0);
    }

    assertThat(segments.own(false).forecasts().segments()).isEqualTo(HotSegments.MOST_FORECAST);
  }

  @Test
  void whereNothingIsJudgedNothingIsHot() {
    load(400, second -> 2_000);
    rules =
        new HeatRules(
            false,
            OptionalInt.empty(),
            true,
            Aggressiveness.MODERATE,
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            10,
            true);

    load(1, second -> 2_000);

    assertThat(shard()).isEmpty();
  }

  @Test
  void whatIsToldTravels() {
    load(400, second -> 2_000);
    HeatMessages.HotAnswer answer = segments.own(true);

    assertThat(Json.read(Json.write(answer), HeatMessages.HotAnswer.class)).isEqualTo(answer);
  }
}
