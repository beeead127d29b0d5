package io.datawarehouse.kernel.federation;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.affinity.AffinityPolicy;
import io.datawarehouse.kernel.balance.RoundRobinLoadBalancer;
import io.datawarehouse.kernel.cluster.PeerCircuit.State;
import io.datawarehouse.kernel.cluster.RouteAnswer;
import io.datawarehouse.kernel.cluster.RouteQuestion;
import io.datawarehouse.kernel.resilience.smallrye.SmallRyePeerGuard;
import io.datawarehouse.plugin.balancing.Adaptive;
import io.datawarehouse.plugin.balancing.ConsistentHashing;
import io.datawarehouse.plugin.balancing.LatencyBased;
import io.datawarehouse.plugin.balancing.LeastConnections;
import io.datawarehouse.plugin.balancing.RandomChoice;
import io.datawarehouse.plugin.balancing.ResourceAware;
import io.datawarehouse.plugin.balancing.RoundRobin;
import io.datawarehouse.plugin.balancing.WeightedRoundRobin;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests without a key under strategies that change, over real sockets. */
@Timeout(120)
class BalancedRequestTest {

  private static final Topic TOPIC = Topic.of("lab.ask");
  private static final int REQUESTS_EACH = 60;

  private final AtomicReference<FederatedMessageBus.Balancing> inForce =
      new AtomicReference<>(balancing(new RoundRobinLoadBalancer(), false));

  private static FederatedMessageBus.Balancing balancing(
      LoadBalancerStrategy strategy, boolean preferLocal) {
    return new FederatedMessageBus.Balancing(
        strategy, DeploymentTier.ENTERPRISE.defaults(), preferLocal, AffinityPolicy.none());
  }

  private static List<LoadBalancerStrategy> all() {
    return List.of(
        new RoundRobin(1),
        new LeastConnections(1),
        new WeightedRoundRobin(1),
        new LatencyBased(1),
        new ConsistentHashing(1, 128, ConsistentHashing.NO_BOUND),
        new RandomChoice(1, 2),
        new ResourceAware(1, 256),
        new Adaptive(1));
  }

  private Lab lab() throws Exception {
    Lab lab = Lab.of(plan -> plan.balancing = inForce::get, "a", "b", "c");
    for (LabNode node : lab.nodes()) {
      node.view("plugin")
          .handle(
              TOPIC,
              HandlerOptions.defaults(),
              MessageHandler.sync(m -> Reply.of(node.id.value())));
    }
    lab.awaitHandlers(TOPIC.name(), "a", "b", "c");
    return lab;
  }

  private static CompletableFuture<Reply> ask(Lab lab) {
    return lab.node("a")
        .view("plugin")
        .request(Message.query(TOPIC, Payload.empty()).build())
        .toCompletableFuture();
  }

  private void order(Lab lab, LoadBalancerStrategy strategy, boolean preferLocal) {
    inForce.set(balancing(strategy, preferLocal));
    lab.node("a").bus.refresh();
  }

  @Test
  void strategyChangesWhileRequestsAreUnderWayAndNoneIsLost() throws Exception {
    try (Lab lab = lab()) {
      List<CompletableFuture<Reply>> asked = new ArrayList<>();
      for (int round = 0; round < 5; round++) {
        for (LoadBalancerStrategy strategy : all()) {
          order(lab, strategy, false);
          for (int i = 0; i < REQUESTS_EACH; i++) {
            asked.add(ask(lab));
          }
        }
      }
      Map<String, Integer> answered = new TreeMap<>();
      for (CompletableFuture<Reply> reply : asked) {
        answered.merge(reply.get(30, TimeUnit.SECONDS).as(String.class), 1, Integer::sum);
      }

      assertThat(answered).containsOnlyKeys("a", "b", "c");
      assertThat(answered.values().stream().mapToInt(count -> count).sum())
          .isEqualTo(5 * all().size() * REQUESTS_EACH);
    }
  }

  @Test
  void everyStrategyUsesSeveralNodesAndTellsWhy() throws Exception {
    try (Lab lab = lab()) {
      for (LoadBalancerStrategy strategy : all()) {
        order(lab, strategy, false);
        Map<String, Integer> answered = new TreeMap<>();
        for (int i = 0; i < 60; i++) {
          answered.merge(ask(lab).get(20, TimeUnit.SECONDS).as(String.class), 1, Integer::sum);
        }
        RouteAnswer told = lab.node("a").bus.explain(new RouteQuestion(TOPIC, Optional.empty()));

        assertThat(answered).as(strategy.strategyName()).hasSizeGreaterThanOrEqualTo(2);
        assertThat(told.strategy()).isEqualTo(strategy.strategyName());
        assertThat(told.chosen()).isPresent();
        assertThat(told.candidates()).hasSize(3);
        assertThat(told.because()).isNotBlank();
      }
    }
  }

