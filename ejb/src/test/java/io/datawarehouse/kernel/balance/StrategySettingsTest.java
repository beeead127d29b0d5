package io.datawarehouse.kernel.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.plugin.balancing.ConsistentHashingPlugin;
import io.datawarehouse.plugin.balancing.LeastConnectionsPlugin;
import io.datawarehouse.plugin.balancing.RandomPlugin;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.LoadBalancingPluginBase;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.StrategySetting;
import io.datawarehouse.sdk.balance.StrategyValues;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.testkit.balance.FakeSignals;
import io.datawarehouse.testkit.cluster.FakeCluster;
import io.datawarehouse.testkit.contract.Crowd;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operators look at the settings of strategies and change them while the node runs. */
class StrategySettingsTest {

  private static final String HASHING = "consistent-hashing";

  @TempDir private Path directory;

  private final List<LoadBalancerStrategy> running = new ArrayList<>();
  private final InMemoryKernelStorage storage = new InMemoryKernelStorage();
  private final FakeCluster cluster = new FakeCluster(new NodeId("node-1"), new ManualClock());

  @BeforeEach
  void start() throws Exception {
    run(new ConsistentHashingPlugin(), Map.of("points", "64"));
    run(new RandomPlugin(), Map.of());
    run(new LeastConnectionsPlugin(), Map.of());
  }

  private void run(LoadBalancingPluginBase plugin, Map<String, String> config) throws Exception {
    try (FakeKernelContext context =
        new FakeKernelContext(plugin.manifest().id().value(), directory, config)) {
      plugin.start(context);
    }
    running.add(plugin);
  }

  private BalancingOffice office() {
    BalancingOffice office =
        new BalancingOffice(
            new BalancingOffice.Options(
                DeploymentTier.HYPERSCALE, Map.of(), () -> running, List::of, () -> 0));
    office.follow(new KeptOrders(storage));
    office.open();
    return office;
  }

  private static Map<String, Optional<Object>> of(String strategy, Object values) {
    return Map.of("strategySettings", Optional.of(Map.of(strategy, values)));
  }

  private BalancingStatus.Value shown(BalancingOffice office, String strategy, String name) {
    return office.status(cluster).strategySettings().get(strategy).get(name);
  }

  private static BalancingStatus.Value value(Object value, String source) {
    return new BalancingStatus.Value(value, source);
  }

  @Test
  void everySettingIsShownWithWhereItComesFrom() {
    BalancingOffice office = office();

    assertThat(office.status(cluster).strategySettings()).containsOnlyKeys(HASHING, "random");
    assertThat(office.status(cluster).settings()).doesNotContainKey("strategySettings");
    assertThat(shown(office, HASHING, "points")).isEqualTo(value(64L, "config"));
    assertThat(shown(office, HASHING, "boundPercent")).isEqualTo(value(0L, "default"));
    assertThat(shown(office, "random", "choices")).isEqualTo(value(2L, "default"));
  }

  @Test
  void orderIsInForceAtOnceAndTakesNothingFromThoseWhoChooseByTheOldOne() {
    BalancingOffice office = office();
    AtomicInteger told = new AtomicInteger();
    office.watch(told::incrementAndGet);
    LoadBalancerStrategy before = office.inForce().strategy();
    assertThat(before.followsKeys()).isTrue();
    assertThat(office.inForce().strategy()).as("kept while nothing changes").isSameAs(before);

    office.order(of(HASHING, Map.of("boundPercent", 125L)));

    assertThat(told).hasValue(1);
    assertThat(office.inForce().strategy().followsKeys()).isFalse();
    assertThat(before.followsKeys()).isTrue();
    assertThat(shown(office, HASHING, "boundPercent")).isEqualTo(value(125L, "operator"));
    assertThat(shown(office, HASHING, "points")).isEqualTo(value(64L, "config"));
  }

