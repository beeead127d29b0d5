package io.datawarehouse.kernel.federation;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.affinity.Affinities;
import io.datawarehouse.kernel.affinity.Affinity;
import io.datawarehouse.kernel.affinity.AffinityPolicy;
import io.datawarehouse.kernel.affinity.AffinityRules;
import io.datawarehouse.kernel.balance.RoundRobinLoadBalancer;
import io.datawarehouse.plugin.affinity.BySession;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.CandidateTable.Candidate;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.Stickiness;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.testkit.contract.Allocations;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where keys go while nodes come and go, without a network. */
class CompanyTest {

  private static final Topic TOPIC = Topic.of("work.do");
  private static final Map<String, String> TAGS = Map.of("provider", "session");
  private static final int NODES = 8;
  private static final int KEYS = 2_000;
  private static final Duration IDLE = Duration.ofMinutes(10);

  private final AtomicLong nanos = new AtomicLong();
  private final ClusterLab cluster = new ClusterLab();
  private final ClusterLab.Seat seat;
  private final Map<NodeId, PeerNode> nodes = new HashMap<>();
  private final Set<NodeId> full = new HashSet<>();
  private final Set<NodeId> handlers = new HashSet<>();
  private final RecordingMetrics metrics = new RecordingMetrics();

  CompanyTest() {
    for (int i = 0; i < NODES; i++) {
      NodeId id = new NodeId("node-" + i);
      PeerNode node = new PeerNode(id, i == 0);
      node.link = i == 0 ? null : new IdleLink(id);
      nodes.put(id, node);
      handlers.add(id);
    }
    seat = cluster.join(new NodeId("node-0"), 1, Map.of());
    nodes.keySet().stream()
        .filter(id -> !id.equals(seat.localNodeId()))
        .forEach(id -> cluster.join(id, 1, Map.of()));
  }

  /** How a node goes out of service. */
  private enum Exit {
    LEAVES,
    DRAINS,
    SICKENS,
    IS_CUT_OFF
  }

  private void out(Exit exit, NodeId id) {
    PeerNode node = nodes.get(id);
    switch (exit) {
      case LEAVES -> handlers.remove(id);
      case DRAINS -> node.draining = true;
      case SICKENS -> seat.judge(id, NodeHealth.UNHEALTHY);
      case IS_CUT_OFF -> node.link = null;
    }
    if (exit == Exit.LEAVES) {
      cluster.move(id, NodeState.LEFT);
    }
  }

  private void back(Exit exit, NodeId id) {
    PeerNode node = nodes.get(id);
    handlers.add(id);
    node.draining = false;
    seat.judge(id, NodeHealth.HEALTHY);
    node.link = new IdleLink(id);
    if (exit == Exit.LEAVES) {
      cluster.move(id, NodeState.ACTIVE);
    }
  }

  private Affinity affinity(Stickiness stickiness) {
    return new Affinities(nanos::get, metrics)
        .assign(
            new AffinityPolicy(
                AffinityRules.parse("**=session"), List.of(new BySession("s", stickiness))),
            TOPIC)
        .orElseThrow()
        .affinity()
        .orElseThrow();
  }

  private Affinity pinning(int mostKeys) {
    return affinity(new Stickiness.Pinned(IDLE, mostKeys));
  }

  private Route route() {
    List<Route.Target> targets = new ArrayList<>();
    handlers.stream()
        .sorted()
        .forEach(
            id ->
                targets.add(
                    new Route.Target(
                        nodes.get(id),
                        true,
                        new Candidate(id, 1, "default", nodes.get(id).local))));
    return new Route(
        TOPIC,
        false,
        targets,
        new CandidateTable(1, targets.stream().map(Route.Target::candidate).toList()),
        new FederatedMessageBus.Balancing(
            new RoundRobinLoadBalancer(), DeploymentTier.SMB.defaults()),
        Optional.empty(),
        new Route.Judges(
            seat.health(),
            new FullNodes(full),
            this::inService,
            new LastResorts(nanos::get, metrics)));
  }

  private boolean inService(NodeId id) {
    return seat.membership().view().find(id).orElseThrow().state().takesRequests()
        && nodes.get(id).inService(seat.health());
  }

  private Map<String, NodeId> send(Affinity affinity, List<String> keys) {
    Route route = route();
    Map<String, NodeId> went = new HashMap<>();
    for (String key : keys) {
      PeerNode node = Company.choose(route, affinity, key, seat.placement(), null);
      assertThat(node).as(key).isNotNull();
      went.put(key, node.id);
    }
    return went;
  }