  @Test
  void preferenceForThisNodeIsFollowedAtOnce() throws Exception {
    try (Lab lab = lab()) {
      order(lab, new RoundRobin(1), true);
      for (int i = 0; i < 10; i++) {
        assertThat(ask(lab).get(20, TimeUnit.SECONDS).as(String.class)).isEqualTo("a");
      }
      assertThat(lab.node("a").bus.explain(new RouteQuestion(TOPIC, Optional.empty())).because())
          .contains("preferred");
    }
  }

  @Test
  void unhealthyNodesAreLeftOutAndWhereAllAreTheLeastBadIsChosenAndSaidSo() throws Exception {
    try (Lab lab = Lab.of(plan -> plan.balancing = inForce::get, "a", "b", "c")) {
      for (String name : List.of("b", "c")) {
        LabNode node = lab.node(name);
        node.view("plugin")
            .handle(TOPIC, HandlerOptions.defaults(), MessageHandler.sync(m -> Reply.of(name)));
      }
      lab.awaitHandlers(TOPIC.name(), "b", "c");
      for (LoadBalancerStrategy strategy : all()) {
        order(lab, strategy, false);
        ClusterLab.Seat seat = lab.node("a").seat;
        seat.judge(new NodeId("b"), NodeHealth.UNHEALTHY);
        seat.judge(new NodeId("c"), NodeHealth.HEALTHY);
        for (int i = 0; i < 10; i++) {
          assertThat(ask(lab).get(20, TimeUnit.SECONDS).as(String.class)).isEqualTo("c");
        }

        seat.judge(new NodeId("c"), NodeHealth.OFFLINE);
        assertThat(ask(lab).get(20, TimeUnit.SECONDS).as(String.class)).isEqualTo("b");
        RouteAnswer told = lab.node("a").bus.explain(new RouteQuestion(TOPIC, Optional.empty()));
        assertThat(told.chosen()).contains(new NodeId("b"));
        assertThat(told.because()).contains("least bad");
        assertThat(told.candidates()).allMatch(candidate -> candidate.excluded());
        RouteAnswer keyed = lab.node("a").bus.explain(new RouteQuestion(TOPIC, Optional.of("k")));
        assertThat(keyed.chosen()).contains(new NodeId("b"));
        assertThat(keyed.because()).contains("least bad");
      }
    }
  }

  @Test
  void topicThatStaysHereIsExplainedAsOne() throws Exception {
    try (Lab lab =
        Lab.of(plan -> plan.settings = s -> s.withStayingLocal(TOPIC::equals), "a", "b")) {
      RouteAnswer told = lab.node("a").bus.explain(new RouteQuestion(TOPIC, Optional.of("k")));

      assertThat(told.strategy()).isEqualTo("local");
      assertThat(told.chosen()).contains(new NodeId("a"));
      assertThat(told.segment()).isPresent();
      assertThat(told.because()).contains("stay on the node");
    }
  }

  @Test
  void requestsFailWithWhatTheGuardSaysWhereItRefusesAllNodesInReach() throws Exception {
    SmallRyePeerGuard guard =
        new SmallRyePeerGuard(
            new SmallRyePeerGuard.Settings(
                new CircuitBreakerSettings(3, Duration.ofMinutes(5), 1), 100),
            System::nanoTime,
            new RecordingMetrics());
    try (Lab lab =
        Lab.of(
            plan -> {
              plan.balancing = inForce::get;
              plan.guard = guard;
            },
            "a",
            "b",
            "c")) {
      for (String name : List.of("b", "c")) {
        lab.node(name)
            .view("plugin")
            .handle(TOPIC, HandlerOptions.defaults(), MessageHandler.sync(m -> Reply.of(name)));
        var unused = guard.order(new NodeId(name), TOPIC.name(), Optional.of(State.OPEN));
      }
      lab.awaitHandlers(TOPIC.name(), "b", "c");
      for (Message message :
          List.of(
              Message.query(TOPIC, Payload.empty()).build(),
              Message.query(TOPIC, Payload.empty()).affinityKey("k").build())) {
        assertThat(lab.node("a").view("plugin").request(message).toCompletableFuture())
            .failsWithin(Duration.ofSeconds(20))
            .withThrowableThat()
            .havingCause()
            .isInstanceOfSatisfying(
                WarehouseException.class,
                e -> assertThat(e.code()).isEqualTo(StandardErrorCode.CIRCUIT_OPEN));
      }
      assertThat(lab.node("a").bus.explain(new RouteQuestion(TOPIC, Optional.empty())).because())
          .contains("circuit");

      var unused = guard.order(new NodeId("c"), TOPIC.name(), Optional.empty());
      assertThat(ask(lab).get(20, TimeUnit.SECONDS).as(String.class)).isEqualTo("c");
    }
  }
}
