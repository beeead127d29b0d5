package io.datawarehouse.kernel.federation;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.balance.RoundRobinLoadBalancer;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.CandidateTable.Candidate;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.text.MessageFormat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** Who is chosen where nobody is usable, without a network. */
class RouteTest {

  private static final Topic TOPIC = Topic.of("work.do");
  private static final String COUNTED = "bus.balancing.least.bad";

  private final AtomicLong nanos = new AtomicLong();
  private final ClusterLab cluster = new ClusterLab();
  private final ClusterLab.Seat seat = cluster.join(new NodeId("node-0"), 1, Map.of());
  private final Map<NodeId, PeerNode> nodes = new HashMap<>();
  private final Set<NodeId> inactive = new HashSet<>();
  private final Set<NodeId> full = new HashSet<>();
  private final RecordingMetrics metrics = new RecordingMetrics();
  private final LastResorts lastResorts = new LastResorts(nanos::get, metrics);

  /** How a node looks from here. */
  private record Look(NodeHealth health, boolean draining, boolean active) {

    static List<Look> all() {
      List<Look> all = new ArrayList<>();
      for (NodeHealth health : NodeHealth.values()) {
        for (boolean flag : new boolean[] {true, false}) {
          all.add(new Look(health, flag, true));
          all.add(new Look(health, flag, false));
        }
      }
      return all;
    }

    /** One that says nothing is the worst, one that says that it refuses the next. */
    static final Comparator<Look> WORSE =
        Comparator.<Look, Boolean>comparing(look -> look.health == NodeHealth.OFFLINE)
            .thenComparing(look -> look.draining)
            .thenComparing(look -> look.health == NodeHealth.UNHEALTHY)
            .thenComparing(look -> !look.active)
            .thenComparing(look -> look.health == NodeHealth.DEGRADED);
  }

  private NodeId peer(String name) {
    NodeId id = new NodeId(name);
    PeerNode node = new PeerNode(id, false);
    node.link = new IdleLink(id);
    nodes.put(id, node);
    cluster.join(id, 1, Map.of());
    return id;
  }

  private void look(NodeId id, Look look) {
    seat.judge(id, look.health);
    nodes.get(id).draining = look.draining;
    if (look.active) {
      inactive.remove(id);
    } else {
      inactive.add(id);
    }
  }

  private Route route() {
    return route(new FullNodes(full));
  }

  private Route route(PeerGuard guard) {
    List<Route.Target> targets =
        nodes.keySet().stream()
            .sorted()
            .map(
                id ->
                    new Route.Target(
                        nodes.get(id),
                        !inactive.contains(id),
                        new Candidate(id, 1, "default", false)))
            .toList();
    return new Route(
        TOPIC,
        false,
        targets,
        new CandidateTable(1, targets.stream().map(Route.Target::candidate).toList()),
        new FederatedMessageBus.Balancing(
            new RoundRobinLoadBalancer(), DeploymentTier.SMB.defaults()),
        Optional.empty(),
        new Route.Judges(seat.health(), guard, id -> !inactive.contains(id), lastResorts));
  }

  @Test
  void ofAnyTwoNodesTheLessBadIsTheLastResort() {
    NodeId one = peer("node-1");
    NodeId other = peer("node-2");
    for (Look first : Look.all()) {
      for (Look second : Look.all()) {
        look(one, first);
        look(other, second);
        int order = Look.WORSE.compare(first, second);
        if (order != 0) {
          assertThat(route().leastBad().id)
              .as("%s and %s", first, second)
              .isEqualTo(order < 0 ? one : other);
        }
      }
    }
  }

  @Test
  void frozenNodeIsNotPreferredToOnesThatComeOrGo() {
    NodeId frozen = peer("node-1");
    NodeId draining = peer("node-2");
    look(frozen, new Look(NodeHealth.OFFLINE, false, true));
    look(draining, new Look(NodeHealth.HEALTHY, true, false));

    assertThat(route().balanced(false, null).id).isEqualTo(draining);
    for (int key = 0; key < 20; key++) {
      long hash = KeyHash.of("key-" + key);
      assertThat(route().affine(List.of(frozen), hash, null).id).isEqualTo(draining);
    }
  }

  @Test
  void messagesToTheLeastBadAreCountedAndToldEveryTenSecondsAtMostButNotExplanations() {
    NodeId sick = peer("node-1");
    look(sick, new Look(NodeHealth.UNHEALTHY, false, true));
    Route route = route();
    List<String> told = new ArrayList<>();

    try (Told log = new Told(told)) {
      assertThat(log.told).isEmpty();
      for (int i = 0; i < 100; i++) {
        route.balanced(false, null);
        route.affine(List.of(sick), i, null);
        route.leastBad();
        route.wouldBeAffine(List.of(sick), i);
      }
      assertThat(metrics.count(COUNTED, Map.of())).isEqualTo(200);
      assertThat(told).hasSize(1);
      nanos.addAndGet(Duration.ofSeconds(10).toNanos());
      route.balanced(false, null);
    }

    assertThat(told).hasSize(2);
    assertThat(told.get(1)).contains("200 requests", "work.do", "node-1", "UNHEALTHY");
  }

  @Test
  void messagesToUsableNodesAreNotCounted() {
    NodeId well = peer("node-1");
    peer("node-2");
    Route route = route();

    route.balanced(false, null);
    route.affine(List.of(well), 1, null);

    assertThat(metrics.count(COUNTED, Map.of())).isZero();
  }

  @Test
  void whereTheGuardRefusesAllInReachItsReasonIsTold() {
    full.add(peer("node-1"));
    NodeId cut = peer("node-2");
    nodes.get(cut).link = null;
    Route route = route();

    assertThat(route.balanced(false, null)).isNull();
    assertThat(route.affine(List.of(cut), 1, null)).isNull();
    WarehouseException refusal = route.refusal(null);
    assertThat(refusal).isNotNull();
    assertThat(refusal.code()).isEqualTo(StandardErrorCode.CIRCUIT_OPEN);
    assertThat(refusal.detail()).contains("node-1");
  }

  @Test
  void whereNobodyIsInReachThereIsNoRefusal() {
    NodeId cut = peer("node-1");
    nodes.get(cut).link = null;
    full.add(cut);

    assertThat(route().refusal(null)).isNull();
  }

  /** Hears what is told of last resorts, and keeps it off the console. */
  private static final class Told extends Handler implements AutoCloseable {

    private final Logger logger = Logger.getLogger(LastResorts.class.getName());
    private final List<String> told;

    Told(List<String> told) {
      this.told = told;
      logger.setUseParentHandlers(false);
      logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord line) {
      told.add(MessageFormat.format(line.getMessage(), line.getParameters()));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      logger.removeHandler(this);
      logger.setUseParentHandlers(true);
    }
  }
}
