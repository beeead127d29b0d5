package io.datawarehouse.sdk.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.balance.LoadBalancingConfig.Rebalancing;
import io.datawarehouse.sdk.balance.LoadBalancingConfig.Replication;
import io.datawarehouse.sdk.balance.LoadBalancingConfig.Sharding;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LoadBalancingConfigTest {

  /** The table of defaults, one line a setting, one column a tier. */
  private static final String TABLE =
      """
      tier | individual | smb | enterprise | high-stakes | hyperscale
      nodes | 1 | 1 to 3 | 3 to 20 | 20 to 100 | 100+
      mode | manual | automatic | automatic | automatic | automatic
      algorithm | round-robin | least-connections | resource-aware | adaptive | consistent-hashing
      sharding | none | hash | hash | hash | composite
      auto-sharding | off | on | on | on | on
      hot shards | off | off / 1000 | on / 1000 | on / 500 | on / 1000
      predictive | off | off | off | on | on
      aggressiveness | conservative | conservative | moderate | aggressive | predictive
      between rebalances | 10 min | 60 min | 30 min | 5 min | 1 min
      load window | 5 min | 5 min | 5 min | 5 min | 1 min
      most moved | 10 % | 10 % | 10 % | 10 % | 5 %
      breaker | off | 5 in 30 s | 5 in 30 s | 5 in 30 s | 5 in 30 s
      replication | none | single-master | multi-master | multi-master, CRDT | multi-region, CRDT
      """;

  @ParameterizedTest
  @EnumSource
  void defaultsAreThoseOfTheTable(DeploymentTier tier) {
    List<String> expected = new ArrayList<>();
    TABLE.lines().forEach(line -> expected.add(line.split(" \\| ")[1 + tier.ordinal()]));

    assertThat(row(tier, tier.defaults())).isEqualTo(expected);
    assertThat(tier.defaults().tier()).isEqualTo(tier);
  }

  private static List<String> row(DeploymentTier tier, LoadBalancingConfig config) {
    Rebalancing moving = config.rebalancing();
    return List.of(
        tier.id(),
        nodes(tier),
        config.mode().id(),
        config.algorithm(),
        config.sharding().scheme().id(),
        onOff(config.sharding().automatic()),
        hotShards(config.sharding()),
        onOff(config.predictive()),
        moving.aggressiveness().id(),
        moving.minimumInterval().toMinutes() + " min",
        moving.loadWindow().toMinutes() + " min",
        moving.mostMovedPercent() + " %",
        config
            .breaker()
            .map(breaker -> breaker.failures() + " in " + breaker.openFor().toSeconds() + " s")
            .orElse("off"),
        config.replication().strategy()
            + config.replication().resolver().map(name -> ", " + upper(name)).orElse(""));
  }

  private static String nodes(DeploymentTier tier) {
    if (tier.mostNodes().isEmpty()) {
      return tier.fewestNodes() + "+";
    }
    int most = tier.mostNodes().getAsInt();
    return tier.fewestNodes() == most ? "" + most : tier.fewestNodes() + " to " + most;
  }

  private static String hotShards(Sharding sharding) {
    OptionalInt threshold = sharding.hotShardThreshold();
    return onOff(sharding.hotShardDetection())
        + (threshold.isPresent() ? " / " + threshold.getAsInt() : "");
  }

  private static String onOff(boolean on) {
    return on ? "on" : "off";
  }

  private static String upper(String name) {
    return name.toUpperCase(Locale.ROOT);
  }

  @ParameterizedTest
  @CsvSource({
    "INDIVIDUAL, 5, 1000, MANUAL",
    "ENTERPRISE, 1, 1000, MANUAL",
    "ENTERPRISE, 0, 1000, MANUAL",
    "ENTERPRISE, 2, 0, AUTOMATIC",
    "SMB, 3, 9.9, MANUAL",
    "SMB, 3, 10, AUTOMATIC",
    "HYPERSCALE, 200, 0, AUTOMATIC"
  })
  void intelligentModeFollowsSizeAndTraffic(
      DeploymentTier tier, int nodes, double requestsPerMinute, BalancingMode expected) {
    LoadBalancingConfig config = tier.defaults().withMode(BalancingMode.INTELLIGENT);

    assertThat(config.effectiveMode(nodes, requestsPerMinute)).isEqualTo(expected);
  }

  @Test
  void modeThatAPersonSetWins() {
    LoadBalancingConfig config = DeploymentTier.HYPERSCALE.defaults();

    assertThat(config.withMode(BalancingMode.MANUAL).effectiveMode(200, 1e6))
        .isEqualTo(BalancingMode.MANUAL);
    assertThat(config.effectiveMode(1, 0)).isEqualTo(BalancingMode.AUTOMATIC);
  }

  @Test
  void everyValueCanBeReplacedOnItsOwn() {
    LoadBalancingConfig base = DeploymentTier.SMB.defaults();
    Sharding sharding = new Sharding(ShardingScheme.RANGE, false, true, OptionalInt.of(7));
    Rebalancing moving =
        new Rebalancing(Aggressiveness.MODERATE, Duration.ZERO, Duration.ofSeconds(1), 1);
    Replication copies = new Replication("peer", Optional.of("vector-clock"));
    CircuitBreakerSettings breaker = new CircuitBreakerSettings(2, Duration.ofSeconds(3), 4);

    LoadBalancingConfig changed =
        base.withAlgorithm("my-own")
            .withSharding(sharding)
            .withPredictive(true)
            .withRebalancing(moving)
            .withBreaker(Optional.of(breaker))
            .withReplication(copies);

    assertThat(changed)
        .isEqualTo(
            new LoadBalancingConfig(
                DeploymentTier.SMB,
                BalancingMode.AUTOMATIC,
                "my-own",
                sharding,
                true,
                moving,
                Optional.of(breaker),
                copies));
  }

  @Test
  void wrongValuesAreRefusedWithFieldAndValue() {
    LoadBalancingConfig base = DeploymentTier.SMB.defaults();
    assertThatThrownBy(() -> base.withAlgorithm("Round Robin"))
        .hasMessageContaining("algorithm is 'Round Robin'");
    assertThatThrownBy(() -> new Sharding(ShardingScheme.HASH, true, true, OptionalInt.empty()))
        .hasMessageContaining("hotShardThreshold is missing");
    assertThatThrownBy(() -> new Sharding(ShardingScheme.HASH, true, true, OptionalInt.of(0)))
        .hasMessageContaining("hotShardThreshold is '0'");
    assertThatThrownBy(
            () ->
                new Rebalancing(Aggressiveness.MODERATE, Duration.ZERO, Duration.ofSeconds(1), 101))
        .hasMessageContaining("mostMovedPercent is '101'");
    assertThatThrownBy(
            () -> new Rebalancing(Aggressiveness.MODERATE, Duration.ZERO, Duration.ZERO, 1))
        .hasMessageContaining("loadWindow is 'PT0S'");
  }

  @Test
  void resourceScoreWeighsAndJudgesTheUnknownNeutral() {
    assertThat(ResourceScore.of(100, 100, 100, 1)).isEqualTo(1.0, within());
    assertThat(ResourceScore.of(50, 20, 10, 0.5)).isEqualTo(0.33, within());
    double unknown = ResourceScore.of(Double.NaN, Double.NaN, Double.NaN, Double.NaN);
    assertThat(unknown).isEqualTo(0.5, within());
    assertThat(ResourceScore.of(0, 0, 0, 0)).isLessThan(unknown);
  }

  private static Offset<Double> within() {
    return Offset.offset(1e-9);
  }
}
