package io.datawarehouse.sdk.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * A use of membership, health and placement together: a job that every node could do and that the
 * primary owner of its key does, while nodes fall silent and come back.
 */
class ClusterContextUseTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");

  private final AtomicReference<Instant> now = new AtomicReference<>(START);
  private final Nodes nodes = new Nodes();
  private final SilenceMonitor monitor = new SilenceMonitor();
  private final ClusterContext onA = new View(A);
  private final ClusterContext onB = new View(B);

  @Test
  void exactlyOneNodeDoesTheJobAlsoWhenNodesComeAndGo() {
    assertThat(doers()).hasSize(1);
    nodes.move(B, NodeState.SUSPECT, "silent");
    assertThat(doers()).containsExactly(A);
    nodes.move(B, NodeState.ACTIVE, "heard again");
    assertThat(doers()).hasSize(1);
  }

  @Test
  void listenerHearsChangesInOrderWithAGrowingTopology() {
    List<String> heard = new ArrayList<>();
    List<Long> topologies = new ArrayList<>();
    Watch watch =
        onA.membership()
            .watch(
                change -> {
                  heard.add(change.before().orElseThrow() + ">" + change.node().state());
                  topologies.add(change.view().topologyId());
                });
    nodes.move(B, NodeState.DRAINING, "scaled in");
    nodes.move(B, NodeState.LEFT, "drained");
    watch.close();
    nodes.move(A, NodeState.DRAINING, "nobody listens any more");

    assertThat(heard).containsExactly("ACTIVE>DRAINING", "DRAINING>LEFT");
    assertThat(topologies).isSorted().doesNotHaveDuplicates();
    assertThat(onA.membership().history(B))
        .extracting(change -> change.node().reason())
        .containsExactly("test", "scaled in", "drained");
  }

  @Test
  void silentNodeIsJudgedOfflineAndOneThatIsHeardAgainHealthy() {
    List<NodeHealth> heard = new ArrayList<>();
    Watch watch = onA.health().watch(report -> heard.add(report.health()));
    assertThat(onA.health().health(B)).isEqualTo(NodeHealth.UNKNOWN);
    monitor.accept(B, new HealthEvidence.Heartbeat(1, NodeLoad.idle()));
    now.set(START.plusSeconds(5));
    assertThat(onA.health().health(B)).isEqualTo(NodeHealth.OFFLINE);
    monitor.accept(B, new HealthEvidence.Answered(Duration.ofMillis(3)));
    assertThat(onA.health().health(B)).isEqualTo(NodeHealth.HEALTHY);
    monitor.accept(B, new HealthEvidence.Lost("connection reset"));
    monitor.accept(new NodeId("stranger"), new HealthEvidence.Failed("ignored"));
    watch.close();
    assertThat(heard).containsExactly(NodeHealth.HEALTHY, NodeHealth.HEALTHY, NodeHealth.OFFLINE);
    HealthReport report = onA.health().report(B).orElseThrow();
    assertThat(report.reason()).isEqualTo("connection reset");
    assertThat(report.load()).contains(NodeLoad.idle());
    assertThat(onA.health().report(new NodeId("stranger"))).isEmpty();
  }

  private List<NodeId> doers() {
    return List.of(onA, onB).stream()
        .filter(context -> context.isPrimary("job/nightly"))
        .filter(context -> nodes.view().find(context.localNodeId()).orElseThrow().state().member())
        .map(ClusterContext::localNodeId)
        .toList();
  }

  /** A membership that the test changes. */
  private static final class Nodes implements ClusterMembership {
    private ClusterView view =
        new ClusterView(
            1,
            List.of(
                ClusterValuesTest.node(A, NodeState.ACTIVE),
                ClusterValuesTest.node(B, NodeState.ACTIVE)));
    private final List<MembershipChange> history = new ArrayList<>();
    private final List<Consumer<MembershipChange>> listeners = new CopyOnWriteArrayList<>();

    Nodes() {
      view.nodes().forEach(node -> history.add(new MembershipChange(node, Optional.empty(), view)));
    }

    void move(NodeId id, NodeState state, String why) {
      ClusterNode before = view.find(id).orElseThrow();
      ClusterNode after = before.moved(state, START, why);
      List<ClusterNode> all = new ArrayList<>(view.nodes());
      all.replaceAll(node -> node.id().equals(id) ? after : node);
      view = new ClusterView(view.topologyId() + 1, all);
      MembershipChange change = new MembershipChange(after, Optional.of(before.state()), view);
      history.add(change);
      listeners.forEach(listener -> listener.accept(change));
    }

    @Override
    public NodeId localNodeId() {
      return A;
    }

    @Override
    public ClusterView view() {
      return view;
    }

    @Override
    public List<MembershipChange> history(NodeId node) {
      return history.stream().filter(change -> change.node().id().equals(node)).toList();
    }

    @Override
    public Watch watch(Consumer<MembershipChange> listener) {
      listeners.add(listener);
      return () -> listeners.remove(listener);
    }
  }

  /** Judges by silence alone: three seconds are too long. */
  private final class SilenceMonitor implements NodeHealthMonitor, NodeHealthMonitor.Feed {
    private final Map<NodeId, HealthReport> reports = new HashMap<>();
    private final List<Consumer<HealthReport>> listeners = new CopyOnWriteArrayList<>();

    @Override
    public void accept(NodeId node, HealthEvidence evidence) {
      if (nodes.view().find(node).isEmpty()) {
        return;
      }
      Optional<NodeLoad> known = Optional.ofNullable(reports.get(node)).flatMap(HealthReport::load);
      Optional<NodeLoad> load =
          evidence instanceof HealthEvidence.Heartbeat beat ? Optional.of(beat.load()) : known;
      String reason = "heard";
      NodeHealth health = NodeHealth.HEALTHY;
      if (evidence instanceof HealthEvidence.Lost lost) {
        health = NodeHealth.OFFLINE;
        reason = lost.detail();
      }
      HealthReport report = new HealthReport(node, health, 0, load, Optional.of(now.get()), reason);
      reports.put(node, report);
      listeners.forEach(listener -> listener.accept(report));
    }

    @Override
    public NodeHealth health(NodeId node) {
      HealthReport report = reports.get(node);
      if (report == null) {
        return NodeHealth.UNKNOWN;
      }
      Duration silence = Duration.between(report.lastHeard().orElseThrow(), now.get());
      return silence.compareTo(Duration.ofSeconds(3)) > 0 ? NodeHealth.OFFLINE : report.health();
    }

    @Override
    public Optional<HealthReport> report(NodeId node) {
      return Optional.ofNullable(reports.get(node));
    }

    @Override
    public List<HealthReport> reports() {
      return List.copyOf(reports.values());
    }

    @Override
    public Optional<String> brake() {
      return Optional.empty();
    }

    @Override
    public Watch watch(Consumer<HealthReport> listener) {
      listeners.add(listener);
      return () -> listeners.remove(listener);
    }
  }

  /** The cluster from one node's side. */
  private final class View implements ClusterContext {
    private final NodeId self;

    View(NodeId self) {
      this.self = self;
    }

    @Override
    public NodeId localNodeId() {
      return self;
    }

    @Override
    public boolean clustered() {
      return true;
    }

    @Override
    public ClusterMembership membership() {
      return nodes;
    }

    @Override
    public NodeHealthMonitor health() {
      return monitor;
    }

    @Override
    public Leadership leadership() {
      return new Leadership(Optional.of(A), 1, 2, true);
    }

    @Override
    public Placement placement() {
      ClusterView view = nodes.view();
      return new Placement() {
        @Override
        public long topologyId() {
          return view.topologyId();
        }

        @Override
        public int segments() {
          return 16;
        }

        @Override
        public List<NodeId> owners(int segment) {
          List<ClusterNode> active = view.active();
          return List.of(active.get(segment % active.size()).id());
        }
      };
    }
  }
}
