package io.datawarehouse.testkit.cluster;

import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.HealthReport;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.MembershipChange;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeHealthMonitor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.cluster.Watch;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * A cluster as a plugin sees it, changed by the test. At first it is the one node of a kernel that
 * works alone; the first other node makes it a cluster. Active nodes own the segments in turns, two
 * copies each; the first active one leads. Thread-safe; listeners are told on the thread that
 * changes something.
 */
public final class FakeCluster implements ClusterContext {

  private static final int SEGMENTS = 256;
  private static final int COPIES = 2;

  private final NodeId self;
  private final Clock clock;
  private final Membership membership = new Membership();
  private final Health health = new Health();
  private final Map<NodeId, NodeHealth> judgements = new ConcurrentHashMap<>();
  private final List<Consumer<MembershipChange>> listeners = new CopyOnWriteArrayList<>();
  private final List<Consumer<HealthReport>> healthListeners = new CopyOnWriteArrayList<>();
  private final List<MembershipChange> history = new CopyOnWriteArrayList<>();
  private volatile ClusterView view;
  private volatile boolean clustered;

  /** Makes a cluster of one, which is active. */
  public FakeCluster(NodeId self, Clock clock) {
    this.self = self;
    this.clock = clock;
    this.view = new ClusterView(0, List.of());
    put(active(self), Optional.empty());
  }

  /** Adds active nodes. */
  public void add(String... nodes) {
    clustered = true;
    for (String node : nodes) {
      put(active(new NodeId(node)), Optional.empty());
    }
  }

  /** Adds an active node that says that of itself, or lets a known one say it from now on. */
  public void add(NodeDescriptor descriptor) {
    clustered |= !descriptor.id().equals(self);
    put(
        new ClusterNode(descriptor, NodeState.ACTIVE, clock.instant(), "added by the test"),
        view.find(descriptor.id()).map(ClusterNode::state));
  }

  /** Brings a node into another state, whether or not a real one could get there. */
  public void move(String node, NodeState state, String reason) {
    ClusterNode before = view.find(new NodeId(node)).orElseThrow();
    put(
        new ClusterNode(before.descriptor(), state, clock.instant(), reason),
        Optional.of(before.state()));
  }

  /** Sets how a node is judged; healthy otherwise. */
  public void judge(String node, NodeHealth judgement) {
    NodeId id = new NodeId(node);
    judgements.put(id, judgement);
    HealthReport report = health.report(id).orElseThrow();
    healthListeners.forEach(listener -> listener.accept(report));
  }

  private ClusterNode active(NodeId id) {
    return new ClusterNode(
        NodeDescriptor.of(id, id + ":9000", "test", clock.instant()),
        NodeState.ACTIVE,
        clock.instant(),
        "added by the test");
  }

  private synchronized void put(ClusterNode node, Optional<NodeState> before) {
    List<ClusterNode> nodes = new ArrayList<>(view.nodes());
    nodes.removeIf(other -> other.id().equals(node.id()));
    nodes.add(node);
    view = new ClusterView(view.topologyId() + 1, nodes);
    MembershipChange change = new MembershipChange(node, before, view);
    history.add(change);
    listeners.forEach(listener -> listener.accept(change));
  }

  @Override
  public NodeId localNodeId() {
    return self;
  }

  @Override
  public boolean clustered() {
    return clustered;
  }

  @Override
  public ClusterMembership membership() {
    return membership;
  }

  @Override
  public NodeHealthMonitor health() {
    return health;
  }

  @Override
  public Leadership leadership() {
    List<ClusterNode> active = view.active();
    int quorum = view.members().size() / 2 + 1;
    return new Leadership(
        active.stream().findFirst().map(ClusterNode::id), 1, quorum, active.size() >= quorum);
  }

  @Override
  public Placement placement() {
    ClusterView now = view;
    List<NodeId> active = now.active().stream().map(ClusterNode::id).toList();
    return new InTurns(now.topologyId(), active.isEmpty() ? List.of(self) : active);
  }

  /** Segments that are owned in turns. */
  private record InTurns(long topologyId, List<NodeId> nodes) implements Placement {
    @Override
    public int segments() {
      return SEGMENTS;
    }

    @Override
    public List<NodeId> owners(int segment) {
      List<NodeId> owners = new ArrayList<>();
      for (int copy = 0; copy < Math.min(COPIES, nodes.size()); copy++) {
        owners.add(nodes.get((segment + copy) % nodes.size()));
      }
      return List.copyOf(owners);
    }
  }

  private final class Membership implements ClusterMembership {
    @Override
    public NodeId localNodeId() {
      return self;
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

  private final class Health implements NodeHealthMonitor {
    @Override
    public NodeHealth health(NodeId node) {
      return view.find(node).isEmpty()
          ? NodeHealth.UNKNOWN
          : judgements.getOrDefault(node, NodeHealth.HEALTHY);
    }

    @Override
    public Optional<HealthReport> report(NodeId node) {
      return view.find(node)
          .map(
              known ->
                  new HealthReport(
                      node,
                      health(node),
                      0,
                      Optional.empty(),
                      Optional.of(clock.instant()),
                      "set by the test"));
    }

    @Override
    public List<HealthReport> reports() {
      return view.nodes().stream().flatMap(node -> report(node.id()).stream()).toList();
    }

    @Override
    public Optional<String> brake() {
      return Optional.empty();
    }

    @Override
    public Watch watch(Consumer<HealthReport> listener) {
      healthListeners.add(listener);
      return () -> healthListeners.remove(listener);
    }
  }
}
