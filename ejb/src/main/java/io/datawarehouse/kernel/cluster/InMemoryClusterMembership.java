package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.JoinRequest;
import io.datawarehouse.sdk.cluster.JoinResult;
import io.datawarehouse.sdk.cluster.MembershipChange;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The membership of a node that works alone: itself. Thread-safe. */
public final class InMemoryClusterMembership implements ClusterMembership.Member {

  private static final int REMEMBERED = 64;

  private final NodeId self;
  private final Clock clock;
  private final OrderedListeners<MembershipChange> listeners = new OrderedListeners<>();
  private final Object lock = new Object();
  // Guarded by lock.
  private final Deque<MembershipChange> history = new ArrayDeque<>();
  // Written under lock.
  private volatile ClusterView view;

  /** Makes the membership of a node that has not joined yet. */
  public InMemoryClusterMembership(NodeDescriptor self, Clock clock) {
    this.self = self.id();
    this.clock = clock;
    ClusterNode node = new ClusterNode(self, NodeState.JOINING, clock.instant(), "the node starts");
    view = new ClusterView(0, List.of(node));
    history.add(new MembershipChange(node, Optional.empty(), view));
  }

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
    synchronized (lock) {
      return node.equals(self) ? List.copyOf(history) : List.of();
    }
  }

  @Override
  public Watch watch(Consumer<MembershipChange> listener) {
    return listeners.watch(listener);
  }

  /** Makes the node active; whatever the seeds are, there is nobody else. */
  @Override
  public JoinResult join(JoinRequest request) {
    if (!request.self().id().equals(self)) {
      return new JoinResult.Refused(
          JoinResult.Cause.NOT_ADMITTED,
          "node " + self + " works alone, " + request.self().id() + " cannot join it");
    }
    synchronized (lock) {
      if (!local().state().member()) {
        // A new run, with what it says of itself now.
        move(
            new ClusterNode(
                request.self(), NodeState.JOINING, clock.instant(), "the node joins again"));
      }
      if (local().state() == NodeState.JOINING) {
        move(local().moved(NodeState.ACTIVE, clock.instant(), "the node works alone"));
      }
    }
    listeners.tell();
    return new JoinResult.Joined(view);
  }

  @Override
  public boolean drain(NodeId node, String reason) {
    if (!node.equals(self)) {
      throw new WarehouseException(StandardErrorCode.NOT_FOUND, "no node " + node + " is known");
    }
    return moveTo(NodeState.DRAINING, reason);
  }

  @Override
  public void leave(String reason) {
    moveTo(NodeState.LEFT, reason);
  }

  private boolean moveTo(NodeState state, String reason) {
    synchronized (lock) {
      if (!state.predecessors().contains(local().state())) {
        return false;
      }
      move(local().moved(state, clock.instant(), reason));
    }
    listeners.tell();
    return true;
  }

  /** Called under lock. */
  private void move(ClusterNode moved) {
    NodeState before = local().state();
    view = new ClusterView(view.topologyId() + 1, List.of(moved));
    MembershipChange change = new MembershipChange(moved, Optional.of(before), view);
    if (history.size() == REMEMBERED) {
      history.removeFirst();
    }
    history.add(change);
    listeners.add(change);
  }

  private ClusterNode local() {
    return view.nodes().get(0);
  }
}