  @Test
  void whatIsNotNamedStaysAndNothingTakesBackOneOrAllOfAStrategyOrAll() {
    BalancingOffice office = office();
    office.order(of(HASHING, Map.of("boundPercent", 125L)));
    office.order(of(HASHING, Map.of("points", 32L)));
    office.order(of("random", Map.of("choices", 1L)));
    office.order(Map.of("algorithm", Optional.of("random")));
    assertThat(shown(office, HASHING, "boundPercent")).isEqualTo(value(125L, "operator"));

    office.order(of(HASHING, Map.of("boundPercent", Optional.empty())));
    assertThat(shown(office, HASHING, "boundPercent")).isEqualTo(value(0L, "default"));
    assertThat(shown(office, HASHING, "points")).isEqualTo(value(32L, "operator"));

    office.order(of(HASHING, Optional.empty()));
    assertThat(shown(office, HASHING, "points")).isEqualTo(value(64L, "config"));
    assertThat(shown(office, "random", "choices")).isEqualTo(value(1L, "operator"));

    office.order(Map.of("strategySettings", Optional.empty()));
    assertThat(shown(office, "random", "choices")).isEqualTo(value(2L, "default"));
    assertThat(office.status(cluster).algorithm()).isEqualTo("random");
  }

  @Test
  void ordersOutliveTheNode() {
    office().order(of(HASHING, Map.of("boundPercent", 125L)));

    BalancingOffice next = office();

    assertThat(shown(next, HASHING, "boundPercent")).isEqualTo(value(125L, "operator"));
    assertThat(next.inForce().strategy().followsKeys()).isFalse();
  }

  @Test
  void whatIsWrongIsNamedAndNothingIsSet() {
    BalancingOffice office = office();

    requireRefused(office, of("coin", Map.of()), "strategySettings.coin", HASHING + ", random");
    requireRefused(
        office, of("least-connections", Map.of()), "strategySettings.least-connections", "no such");
    requireRefused(office, of(HASHING, 7L), "strategySettings.consistent-hashing", "use an object");
    requireRefused(
        office,
        of(HASHING, Map.of("speed", 1L)),
        "strategySettings.consistent-hashing.speed",
        "points, boundPercent");
    for (Object wrong : List.of(100L, -1L, 100_001L, "125", true, 125, Map.of())) {
      requireRefused(
          office,
          of(HASHING, Map.of("points", 32L, "boundPercent", wrong)),
          "strategySettings.consistent-hashing.boundPercent",
          "use 0 or 101 to 100000");
    }
    requireRefused(
        office,
        Map.of("strategySettings", Optional.of("fast")),
        "strategySettings",
        "use an object");
    assertThat(shown(office, HASHING, "points").source()).isEqualTo("config");
  }

