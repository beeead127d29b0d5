package io.datawarehouse.kernel.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.balance.BalancingSettings.Origin;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BalancingSettingsTest {

  private static BalancingSettings resolve(
      Map<BalancingSetting, String> configured, Map<BalancingSetting, String> ordered) {
    return BalancingSettings.resolve(DeploymentTier.SMB, configured, ordered);
  }

  @ParameterizedTest
  @EnumSource(DeploymentTier.class)
  void tierDecidesAllThatNobodySets(DeploymentTier tier) {
    BalancingSettings settings = BalancingSettings.resolve(tier, Map.of(), Map.of());

    assertThat(settings.config()).isEqualTo(LoadBalancingConfig.of(tier));
    assertThat(settings.preferLocal()).isFalse();
    assertThat(settings.origins()).hasSize(BalancingSetting.values().length);
    assertThat(settings.origins().values()).containsOnly(Origin.TIER);
  }

  @Test
  void operatorWinsOverConfigurationAndConfigurationOverTheTier() {
    BalancingSettings settings =
        resolve(
            Map.of(BalancingSetting.ALGORITHM, "random", BalancingSetting.MODE, "manual"),
            Map.of(BalancingSetting.ALGORITHM, "adaptive", BalancingSetting.PREFER_LOCAL, "true"));

    assertThat(settings.config().algorithm()).isEqualTo("adaptive");
    assertThat(settings.config().mode().id()).isEqualTo("manual");
    assertThat(settings.preferLocal()).isTrue();
    assertThat(settings.origins())
        .containsEntry(BalancingSetting.ALGORITHM, Origin.OPERATOR)
        .containsEntry(BalancingSetting.MODE, Origin.CONFIG)
        .containsEntry(BalancingSetting.PREFER_LOCAL, Origin.OPERATOR)
        .containsEntry(BalancingSetting.TIER, Origin.TIER);
  }

  @Test
  void defaultsAreThoseOfTheTierThatIsSet() {
    BalancingSettings settings =
        resolve(
            Map.of(BalancingSetting.TIER, "enterprise"),
            Map.of(BalancingSetting.TIER, "hyperscale", BalancingSetting.LOAD_WINDOW, "10m"));

    assertThat(settings.config().algorithm()).isEqualTo("consistent-hashing");
    assertThat(settings.config().rebalancing().mostMovedPercent()).isEqualTo(5);
    assertThat(settings.config().rebalancing().loadWindow()).isEqualTo(Duration.ofMinutes(10));
    assertThat(settings.origins()).containsEntry(BalancingSetting.ALGORITHM, Origin.TIER);
  }

  @Test
  void everySettingCanBeSetAndIsShownAsItWasSet() {
    Map<BalancingSetting, String> all = new EnumMap<>(BalancingSetting.class);
    all.put(BalancingSetting.TIER, "high-stakes");
    all.put(BalancingSetting.MODE, "intelligent");
    all.put(BalancingSetting.ALGORITHM, "my-own");
    all.put(BalancingSetting.PREFER_LOCAL, "true");
    all.put(BalancingSetting.AFFINITY, "echo.**=session");
    all.put(BalancingSetting.SHARDING, "geographic");
    all.put(BalancingSetting.AUTO_SHARDING, "false");
    all.put(BalancingSetting.HOT_SHARD_DETECTION, "true");
    all.put(BalancingSetting.HOT_SHARD_THRESHOLD, "77");
    all.put(BalancingSetting.PREDICTIVE, "false");
    all.put(BalancingSetting.AGGRESSIVENESS, "moderate");
    all.put(BalancingSetting.MINIMUM_INTERVAL, "PT17M");
    all.put(BalancingSetting.LOAD_WINDOW, "PT3M");
    all.put(BalancingSetting.MOST_MOVED_PERCENT, "3");
    all.put(BalancingSetting.CIRCUIT_BREAKER, "false");
    all.put(BalancingSetting.REPLICATION, "peer");
    all.put(BalancingSetting.CONFLICT_RESOLVER, "keep-siblings");

    BalancingSettings settings = resolve(Map.of(), all);

    assertThat(all).hasSameSizeAs(BalancingSetting.values());
    assertThat(settings.value(BalancingSetting.AFFINITY)).isEqualTo(Map.of("echo.**", "session"));
    all.remove(BalancingSetting.AFFINITY);
    all.forEach(
        (setting, text) ->
            assertThat(settings.value(setting)).as(setting.field()).hasToString(text));
    assertThat(settings.origins().values()).containsOnly(Origin.OPERATOR);
  }

  @ParameterizedTest
  @CsvSource({
    "TIER, huge, tier",
    "MODE, sometimes, mode",
    "ALGORITHM, Round Robin, algorithm",
    "PREFER_LOCAL, yes, preferLocal",
    "HOT_SHARD_THRESHOLD, many, hotShardThreshold",
    "HOT_SHARD_THRESHOLD, 0, hotShardThreshold",
    "MOST_MOVED_PERCENT, 101, mostMovedPercent",
    "LOAD_WINDOW, soon, loadWindow",
    "LOAD_WINDOW, 0s, loadWindow",
    "AGGRESSIVENESS, mad, aggressiveness",
    "AFFINITY, echo.**, affinity",
    "AFFINITY, echo.**=Session, affinity",
    "SHARDING, modulo, sharding",
    "REPLICATION, foo, 'replication'",
    "CONFLICT_RESOLVER, foo, 'conflictResolver'"
  })
  void wrongValueIsNamedWithItsSetting(BalancingSetting setting, String text, String field) {
    assertThatThrownBy(() -> resolve(Map.of(), Map.of(setting, text)))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining(field);
  }

  @Test
  void unknownNamesOfReplicationsAndResolversAreAnsweredWithThoseThatThereAre() {
    assertThatThrownBy(() -> resolve(Map.of(), Map.of(BalancingSetting.REPLICATION, "quorum")))
        .hasMessageContaining("none, single-master, multi-master, multi-region, peer");
    assertThatThrownBy(() -> resolve(Map.of(BalancingSetting.CONFLICT_RESOLVER, "any"), Map.of()))
        .hasMessageContaining("keep-siblings, crdt, vector-clock, last-writer-wins");
  }

  @ParameterizedTest
  @EnumSource(DeploymentTier.class)
  void namesThatATierMeansMayBeOrdered(DeploymentTier tier) {
    LoadBalancingConfig.Replication meant = tier.defaults().replication();
    Map<BalancingSetting, String> ordered = new EnumMap<>(BalancingSetting.class);
    ordered.put(BalancingSetting.REPLICATION, meant.strategy());
    meant.resolver().ifPresent(name -> ordered.put(BalancingSetting.CONFLICT_RESOLVER, name));

    assertThat(resolve(Map.of(), ordered).config().replication()).isEqualTo(meant);
  }

  @Test
  void namesInConfigurationFollowTheNamesInJson() {
    assertThat(BalancingSetting.ALGORITHM.key()).isEqualTo("dw.load-balancing.algorithm");
    assertThat(BalancingSetting.HOT_SHARD_THRESHOLD.key())
        .isEqualTo("dw.load-balancing.hot-shard-threshold");
  }
}
