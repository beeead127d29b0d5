package io.datawarehouse.kernel.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.affinity.AffinityPolicy;
import io.datawarehouse.plugin.affinity.ByBucket;
import io.datawarehouse.plugin.affinity.ByTag;
import io.datawarehouse.plugin.balancing.Adaptive;
import io.datawarehouse.plugin.balancing.LeastConnections;
import io.datawarehouse.plugin.balancing.RandomChoice;
import io.datawarehouse.plugin.balancing.WeightedRoundRobin;
import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.testkit.cluster.FakeCluster;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BalancingOfficeTest {

  private final List<LoadBalancerStrategy> running = new ArrayList<>();
  private final List<AffinityProvider> affinities = new ArrayList<>();
  private final InMemoryKernelStorage storage = new InMemoryKernelStorage();
  private final AtomicLong nanos = new AtomicLong();
  private final FakeCluster cluster = new FakeCluster(new NodeId("node-1"), new ManualClock());

  private BalancingOffice office(Map<BalancingSetting, String> configured) {
    return new BalancingOffice(
        new BalancingOffice.Options(
            DeploymentTier.SMB, configured, () -> running, () -> affinities, nanos::get));
  }

  private BalancingOffice following(Map<BalancingSetting, String> configured) {
    BalancingOffice office = office(configured);
    running.add(new LeastConnections(1));
    running.add(new RandomChoice(1, 2));
    running.add(new Adaptive(1));
    office.follow(new KeptOrders(storage));
    office.open();
    return office;
  }

  private static Map<String, Optional<Object>> set(String field, Object value) {
    return Map.of(field, Optional.of(value));
  }

  private BalancingStatus.Value shown(BalancingOffice office, String field) {
    return office.status(cluster).settings().get(field);
  }

  @Test
  void ownRoundRobinChoosesUntilTheWantedOneRuns() {
    BalancingOffice office = office(Map.of());

    assertThat(office.inForce().strategy().strategyName()).isEqualTo("round-robin");
    assertThat(office.status(cluster).algorithm()).isEqualTo("round-robin");
    assertThat(office.status(cluster).algorithmBecause()).contains("least-connections");
    running.add(new LeastConnections(1));
    assertThat(office.inForce().strategy().strategyName()).isEqualTo("least-connections");
    assertThat(office.status(cluster).algorithm()).isEqualTo("least-connections");
  }

  @Test
  void operatorChangesTheStrategyAndThoseThatListenAreTold() {
    BalancingOffice office = following(Map.of(BalancingSetting.ALGORITHM, "least-connections"));
    AtomicInteger told = new AtomicInteger();
    office.watch(told::incrementAndGet);
    assertThat(shown(office, "algorithm"))
        .isEqualTo(new BalancingStatus.Value("least-connections", "config"));

    office.order(set("algorithm", "random"));

    assertThat(told).hasValue(1);
    assertThat(office.inForce().strategy().strategyName()).isEqualTo("random");
    assertThat(shown(office, "algorithm"))
        .isEqualTo(new BalancingStatus.Value("random", "operator"));
    assertThat(office.status(cluster).algorithmBecause()).isEqualTo("an operator set it");
  }

  @Test
  void whatIsNotNamedStaysAndNothingTakesAnOrderBack() {
    BalancingOffice office = following(Map.of());
    office.order(set("algorithm", "random"));
    office.order(set("preferLocal", true));
    assertThat(office.inForce().settings().preferLocal()).isTrue();
    assertThat(office.inForce().strategy().strategyName()).isEqualTo("random");

    office.order(Map.of("algorithm", Optional.empty()));

    assertThat(shown(office, "algorithm"))
        .isEqualTo(new BalancingStatus.Value("least-connections", "tier"));
    assertThat(shown(office, "preferLocal")).isEqualTo(new BalancingStatus.Value(true, "operator"));
  }

  @Test
  void ordersOutliveTheNode() {
    following(Map.of()).order(set("algorithm", "random"));

    BalancingOffice next = office(Map.of());
    next.follow(new KeptOrders(storage));
    assertThat(next.inForce().strategy().strategyName()).isEqualTo("random");
  }

  @Test
  void unknownStrategyIsRefusedWithTheKnownOnes() {
    BalancingOffice office = following(Map.of());

    assertThatThrownBy(() -> office.order(set("algorithm", "coin")))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("algorithm")
        .hasMessageContaining("coin")
        .hasMessageContaining("adaptive, least-connections, random, round-robin");
    assertThat(shown(office, "algorithm").source()).isEqualTo("tier");
  }

  @Test
  void wrongOrderChangesNothing() {
    BalancingOffice office = following(Map.of());

    assertThatThrownBy(() -> office.order(set("speed", "high"))).hasMessageContaining("speed");
    assertThatThrownBy(() -> office.order(set("preferLocal", "true")))
        .hasMessageContaining("preferLocal");
    assertThatThrownBy(() -> office.order(set("mostMovedPercent", 0)))
        .hasMessageContaining("mostMovedPercent");
    assertThatThrownBy(
            () ->
                office.order(
                    Map.of("algorithm", Optional.of("random"), "mode", Optional.of("sometimes"))))
        .hasMessageContaining("mode");
    assertThat(office.status(cluster).settings().values())
        .extracting(BalancingStatus.Value::source)
        .containsOnly("tier");
  }

  @Test
  void configuredStrategyThatIsNotThereStopsTheBoot() {
    BalancingOffice office = office(Map.of(BalancingSetting.ALGORITHM, "coin"));
    running.add(new RandomChoice(1, 2));

    assertThatThrownBy(office::open)
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.BOOT_FAILED))
        .hasMessageContaining("dw.load-balancing.algorithm")
        .hasMessageContaining("random, round-robin");
  }

  private static Map<String, Optional<Object>> rules(Object... patternsAndProviders) {
    Map<String, Object> rules = new LinkedHashMap<>();
    for (int i = 0; i < patternsAndProviders.length; i += 2) {
      rules.put((String) patternsAndProviders[i], patternsAndProviders[i + 1]);
    }
    return set("affinity", rules);
  }

  private Optional<AffinityProvider> providerOf(BalancingOffice office, String topic) {
    AffinityPolicy policy = office.inForce().affinity();
    return policy.ruleFor(Topic.of(topic)).flatMap(rule -> policy.provider(rule.provider()));
  }

  @Test
  void operatorSaysWhatBelongsTogetherAndTakesItBack() {
    ByBucket byBucket = new ByBucket();
    affinities.addAll(List.of(new ByTag("t"), byBucket));
    BalancingOffice office = following(Map.of(BalancingSetting.AFFINITY, "**=tag"));
    assertThat(shown(office, "affinity"))
        .isEqualTo(new BalancingStatus.Value(Map.of("**", "tag"), "config"));

    office.order(rules("jobs.*", "bucket"));

    assertThat(shown(office, "affinity"))
        .isEqualTo(new BalancingStatus.Value(Map.of("jobs.*", "bucket"), "operator"));
    assertThat(office.status(cluster).affinities()).containsExactly("bucket", "tag");
    assertThat(providerOf(office, "jobs.run")).containsSame(byBucket);
    assertThat(providerOf(office, "echo.ping")).as("an order replaces all rules").isEmpty();
    office.order(rules());
    assertThat(providerOf(office, "jobs.run")).as("no rules are an order too").isEmpty();
    office.order(Map.of("affinity", Optional.empty()));
    assertThat(shown(office, "affinity").source()).isEqualTo("config");
  }

  @Test
  void rulesOutliveTheNode() {
    affinities.add(new ByTag("t"));
    following(Map.of()).order(rules("jobs.*", "tag"));

    BalancingOffice next = office(Map.of());
    next.follow(new KeptOrders(storage));
    assertThat(providerOf(next, "jobs.run")).isPresent();
  }

  @Test
  void wrongRuleIsRefusedAndNamesTheSetting() {
    BalancingOffice office = following(Map.of());
    assertThatThrownBy(() -> office.order(rules("jobs.*", "glue")))
        .hasMessageContaining("affinity is 'glue'")
        .hasMessageContaining("none is installed");
    affinities.addAll(List.of(new ByTag("t"), new ByBucket()));

    assertThatThrownBy(() -> office.order(rules("jobs.*", "glue")))
        .hasMessageContaining("use one of bucket, tag");
    assertThatThrownBy(() -> office.order(rules("jobs..a", "tag")))
        .hasMessageContaining("affinity is 'jobs..a'");
    assertThatThrownBy(() -> office.order(rules("jobs.*", 7))).hasMessageContaining("affinity is");
    assertThatThrownBy(() -> office.order(set("affinity", "jobs.*=tag")))
        .hasMessageContaining("affinity is")
        .hasMessageContaining("object");
    assertThat(shown(office, "affinity")).isEqualTo(new BalancingStatus.Value(Map.of(), "tier"));
  }

  @Test
  void configuredRuleWhoseProviderIsNotThereStopsTheBoot() {
    BalancingOffice office = office(Map.of(BalancingSetting.AFFINITY, "jobs.*=glue"));
    affinities.add(new ByTag("t"));

    assertThatThrownBy(office::open)
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.BOOT_FAILED))
        .hasMessageContaining("dw.load-balancing.affinity is 'glue'")
        .hasMessageContaining("use one of tag");
  }

  @Test
  void orderedRuleWhoseProviderIsNotThereWaitsForIt() {
    affinities.add(new ByTag("t"));
    BalancingOffice office = following(Map.of());
    office.order(rules("jobs.*", "tag"));
    affinities.clear();

    office.open();

    assertThat(providerOf(office, "jobs.run")).isEmpty();
    affinities.add(new ByTag("t"));
    assertThat(providerOf(office, "jobs.run")).isPresent();
  }

  @Test
  void previewDecidesTheModeAsTheOrderWouldAndSetsNothing() {
    BalancingOffice office =
        following(
            Map.of(BalancingSetting.MODE, "intelligent", BalancingSetting.ALGORITHM, "adaptive"));
    cluster.add("node-2", "node-3");
    office.observe(cluster);
    assertThat(office.status(cluster).mode()).isEqualTo("manual");
    String before = office.inForce().strategy().strategyName();

    assertThat(office.preview(set("tier", "enterprise")).strategy().strategyName())
        .isEqualTo("adaptive")
        .isNotEqualTo(before);
    assertThat(office.inForce().strategy().strategyName()).isEqualTo(before);
    assertThat(office.status(cluster).mode()).isEqualTo("manual");
  }

  @Test
  void intelligentModeIsDecidedAndSaysWhy() {
    BalancingOffice office = following(Map.of(BalancingSetting.MODE, "intelligent"));

    assertThat(office.status(cluster).mode()).isEqualTo("manual");
    assertThat(office.status(cluster).modeBecause()).contains("one active node");
    cluster.add("node-2", "node-3");
    office.observe(cluster);
    assertThat(office.status(cluster).mode()).isEqualTo("manual");
    assertThat(office.status(cluster).modeBecause()).contains("0 requests a minute");
    office.order(set("tier", "enterprise"));
    assertThat(office.status(cluster).mode()).isEqualTo("automatic");
    assertThat(office.status(cluster).modeBecause()).contains("3 active nodes", "enterprise");
  }

  @Test
  void intelligentModeCeasesToActOnlyAfterAWholeLoadWindow() {
    BalancingOffice office =
        following(
            Map.of(
                BalancingSetting.MODE, "intelligent",
                BalancingSetting.TIER, "enterprise",
                BalancingSetting.LOAD_WINDOW, "PT2M"));
    cluster.add("node-2");
    AtomicInteger told = new AtomicInteger();
    office.watch(told::incrementAndGet);
    office.observe(cluster);
    assertThat(office.actsByItself()).isTrue();
    assertThat(told).hasValue(1);

    cluster.move("node-2", NodeState.DEAD, "the test says so");
    office.observe(cluster);
    nanos.addAndGet(Duration.ofSeconds(119).toNanos());
    office.observe(cluster);
    assertThat(office.actsByItself()).isTrue();
    assertThat(office.status(cluster).modeBecause())
        .contains("one active node", "not yet for a whole load window of PT2M");
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    office.observe(cluster);

    assertThat(office.actsByItself()).isFalse();
    assertThat(told).hasValue(2);
  }

  @Test
  void anOrderAboutSomethingElseDoesNotEndTheModeEarly() {
    BalancingOffice office =
        following(
            Map.of(BalancingSetting.MODE, "intelligent", BalancingSetting.TIER, "enterprise"));
    cluster.add("node-2");
    office.observe(cluster);
    cluster.move("node-2", NodeState.DEAD, "the test says so");
    office.observe(cluster);

    office.order(set("preferLocal", true));
    assertThat(office.actsByItself()).isTrue();
    office.order(set("mode", "manual"));
    assertThat(office.actsByItself()).isFalse();
    assertThat(office.status(cluster).modeBecause()).isEqualTo("an operator set it");
  }

  @Test
  void manualModeKeepsWhatTheTierPrefersInsteadOfFollowingLoad() {
    BalancingOffice office = following(Map.of(BalancingSetting.ALGORITHM, "adaptive"));
    running.add(new WeightedRoundRobin(1));
    assertThat(office.inForce().strategy().strategyName()).isEqualTo("adaptive");

    office.order(set("mode", "manual"));

    assertThat(office.inForce().strategy().strategyName()).isEqualTo("weighted-round-robin");
    assertThat(office.status(cluster).algorithm()).isEqualTo("weighted-round-robin");
    assertThat(office.status(cluster).algorithmBecause())
        .startsWith("adaptive, but the mode is manual");
    assertThat(shown(office, "algorithm").value()).isEqualTo("adaptive");
    office.order(set("mode", "automatic"));
    assertThat(office.inForce().strategy().strategyName()).isEqualTo("adaptive");
  }

  @Test
  void manualModeDoesWithoutTheStrategyThatTheTierPrefersWhereItDoesNotRun() {
    BalancingOffice office =
        following(Map.of(BalancingSetting.ALGORITHM, "adaptive", BalancingSetting.MODE, "manual"));

    assertThat(office.inForce().strategy().strategyName()).isEqualTo("round-robin");
    assertThat(office.status(cluster).algorithm()).isEqualTo("round-robin");
    assertThat(office.status(cluster).algorithmBecause()).contains("weighted-round-robin");
  }

  @Test
  void adaptiveTellsWhatItMeansNow() {
    BalancingOffice office = following(Map.of(BalancingSetting.ALGORITHM, "adaptive"));

    assertThat(office.status(cluster).algorithm()).isEqualTo("weighted-round-robin");
    assertThat(office.status(cluster).algorithmBecause()).startsWith("adaptive: ");
    assertThat(shown(office, "algorithm").value()).isEqualTo("adaptive");
  }
}
