package io.datawarehouse.plugin.balancing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.datawarehouse.sdk.balance.BalancingAlgorithms;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingPluginBase;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.StrategyValues;
import io.datawarehouse.sdk.plugin.Plugin;
import io.datawarehouse.testkit.balance.FakeSignals;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BalancingPluginsTest {

  @TempDir private Path directory;

  private static final List<LoadBalancingPluginBase> PLUGINS =
      List.of(
          new RoundRobinPlugin(),
          new LeastConnectionsPlugin(),
          new WeightedRoundRobinPlugin(),
          new LatencyBasedPlugin(),
          new ConsistentHashingPlugin(),
          new RandomPlugin(),
          new ResourceAwarePlugin(),
          new AdaptivePlugin());

  @Test
  void thereIsAPluginForEveryAlgorithmOfTheProduct() {
    assertThat(PLUGINS)
        .extracting(LoadBalancingPluginBase::strategyName)
        .containsExactlyElementsOf(BalancingAlgorithms.all());
    assertThat(PLUGINS)
        .allMatch(plugin -> plugin.getClass().isAnnotationPresent(Plugin.class))
        .allMatch(
            plugin -> plugin.manifest().id().value().equals("balance-" + plugin.strategyName()));
  }

  @Test
  void boundMakesTheRingDependOnLoadAndIsOffAsARule() throws Exception {
    ConsistentHashingPlugin plugin = new ConsistentHashingPlugin();
    start(plugin, Map.of());
    assertThat(plugin.followsKeys()).isTrue();

    start(plugin, Map.of("bound-percent", "125", "points", "64"));
    assertThat(plugin.followsKeys()).isFalse();
    assertThatThrownBy(() -> start(plugin, Map.of("bound-percent", "100")))
        .hasMessageContaining("bound-percent");
    assertThatThrownBy(() -> start(plugin, Map.of("points", "0"))).hasMessageContaining("points");
  }

  @Test
  void oneChoiceLooksAtNoLoad() throws Exception {
    RandomPlugin plugin = new RandomPlugin();
    start(plugin, Map.of("choices", "1"));
    FakeSignals signals = new FakeSignals(2).underWay(0, 1_000);
    NodeSelector selector = Tables.prepared(plugin, Tables.of(2));

    assertThat(IntStream.range(0, 100).map(i -> selector.select(signals))).contains(0);
    assertThatThrownBy(() -> start(plugin, Map.of("choices", "3"))).hasMessageContaining("choices");
  }

  @Test
  void connectionsThatANodeIsMeantToHaveAreASetting() throws Exception {
    ResourceAwarePlugin plugin = new ResourceAwarePlugin();
    start(plugin, Map.of("connections", "10"));
    FakeSignals signals = new FakeSignals(1).busy(0, 0).underWay(0, 5);

    assertThat(Tables.prepared(plugin, Tables.of(1)).explain(signals, 1).candidates())
        .singleElement()
        .satisfies(score -> assertThat(score.score()).isCloseTo(0.05, within(1e-9)));
  }

  @Test
  void adaptiveTakesTheSettingsOfThoseThatItMeans() throws Exception {
    AdaptivePlugin plugin = new AdaptivePlugin();
    start(plugin, Map.of("connections", "10", "bound-percent", "150", "points", "64"));
    FakeSignals signals = new FakeSignals(2).busy(0, 0).underWay(0, 2);

    NodeSelector aware = plugin.prepare(Tables.of(2), DeploymentTier.HIGH_STAKES.defaults());
    assertThat(aware.explain(signals, 1).candidates().get(0).score()).isCloseTo(0.02, within(1e-9));
    NodeSelector hashing = plugin.prepare(Tables.of(2), DeploymentTier.HYPERSCALE.defaults());
    assertThat(hashing.explain(signals, 1).candidates().get(0).reason()).contains("may have");
    for (String key : List.of("connections", "bound-percent", "points")) {
      assertThatThrownBy(() -> start(plugin, Map.of(key, "-1"))).hasMessageContaining(key);
    }
  }

  @Test
  void otherValuesMakeAnotherStrategyThatKeepsThemUnderASeed() throws Exception {
    ConsistentHashingPlugin plugin = new ConsistentHashingPlugin();
    start(plugin, Map.of("points", "64"));
    assertThat(plugin.configured()).isEqualTo(Map.of("points", 64L));

    LoadBalancerStrategy bounded =
        plugin.with(StrategyValues.of(plugin.settings(), Map.of("boundPercent", 125L)));

    assertThat(bounded.followsKeys()).isFalse();
    assertThat(bounded.seeded(3).followsKeys()).isFalse();
    assertThat(bounded.strategyName()).isEqualTo(plugin.strategyName());
    assertThat(plugin.followsKeys()).isTrue();
    assertThat(plugin.seeded(3).followsKeys()).isTrue();
  }

  @Test
  void choicesCanBeTriedFromASeedAndLeaveTheOwnOnesAlone() {
    for (LoadBalancingPluginBase plugin : PLUGINS) {
      FakeSignals signals = new FakeSignals(7);
      NodeSelector own = Tables.prepared(plugin, Tables.of(7));
      Object before = own.explain(signals, 5);
      NodeSelector one = Tables.prepared(plugin.seeded(4), Tables.of(7));
      NodeSelector same = Tables.prepared(plugin.seeded(4), Tables.of(7));
      for (int i = 0; i < 200; i++) {
        assertThat(one.select(signals)).as(plugin.strategyName()).isEqualTo(same.select(signals));
      }

      assertThat(plugin.seeded(4).strategyName()).isEqualTo(plugin.strategyName());
      assertThat(own.explain(signals, 5)).as(plugin.strategyName()).isEqualTo(before);
    }
  }

  private void start(LoadBalancingPluginBase plugin, Map<String, String> config) throws Exception {
    try (FakeKernelContext context =
        new FakeKernelContext(plugin.manifest().id().value(), directory, config)) {
      plugin.start(context);
    }
  }
}