  private static void requireRefused(
      BalancingOffice office, Map<String, Optional<Object>> order, String field, String... words) {
    assertThatThrownBy(() -> office.order(order))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> {
              assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_ARGUMENT);
              assertThat(e.attributes()).containsEntry("field", field);
            })
        .hasMessageContainingAll(words);
  }

  @Test
  void whoeverChoosesWhileValuesChangeGetsANode() {
    BalancingOffice office = office();
    CandidateTable table =
        new CandidateTable(
            1,
            IntStream.range(0, 5)
                .mapToObj(
                    number ->
                        new CandidateTable.Candidate(
                            new NodeId("node-" + number), 1, "zone", number == 0))
                .toList());
    FakeSignals signals = new FakeSignals(5).usable(3, false);

    List<Integer> wrong =
        Crowd.all(
            4,
            Duration.ofSeconds(60),
            thread -> {
              int found = 0;
              for (int i = 0; i < 50; i++) {
                if (thread == 0) {
                  office.order(of(HASHING, Map.of("boundPercent", 101L + i)));
                }
                BalancingOffice.InForce now = office.inForce();
                NodeSelector selector = now.strategy().prepare(table, now.settings().config());
                for (int key = 0; key < 100; key++) {
                  int chosen = selector.select(signals, KeyHash.mix(key));
                  found += chosen >= 0 && chosen < 5 && chosen != 3 ? 0 : 1;
                }
              }
              return found;
            });

    assertThat(wrong).containsOnly(0);
    assertThat(shown(office, HASHING, "boundPercent")).isEqualTo(value(150L, "operator"));
  }

  @Test
  void previewTriesValuesAndLeavesTheStrategyInForceAlone() {
    BalancingOffice office = office();
    LoadBalancerStrategy before = office.inForce().strategy();

    BalancingOffice.InForce tried = office.preview(of(HASHING, Map.of("boundPercent", 125L)));

    assertThat(tried.strategy().followsKeys()).isFalse();
    assertThat(tried.strategy().seeded(1).followsKeys()).isFalse();
    assertThat(office.inForce().strategy()).isSameAs(before);
    assertThat(shown(office, HASHING, "boundPercent").source()).isEqualTo("default");
  }

  @Test
  void pluginOfOnesOwnDeclaresSettingsAndSaysWhatDoesNotGoTogether() throws Exception {
    run(new ByMoon(), Map.of("half-moon", "true"));
    BalancingOffice office = office();
    office.order(Map.of("algorithm", Optional.of("by-moon")));
    assertThat(shown(office, "by-moon", "phase")).isEqualTo(value("new", "default"));
    assertThat(shown(office, "by-moon", "halfMoon")).isEqualTo(value(true, "config"));

    office.order(of("by-moon", Map.of("phase", "full", "halfMoon", false)));

    assertThat(office.inForce().strategy()).hasFieldOrPropertyWithValue("phase", "full");
    requireRefused(office, of("by-moon", Map.of("halfMoon", true)), "halfMoon", "full moon");
    requireRefused(
        office, of("by-moon", Map.of("phase", "blue")), "strategySettings.by-moon.phase", "full");
    assertThat(shown(office, "by-moon", "halfMoon")).isEqualTo(value(false, "operator"));
  }

  @Test
  void orderForAStrategyThatIsGoneWaitsForItAndCanBeTakenBack() throws Exception {
    run(new ByMoon(), Map.of());
    BalancingOffice office = office();
    office.order(of("by-moon", Map.of("phase", "full")));
    LoadBalancerStrategy moon = running.remove(running.size() - 1);

    office.order(of(HASHING, Map.of("points", 32L)));
    running.add(moon);
    assertThat(shown(office, "by-moon", "phase")).isEqualTo(value("full", "operator"));
    running.remove(moon);
    office.order(of("by-moon", Optional.empty()));

    running.add(moon);
    assertThat(shown(office, "by-moon", "phase")).isEqualTo(value("new", "default"));
  }

  /** A strategy of somebody else's; it always takes the first. */
  private static final class ByMoon extends LoadBalancingPluginBase {

    private static final List<StrategySetting> SETTINGS =
        List.of(
            new StrategySetting.Choice("phase", "new", List.of("new", "full")),
            new StrategySetting.Flag("halfMoon", false));

    final String phase;

    ByMoon() {
      this("new");
    }

    private ByMoon(String phase) {
      super(PluginManifest.of("by-moon", "By the moon", "1.0.0", "balancing"), "by-moon");
      this.phase = phase;
    }

    @Override
    public List<StrategySetting> settings() {
      return SETTINGS;
    }

    @Override
    public LoadBalancerStrategy with(StrategyValues values) {
      if (values.word("phase").equals("full") && values.flag("halfMoon")) {
        throw WarehouseException.invalid("halfMoon", true, "a full moon is no half moon");
      }
      return new ByMoon(values.word("phase"));
    }

    @Override
    public boolean followsKeys() {
      return false;
    }

    @Override
    public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
      return new RoundRobinLoadBalancer().prepare(table, config);
    }
  }
}
