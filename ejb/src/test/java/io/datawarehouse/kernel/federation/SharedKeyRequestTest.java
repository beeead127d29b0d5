package io.datawarehouse.kernel.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.affinity.AffinityAnswer;
import io.datawarehouse.kernel.affinity.AffinityPolicy;
import io.datawarehouse.kernel.affinity.AffinityRules;
import io.datawarehouse.kernel.balance.RoundRobinLoadBalancer;
import io.datawarehouse.kernel.cluster.RouteAnswer;
import io.datawarehouse.kernel.cluster.RouteQuestion;
import io.datawarehouse.plugin.affinity.BySession;
import io.datawarehouse.plugin.affinity.ByTag;
import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.Stickiness;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that belong together because a provider says so, over real sockets. */
@Timeout(120)
class SharedKeyRequestTest {

  private static final Topic TOPIC = Topic.of("lab.ask");
  private static final Topic OWNED = Topic.of("lab.owned");
  private static final int SESSIONS = 40;
  private static final Map<String, String> TAGS = Map.of("provider", "session");

  private final AtomicBoolean tired = new AtomicBoolean();
  private final List<AffinityProvider> providers =
      List.of(new TiredProvider(tired), new ByTag("colour"));
  private final AtomicReference<AffinityPolicy> policy =
      new AtomicReference<>(policy("lab.**=session"));

  private AffinityPolicy policy(String rules) {
    return new AffinityPolicy(AffinityRules.parse(rules), providers);
  }

  /** Sessions, by a provider that may fail. */
  private record TiredProvider(AtomicBoolean tired) implements AffinityProvider {

    private static final BySession SESSIONS =
        new BySession("dw-session", new Stickiness.Pinned(Duration.ofHours(1), 1_000));

    @Override
    public String affinityName() {
      return "session";
    }

    @Override
    public String keyOf(Message message) {
      if (tired.get()) {
        throw new IllegalStateException("the test makes it fail");
      }
      return SESSIONS.keyOf(message);
    }

    @Override
    public Stickiness stickiness() {
      return SESSIONS.stickiness();
    }
  }

  private void plan(LabNode.Plan plan) {
    plan.balancing =
        () ->
            new FederatedMessageBus.Balancing(
                new RoundRobinLoadBalancer(),
                DeploymentTier.ENTERPRISE.defaults(),
                false,
                policy.get());
    plan.settings = settings -> settings.withOwnerOnly(OWNED::equals);
  }

  private static void answer(LabNode node) {
    for (Topic topic : List.of(TOPIC, OWNED)) {
      node.view("plugin")
          .handle(
              topic,
              HandlerOptions.defaults(),
              MessageHandler.sync(m -> Reply.of(node.id.value())));
    }
  }

  private Lab lab(String... names) throws Exception {
    Lab lab = Lab.of(this::plan, names);
    lab.nodes().forEach(SharedKeyRequestTest::answer);
    lab.awaitHandlers(TOPIC.name(), names);
    lab.awaitHandlers(OWNED.name(), names);
    return lab;
  }

  private void order(Lab lab, String rules) {
    policy.set(policy(rules));
    lab.nodes().forEach(node -> node.bus.refresh());
  }