  private static List<String> keys(long seed) {
    Random random = new Random(seed);
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      keys.add(Long.toHexString(random.nextLong()));
    }
    return keys;
  }

  private static Set<String> keysOf(Map<String, NodeId> went, NodeId node) {
    Set<String> keys = new HashSet<>();
    went.forEach((key, at) -> keys.addAll(at.equals(node) ? Set.of(key) : Set.of()));
    return keys;
  }

  private static Set<String> moved(Map<String, NodeId> before, Map<String, NodeId> after) {
    Set<String> moved = new HashSet<>();
    before.forEach((key, at) -> moved.addAll(at.equals(after.get(key)) ? Set.of() : Set.of(key)));
    return moved;
  }

  @ParameterizedTest
  @EnumSource(Exit.class)
  void oneNodeOutOfServiceMovesItsKeysAloneAndNoneWhenItIsBack(Exit exit) {
    for (long seed = 1; seed <= 5; seed++) {
      List<String> keys = keys(seed);
      NodeId victim = new NodeId("node-" + (1 + new Random(seed).nextInt(NODES - 1)));
      Affinity affinity = pinning(10_000);
      Map<String, NodeId> before = send(affinity, keys);
      double counted = metrics.count("affinity.moved", TAGS);

      out(exit, victim);
      Map<String, NodeId> without = send(affinity, keys);
      Map<String, NodeId> again = send(affinity, keys);
      back(exit, victim);
      Map<String, NodeId> after = send(affinity, keys);

      assertThat(moved(before, without))
          .as("%s %s, seed %d", victim, exit, seed)
          .isEqualTo(keysOf(before, victim))
          .isNotEmpty();
      assertThat(without.values()).doesNotContain(victim);
      assertThat(new HashSet<>(without.values())).as("spread").hasSize(NODES - 1);
      assertThat(again).isEqualTo(without);
      assertThat(after).as("moved keys stay where they are now").isEqualTo(without);
      assertThat(metrics.count("affinity.moved", TAGS) - counted)
          .isEqualTo(keysOf(before, victim).size());
    }
  }

  @ParameterizedTest
  @EnumSource(Exit.class)
  void byHashKeysOfTheNodeComeBackWithItAndNoOthersMove(Exit exit) {
    List<String> keys = keys(7);
    NodeId victim = new NodeId("node-3");
    Affinity affinity = affinity(new Stickiness.ByHash());
    Map<String, NodeId> before = send(affinity, keys);

    out(exit, victim);
    Map<String, NodeId> without = send(affinity, keys);
    back(exit, victim);

    assertThat(moved(before, without)).isEqualTo(keysOf(before, victim)).isNotEmpty();
    assertThat(send(affinity, keys)).isEqualTo(before);
  }

  @Test
  void nodesThroughWhichMessagesComeBeginWithTheSameNodeForAKey() {
    List<String> keys = keys(11);
    List<String> shuffled = new ArrayList<>(keys);
    Collections.shuffle(shuffled, new Random(12));

    assertThat(send(pinning(10_000), shuffled)).isEqualTo(send(pinning(10_000), keys));
  }

  @Test
  void newNodeTakesNoKeyThatHasItsNode() {
    NodeId late = new NodeId("node-5");
    List<String> keys = keys(13);
    out(Exit.LEAVES, late);
    Affinity affinity = pinning(10_000);
    Map<String, NodeId> before = send(affinity, keys);

    back(Exit.LEAVES, late);

    assertThat(send(affinity, keys)).isEqualTo(before);
    assertThat(send(affinity, keys(14)).values()).as("new keys use it").contains(late);
  }

  @Test
  void nodeThatLetsNothingThroughOrDoesNotHandleTheTopicKeepsItsKeys() {
    List<String> keys = keys(17);
    NodeId busy = new NodeId("node-2");
    Affinity affinity = pinning(10_000);
    Map<String, NodeId> before = send(affinity, keys);

    full.add(busy);
    assertThat(send(affinity, keys).values()).doesNotContain(busy);
    full.clear();
    handlers.remove(busy);
    assertThat(send(affinity, keys).values()).doesNotContain(busy);
    handlers.add(busy);

    assertThat(send(affinity, keys)).isEqualTo(before);
    assertThat(metrics.count("affinity.moved", TAGS)).isZero();
  }

  @Test
  void messageThatFailedAtItsNodeGoesElsewhereAloneAndTheKeyStays() {
    Affinity affinity = pinning(10);
    NodeId first = send(affinity, List.of("k")).get("k");
    RemoteCall failed = new RemoteCall(Message.query(TOPIC, Payload.empty()).build(), null, null);
    failed.avoid(first);

    PeerNode other = Company.choose(route(), affinity, "k", seat.placement(), failed);

    assertThat(other.id).isNotEqualTo(first);
    assertThat(send(affinity, List.of("k"))).containsEntry("k", first);
  }

  @Test
  void noNodeInReachFailsTheMessageAndForgetsNothing() {
    Affinity affinity = pinning(10);
    NodeId first = send(affinity, List.of("k")).get("k");
    handlers.removeIf(id -> !id.equals(first) || id.value().equals("node-0"));
    Set<NodeId> alone = new HashSet<>(handlers);
    alone.forEach(id -> nodes.get(id).link = null);

    assertThat(Company.choose(route(), affinity, "k", seat.placement(), null)).isNull();
    alone.forEach(id -> nodes.get(id).link = new IdleLink(id));

    assertThat(send(affinity, List.of("k"))).containsEntry("k", first);
  }

  @Test
  void keysThatAreForgottenAreChosenAnew() {
    NodeId victim = new NodeId("node-4");
    List<String> keys = keys(19);
    Affinity affinity = pinning(10_000);
    Map<String, NodeId> before = send(affinity, keys);
    out(Exit.DRAINS, victim);
    send(affinity, keys);
    back(Exit.DRAINS, victim);

    nanos.addAndGet(IDLE.toNanos());

    assertThat(send(affinity, keys)).isEqualTo(before);
  }

  @Test
  void choosingTheNodeOfAPinnedKeyAllocatesNothing() {
    Affinity affinity = pinning(10_000);
    String[] keys = keys(23).toArray(String[]::new);
    send(affinity, List.of(keys));
    Route route = route();
    Placement placement = seat.placement();

    Allocations.requireNone(
        "choose(pinned key)",
        i -> Company.choose(route, affinity, keys[i % keys.length], placement, null));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100})
  void tableNeverGrowsOverItsLimitAndMessagesStillGo(int mostKeys) {
    Affinity affinity = pinning(mostKeys);

    assertThat(send(affinity, keys(29))).hasSize(KEYS);
    assertThat(affinity.pins().size()).isLessThanOrEqualTo(mostKeys);
  }
}
