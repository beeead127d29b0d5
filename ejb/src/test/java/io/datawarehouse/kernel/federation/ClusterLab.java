package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.cluster.NodeRecords;
import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.HealthReport;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.MembershipChange;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeHealthMonitor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.cluster.Watch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Membership and registry of several nodes in one process, changed by the test: every node has a
 * view and records of its own, and news reach only those it is not cut from. Thread-safe.
 */
final class ClusterLab {

  private static final int SEGMENTS = 256;
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private final Map<NodeId, Seat> seats = new TreeMap<>();
  private final Set<Set<NodeId>> cuts = ConcurrentHashMap.newKeySet();

  /** Lets a node in, or in again, and tells all that can hear. */
  synchronized Seat join(NodeId id, long incarnation, Map<String, String> endpoints) {
    Seat seat = new Seat(id);
    Seat before = seats.put(id, seat);
    if (before != null) {
      before.gone = true;
    }
    NodeDescriptor descriptor =
        new NodeDescriptor(
            id,
            incarnation,
            "test",
            endpoints,
            "default",
            "",
            1,
            "test",
            BEGIN,
            Set.of(),
            Map.of());
    ClusterNode node = new ClusterNode(descriptor, NodeState.ACTIVE, BEGIN, "joined");
    for (Seat other : seats.values()) {
      if (other != seat && connected(id, other.id)) {
        other.view.find(other.id).ifPresent(seat::put);
        other.put(node);
        seat.records.putAll(other.records);
      }
    }
    seat.put(node);
    return seat;
  }

  /** Brings a node into another state, in the views of all that can hear of it. */
  synchronized void move(NodeId id, NodeState state) {
    for (Seat seat : seats.values()) {
      if (seat.id.equals(id) || connected(id, seat.id)) {
        seat.moveTo(id, state);
      }
    }
  }

  /** Brings a node into another state in one view alone. */
  synchronized void moveInViewOf(NodeId viewer, NodeId id, NodeState state) {
    seats.get(viewer).moveTo(id, state);
  }

  /** Cuts two nodes from each other. */
  synchronized void cut(NodeId one, NodeId other) {
    cuts.add(Set.of(one, other));
    seats.get(one).moveTo(other, NodeState.SUSPECT);
    seats.get(other).moveTo(one, NodeState.SUSPECT);
  }

  /** Heals a cut; what each said of itself reaches the other now, if the registry is honest. */
  synchronized void heal(NodeId one, NodeId other, boolean registryHeals) {
    cuts.remove(Set.of(one, other));
    Seat first = seats.get(one);
    Seat second = seats.get(other);
    first.moveTo(other, NodeState.ACTIVE);
    second.moveTo(one, NodeState.ACTIVE);
    if (registryHeals) {
      first.hear(other, second.records.get(other));
      second.hear(one, first.records.get(one));
    }
  }

  boolean connected(NodeId one, NodeId other) {
    return !cuts.contains(Set.of(one, other));
  }

  /** What one node sees. */
  final class Seat implements ClusterContext, NodeRecords {

    private final NodeId id;
    private final Map<NodeId, String> records = new ConcurrentHashMap<>();
    private final List<Consumer<NodeId>> recordListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<MembershipChange>> listeners = new CopyOnWriteArrayList<>();
    private final Map<NodeId, NodeHealth> judgements = new ConcurrentHashMap<>();
    private final Membership membership = new Membership();
    private final Health health = new Health();
    private volatile ClusterView view = new ClusterView(0, List.of());
    private volatile boolean gone;

    /** Whether what this node publishes gets lost. */
    volatile boolean deaf;

    /** Which nodes own everything, the first one first; empty for all by their hashes. */
    volatile List<NodeId> owners = List.of();

    Seat(NodeId id) {
      this.id = id;
    }

    void judge(NodeId node, NodeHealth judgement) {
      judgements.put(node, judgement);
    }

    private void put(ClusterNode node) {
      List<ClusterNode> nodes = new ArrayList<>(view.nodes());
      nodes.removeIf(other -> other.id().equals(node.id()));
      nodes.add(node);
      view = new ClusterView(view.topologyId() + 1, nodes);
      MembershipChange change = new MembershipChange(node, Optional.empty(), view);
      listeners.forEach(listener -> listener.accept(change));
    }

    private void moveTo(NodeId node, NodeState state) {
      view.find(node)
          .ifPresent(
              known -> put(new ClusterNode(known.descriptor(), state, BEGIN, "by the test")));
    }

    private void hear(NodeId node, String record) {
      if (record != null) {
        records.put(node, record);
        recordListeners.forEach(listener -> listener.accept(node));
      }
    }

    @Override
    public void publish(String record) {
      synchronized (ClusterLab.this) {
        if (gone) {
          return;
        }
        hear(id, record);
        if (!deaf) {
          for (Seat seat : seats.values()) {
            if (seat != this && connected(id, seat.id)) {
              seat.hear(id, record);
            }
          }
        }
      }
    }

    @Override
    public Map<NodeId, String> snapshot() {
      return new HashMap<>(records);
    }

    @Override
    public Watch watch(Consumer<NodeId> listener) {
      recordListeners.add(listener);
      return () -> recordListeners.remove(listener);
    }

    @Override
    public NodeId localNodeId() {
      return id;
    }

    @Override
    public boolean clustered() {
      return true;
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
      return Leadership.alone(id);
    }

    @Override
    public Placement placement() {
      List<NodeId> fixed = owners;
      List<NodeId> members = view.members().stream().map(ClusterNode::id).toList();
      return new Placement() {
        @Override
        public long topologyId() {
          return 1;
        }

        @Override
        public int segments() {
          return SEGMENTS;
        }

        @Override
        public List<NodeId> owners(int segment) {
          return fixed.isEmpty()
              ? members.stream()
                  .sorted(
                      Comparator.comparing(node -> KeyHash.mix(segment ^ KeyHash.of(node.value()))))
                  .toList()
              : fixed;
        }
      };
    }

    private final class Membership implements ClusterMembership {
      @Override
      public NodeId localNodeId() {
        return id;
      }

      @Override
      public ClusterView view() {
        return view;
      }

      @Override
      public List<MembershipChange> history(NodeId node) {
        return List.of();
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
        return judgements.getOrDefault(node, NodeHealth.HEALTHY);
      }

      @Override
      public Optional<HealthReport> report(NodeId node) {
        return Optional.empty();
      }

      @Override
      public List<HealthReport> reports() {
        return List.of();
      }

      @Override
      public Optional<String> brake() {
        return Optional.empty();
      }

      @Override
      public Watch watch(Consumer<HealthReport> listener) {
        return () -> {};
      }
    }
  }
}
