package io.datawarehouse.kernel.heat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.balance.Aggressiveness;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.sharding.Residency;
import io.datawarehouse.testkit.cluster.FakeCluster;
import io.datawarehouse.testkit.kernel.ManualClock;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
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
  private final Map<Integer, OwnSegments.Known> known = new HashMap<>();
  private final OwnSegments own = (bucket, segment) -> Optional.ofNullable(known.get(segment));
  private final HotSegments segments =
      new HotSegments(
          new HotSegments.Options(
              SELF,
              new FakeCluster(SELF, clock)::placement,
              own,
              () -> List.of(SELF),
              (residency, node) -> true,
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
    // It is shown and measured all the same.
    HotShards.Foreseen foreseen = segments.own(false).foreseen().get(0);
    assertThat(foreseen.segment()).isEqualTo(SEGMENT);
    assertThat(foreseen.requestsPerSecond()).isLessThan(THRESHOLD);
    assertThat(foreseen.forecast().requestsPerSecond()).isGreaterThan(THRESHOLD);
    assertThat(foreseen.forecast().confident()).isTrue();
    assertThat(segments.own(false).forecasts().error()).isPresent();
  }

  @Test
  void theErrorOfForecastsIsNoNumberBeforeThereWereAny() {
    assertThat(metrics.gauge("heat.forecast.error")).isNaN();

    load(60, second -> 0);
    assertThat(metrics.gauge("heat.forecast.error")).isNaN();
    assertThat(segments.own(false).foreseen()).isEmpty();

    load(300, second -> 100 + second);
    assertThat(metrics.gauge("heat.forecast.error")).isBetween(0.01, 1.0);
  }

  @Test
  void whatIsShownAsHotIsNotShownAsForeseenToo() {
    int second = 0;
    while (shard().isEmpty()) {
      int now = second++;
      load(1, unused -> 100 + now * 100 / 60);
    }

    assertThat(segments.own(false).foreseen()).noneMatch(foreseen -> foreseen.segment() == SEGMENT);
  }

  @Test
  void theBudgetOfCopiesStaysWhileWhatIsHeldIsCountedAnew() {
    ReadCopies copies = copies();
    HotSegments watching = watching(copies);
    heat.ledger().restart();
    watching.tick();
    assertThat(copies.budgetLeft()).as("of what is not counted yet").isEqualTo(16L << 20);
    heat.ledger().count(SEGMENT, manifest(10L << 30));
    assertThat(heat.ledger().settle(() -> true)).isTrue();
    watching.tick();
    long left = copies.budgetLeft();
    assertThat(left).isEqualTo((10L << 30) / 100 * 10);

    heat.ledger().doubt();
    watching.tick();

    assertThat(copies.budgetLeft()).isEqualTo(left);
  }

  private HotSegments watching(ReadCopies copies) {
    return new HotSegments(
        new HotSegments.Options(
            SELF,
            new FakeCluster(SELF, clock)::placement,
            () -> List.of(SELF),
            heat,
            Optional.of(copies),
            () -> rules,
            clock,
            nanos::get,
            new RecordingMetrics()));
  }

  private ReadCopies copies() {
    return new ReadCopies(
        new ReadCopies.Options(
            SELF,
            "life",
            CopyOrigins.hashed(new FakeCluster(SELF, clock)::placement),
            (node, message) ->
                CompletableFuture.failedFuture(
                    new WarehouseException(StandardErrorCode.UNAVAILABLE, "nobody is there")),
            heat,
            nanos::get,
            ReadCopies.Waiting.REAL,
            new RecordingMetrics(),
            ReadCopies.Settings.defaults()));
  }

  private static BlobManifest manifest(long size) {
    return new BlobManifest(
        BUCKET,
        "a",
        size,
        1,
        "text/plain",
        "0".repeat(64),
        "",
        Instant.EPOCH,
        Instant.EPOCH,
        Map.of(),
        List.of(),
        SEGMENT,
        List.of(),
        false);
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

  // ---- segments of a bucket's own ---------------------------------------------------------------

  private static final BucketName BUCKET = new BucketName("photos");
  private static final int OWN = 300;

  private void loadOwn(int seconds, IntToLongFunction rate) {
    for (int second = 0; second < seconds; second++) {
      for (long i = 0; i < rate.applyAsLong(second); i++) {
        heat.read(BlobKey.of("photos", "a"), OWN);
      }
      load(1, unused -> 0);
    }
  }

  private Optional<HotShards.Shard> ownShard() {
    return segments.own(false).shards().stream()
        .filter(shard -> shard.bucket().equals(Optional.of(BUCKET)) && shard.segment() == OWN)
        .findFirst();
  }

  @Test
  void segmentOfABucketsOwnIsShownWarmingThenHotThenCoolingThenNotAtAll() {
    known.put(OWN, new OwnSegments.Known(SELF, "prefix eu/", false, Residency.ANYWHERE));
    loadOwn(60, second -> 2_000);
    assertThat(ownShard().orElseThrow().state()).isEqualTo(HotShards.State.WARMING);

    loadOwn(300, second -> 2_000);
    HotShards.Shard hot = ownShard().orElseThrow();
    assertThat(hot.state()).isEqualTo(HotShards.State.HOT);
    assertThat(hot.measure()).isEqualTo("none");
    assertThat(hot.measureBecause()).contains("works alone");
    assertThat(segments.own(true).keys())
        .extracting(HotShards.Key::key, HotShards.Key::segment, HotShards.Key::owner)
        .containsExactly(tuple("a", OWN, SELF));

    loadOwn(60, second -> 0);
    assertThat(ownShard().orElseThrow().state()).isEqualTo(HotShards.State.COOLING);
    loadOwn(300, second -> 0);
    assertThat(ownShard()).isEmpty();
  }

  @Test
  void segmentOfABucketsOwnIsForeseen() {
    known.put(OWN, new OwnSegments.Known(SELF, "[, m)", true, Residency.ANYWHERE));
    int second = 0;
    while (ownShard().isEmpty()) {
      int now = second++;
      loadOwn(1, unused -> 100 + now * 100 / 60);
      assertThat(second).isLessThan(540);
    }

    HotShards.Shard shard = ownShard().orElseThrow();
    assertThat(shard.because()).startsWith("forecast: at least 1");
    assertThat(shard.measure()).isEqualTo("split");
    assertThat(shard.requestsPerSecond()).isLessThan(THRESHOLD);
  }

  @Test
  void rangeInWhichNothingCanBeDividedIsTreatedLikeAnyOtherSegment() {
    known.put(OWN, new OwnSegments.Known(SELF, "[, m)", true, Residency.ANYWHERE));
    int seconds = 0;
    while (ownShard().filter(shard -> shard.state() == HotShards.State.HOT).isEmpty()) {
      loadOwn(1, second -> 2_000);
      assertThat(seconds++).isLessThan(600);
    }
    loadOwn(55, second -> 2_000);
    assertThat(ownShard().orElseThrow().measure()).isEqualTo("split");

    loadOwn(10, second -> 2_000);

    assertThat(ownShard().orElseThrow().measure()).isEqualTo("none");
    assertThat(ownShard().orElseThrow().measureBecause()).contains("works alone");
  }

  @Test
  void rangeThatWasDividedIsJudgedAnew() {
    known.put(OWN, new OwnSegments.Known(SELF, "[, m)", true, Residency.ANYWHERE));
    loadOwn(400, second -> 2_000);
    assertThat(ownShard().orElseThrow().state()).isEqualTo(HotShards.State.HOT);

    known.put(OWN, new OwnSegments.Known(SELF, "[, g)", true, Residency.ANYWHERE));
    loadOwn(1, second -> 900);

    assertThat(ownShard()).isEmpty();
    loadOwn(400, second -> 900);
    assertThat(ownShard()).isEmpty();
  }

  @Test
  void segmentOfABucketsOwnThatAnotherNodeOwnsIsNotJudged() {
    known.put(OWN, new OwnSegments.Known(new NodeId("node-2"), "[, m)", true, Residency.ANYWHERE));

    loadOwn(400, second -> 2_000);

    assertThat(ownShard()).isEmpty();
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