  private static String ask(LabNode from, Message message) throws Exception {
    return from.view("plugin")
        .request(message)
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS)
        .as(String.class);
  }

  private static Message message(String header, String value) {
    return Message.query(TOPIC, Payload.empty()).headers(Map.of(header, value)).build();
  }

  private static Map<String, String> sessions(LabNode from) throws Exception {
    Map<String, String> answeredBy = new TreeMap<>();
    for (int i = 0; i < SESSIONS; i++) {
      String session = "s" + i;
      answeredBy.put(session, ask(from, message("dw-session", session)));
    }
    return answeredBy;
  }

  @Test
  void sessionStaysWithItsNodeWhicheverNodeItsMessagesComeThrough() throws Exception {
    try (Lab lab = lab("a", "b", "c")) {
      Map<String, String> first = sessions(lab.node("a"));

      assertThat(new HashSet<>(first.values())).containsExactlyInAnyOrder("a", "b", "c");
      assertThat(sessions(lab.node("a"))).isEqualTo(first);
      assertThat(sessions(lab.node("b"))).isEqualTo(first);
      assertThat(sessions(lab.node("c"))).isEqualTo(first);
    }
  }

  @Test
  void onlySessionsOfTheNodeThatIsOutOfServiceMoveAndTheyStayWhereTheyAreThen() throws Exception {
    try (Lab lab = lab("a", "b", "c")) {
      LabNode a = lab.node("a");
      Map<String, String> before = sessions(a);
      NodeId sick = new NodeId("b");

      a.seat.judge(sick, NodeHealth.UNHEALTHY);
      Map<String, String> without = sessions(a);
      a.seat.judge(sick, NodeHealth.HEALTHY);

      before.forEach(
          (session, node) -> {
            if (node.equals("b")) {
              assertThat(without.get(session)).as(session).isNotEqualTo("b");
            } else {
              assertThat(without).containsEntry(session, node);
            }
          });
      assertThat(sessions(a)).isEqualTo(without);
      assertThat(a.metrics.count("affinity.moved", TAGS))
          .isEqualTo(before.values().stream().filter("b"::equals).count());
    }
  }

  @Test
  void crashOfANodeLosesNoRequestAndMovesItsSessionsAlone() throws Exception {
    try (Lab lab = lab("a", "b", "c")) {
      LabNode a = lab.node("a");
      Map<String, String> before = sessions(a);
      lab.crash("c");

      // The link may still seem to stand: what is sent to it then is sent again elsewhere.
      Map<String, String> without = sessions(a);

      before.forEach(
          (session, node) -> {
            if (!node.equals("c")) {
              assertThat(without).containsEntry(session, node);
            }
          });
      assertThat(without.values()).doesNotContain("c");
      lab.cluster.move(new NodeId("c"), NodeState.DEAD);
      assertThat(sessions(a)).isEqualTo(without);
    }
  }

  @Test
  void sessionsOfTheOnlyNodeStayWhenAnotherJoins() throws Exception {
    try (Lab lab = lab("a")) {
      LabNode a = lab.node("a");
      assertThat(new HashSet<>(sessions(a).values())).containsExactly("a");

      LabNode.Plan plan = new LabNode.Plan();
      plan(plan);
      answer(lab.start("b", plan));
      lab.awaitLinks();
      lab.awaitHandlers(TOPIC.name(), "a", "b");

      assertThat(new HashSet<>(sessions(a).values())).containsExactly("a");
      Set<String> ofNewOnes = new HashSet<>();
      for (int i = 0; i < SESSIONS; i++) {
        ofNewOnes.add(ask(a, message("dw-session", "new" + i)));
      }
      assertThat(ofNewOnes).containsExactlyInAnyOrder("a", "b");
    }
  }

  @Test
  void ownKeyOfAMessageWinsAndMessagesWithoutASessionAreSpread() throws Exception {
    try (Lab lab = lab("a", "b", "c")) {
      LabNode a = lab.node("a");
      Message both = message("dw-session", "s1").copy().affinityKey("own").build();
      String owner =
          a.bus
              .explain(new RouteQuestion(TOPIC, Optional.of("own")))
              .chosen()
              .orElseThrow()
              .value();

      assertThat(ask(a, both)).isEqualTo(owner);
      Set<String> spread = new HashSet<>();
      for (int i = 0; i < 6; i++) {
        spread.add(ask(a, message("dw-session", "")));
      }
      assertThat(spread).containsExactlyInAnyOrder("a", "b", "c");
      assertThat(a.metrics.count("affinity.failures", TAGS)).isZero();
    }
  }

  @Test
  void providerThatFailsIsCountedAndItsMessagesGoWithoutIt() throws Exception {
    try (Lab lab = lab("a", "b")) {
      LabNode a = lab.node("a");
      tired.set(true);

      Set<String> spread = new HashSet<>();
      for (int i = 0; i < 4; i++) {
        spread.add(ask(a, message("dw-session", "s1")));
      }

      assertThat(spread).containsExactlyInAnyOrder("a", "b");
      assertThat(a.metrics.count("affinity.failures", TAGS)).isEqualTo(4);
    }
  }

  @Test
  void rulesChangeWhileTheNodeRunsAndSessionsAreRememberedMeanwhile() throws Exception {
    try (Lab lab = lab("a", "b", "c")) {
      LabNode a = lab.node("a");
      Map<String, String> before = sessions(a);
      a.seat.judge(new NodeId("b"), NodeHealth.OFFLINE);
      Map<String, String> moved = sessions(a);
      a.seat.judge(new NodeId("b"), NodeHealth.HEALTHY);

      order(lab, "lab.*=session,lab.ask=tag");
      Set<String> together = new HashSet<>();
      for (int i = 0; i < 6; i++) {
        together.add(ask(a, message("colour", "blue")));
      }
      assertThat(together).hasSize(1);
      order(lab, "");
      assertThat(new HashSet<>(sessions(a).values())).hasSize(3);
      order(lab, "lab.**=session");

      assertThat(sessions(a)).isEqualTo(moved).isNotEqualTo(before);
    }
  }

  @Test
  void explanationTellsProviderKeyAndWhoKeepsIt() throws Exception {
    try (Lab lab = lab("a", "b", "c")) {
      LabNode a = lab.node("a");
      RouteQuestion question =
          new RouteQuestion(TOPIC, Optional.empty(), Map.of("DW-Session", "s1"));
      RouteAnswer before = a.bus.explain(question);
      assertThat(before.affinity().orElseThrow().pinned()).isFalse();
      assertThat(before.strategy()).isEqualTo("affinity");
      assertThat(before.key()).isEmpty();

      String node = ask(a, message("dw-session", "s1"));

      assertThat(before.chosen()).contains(new NodeId(node));
      RouteAnswer after = a.bus.explain(question);
      AffinityAnswer affinity = after.affinity().orElseThrow();
      assertThat(affinity.provider()).isEqualTo("session");
      assertThat(affinity.rule()).isEqualTo("lab.**");
      assertThat(affinity.key()).contains("s1");
      assertThat(affinity.pinned()).isTrue();
      assertThat(affinity.node()).contains(new NodeId(node));
      assertThat(affinity.since()).isPresent();
      assertThat(after.chosen()).contains(new NodeId(node));
      assertThat(after.because()).contains("stays with it");
      assertThat(after.candidates()).hasSize(3);
    }
  }

  @Test
  void explanationTellsWhereAKeyWillMoveAndMovesNothing() throws Exception {
    try (Lab lab = lab("a", "b", "c")) {
      LabNode a = lab.node("a");
      RouteQuestion question =
          new RouteQuestion(TOPIC, Optional.empty(), Map.of("dw-session", "s1"));
      Map<String, String> before = sessions(a);
      String remote =
          before.entrySet().stream()
              .filter(entry -> !entry.getValue().equals("a"))
              .findFirst()
              .orElseThrow()
              .getKey();
      RouteQuestion asked =
          new RouteQuestion(TOPIC, Optional.empty(), Map.of("dw-session", remote));
      NodeId keeper = new NodeId(before.get(remote));
      a.seat.judge(keeper, NodeHealth.OFFLINE);

      RouteAnswer told = a.bus.explain(asked);

      assertThat(told.because()).contains("out of service", keeper.value());
      assertThat(told.chosen()).isPresent().isNotEqualTo(Optional.of(keeper));
      assertThat(told.affinity().orElseThrow().node()).contains(keeper);
      a.seat.judge(keeper, NodeHealth.HEALTHY);
      assertThat(ask(a, message("dw-session", remote))).isEqualTo(keeper.value());
      assertThat(a.bus.explain(question).affinity()).isPresent();
    }
  }

  @Test
  void topicsOfOwnersAloneAndTopicsWithoutARuleAreUntouched() throws Exception {
    try (Lab lab = lab("a", "b")) {
      LabNode a = lab.node("a");

      assertThat(
              a.bus
                  .explain(new RouteQuestion(OWNED, Optional.empty(), Map.of("dw-session", "s1")))
                  .affinity())
          .isEmpty();
      order(lab, "other.*=session");
      assertThat(
              a.bus
                  .explain(new RouteQuestion(TOPIC, Optional.empty(), Map.of("dw-session", "s1")))
                  .affinity())
          .isEmpty();
      assertThatThrownBy(
              () -> a.bus.explain(new RouteQuestion(TOPIC, Optional.empty(), Map.of("a\nb", "s1"))))
          .hasMessageContaining("headers");
    }
  }
}
