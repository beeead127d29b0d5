package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.kernel.cluster.OrderedListeners;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.MembershipChange;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.cluster.Watch;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which node is in which state, worked out from what the nodes say of themselves and from who is
 * there. Thread-safe; knows neither network nor threads.
 *
 * <p>A node that is there is what it says. One that is not, and did not say that it left, is
 * SUSPECT, and DEAD when it stayed away for long enough and nobody holds the brake. One that comes
 * back to its old state after that starts again as JOINING, in the same run (a healed partition) or
 * in a new one (a restart). News of an earlier run change nothing.
 */
final class MembershipTable {

  private static final int REMEMBERED = 64;

  private final NodeId self;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final long deadAfterNanos;
  private final long forgetAfterNanos;
  private final OrderedListeners<MembershipChange> listeners = new OrderedListeners<>();
  private final Object lock = new Object();
  // Guarded by lock, as is all that follows.
  private final Map<NodeId, ClusterNode> nodes = new TreeMap<>();
  private final Map<NodeId, Deque<MembershipChange>> history = new HashMap<>();
  private final Map<NodeId, Long> missingSince = new HashMap<>();
  private final Map<NodeId, Long> goneSince = new HashMap<>();
  private final Map<NodeId, Long> forgotten = new HashMap<>();
  // Written under lock.
  private volatile ClusterView view = new ClusterView(0, List.of());

  MembershipTable(
      NodeDescriptor self,
      Clock clock,
      LongSupplier nanoTime,
      Duration deadAfter,
      Duration forgetAfter) {
    this.self = self.id();
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.deadAfterNanos = deadAfter.toNanos();
    this.forgetAfterNanos = forgetAfter.toNanos();
    ClusterNode node = new ClusterNode(self, NodeState.JOINING, clock.instant(), "the node starts");
    nodes.put(node.id(), node);
    view = new ClusterView(0, List.of(node));
    remember(new MembershipChange(node, Optional.empty(), view));
  }

  ClusterView view() {
    return view;
  }

  List<MembershipChange> history(NodeId node) {
    synchronized (lock) {
      Deque<MembershipChange> changes = history.get(node);
      return changes == null ? List.of() : List.copyOf(changes);
    }
  }

  Watch watch(Consumer<MembershipChange> listener) {
    return listeners.watch(listener);
  }

  /** Tells listeners what has changed; called without a lock. */
  void tell() {
    listeners.tell();
  }

  /**
   * Brings the table to what is known now.
   *
   * @param statements what nodes say of themselves, this one included
   * @param present which runs of which nodes are there; this node is, whether or not it stands here
   * @param removalAllowed whether suspects may be declared dead
   * @return the nodes that are remembered no longer
   */
  Set<NodeId> settle(
      Collection<NodeStatement> statements, Set<NodeTag> present, boolean removalAllowed) {
    List<NodeStatement> sorted =
        statements.stream().sorted(Comparator.comparing(NodeStatement::id)).toList();
    synchronized (lock) {
      for (NodeStatement statement : sorted) {
        consider(statement, target(statement, present, sorted), removalAllowed);
      }
      return forgetOld();
    }
  }

  /** What a node should be, when, and why. */
  private record Target(NodeState state, Instant since, String reason) {}

  private Target target(
      NodeStatement statement, Set<NodeTag> present, List<NodeStatement> statements) {
    boolean here =
        statement.id().equals(self)
            || present.contains(new NodeTag(statement.id(), statement.incarnation()));
    if (!here && statement.state() != NodeState.LEFT) {
      return new Target(
          NodeState.SUSPECT, clock.instant(), "it vanished from the cluster's view without a word");
    }
    if (statement.state() == NodeState.ACTIVE) {
      Optional<NodeStatement.DrainOrder> order = orderTo(statement, statements);
      if (order.isPresent()) {
        return new Target(NodeState.DRAINING, order.get().since(), order.get().reason());
      }
    }
    return new Target(statement.state(), statement.since(), statement.reason());
  }

  /** Returns the order to drain that somebody gave to a run of a node. */
  static Optional<NodeStatement.DrainOrder> orderTo(
      NodeStatement node, Collection<NodeStatement> statements) {
    return statements.stream()
        .flatMap(
            statement -> Optional.ofNullable(statement.drains().get(node.id().value())).stream())
        .filter(order -> order.incarnation() == node.incarnation())
        .min(Comparator.comparing(NodeStatement.DrainOrder::since));
  }

  private void consider(NodeStatement statement, Target target, boolean removalAllowed) {
    ClusterNode known = nodes.get(statement.id());
    if (known == null) {
      Long gone = forgotten.get(statement.id());
      if (gone != null && gone >= statement.incarnation()) {
        return;
      }
      begin(statement, "it became known");
    } else if (known.incarnation() > statement.incarnation()) {
      return;
    } else if (known.incarnation() < statement.incarnation()) {
      if (known.state().member()) {
        String why = "the node runs anew, as run " + statement.incarnation();
        move(known, known.descriptor(), NodeState.DEAD, new Target(NodeState.DEAD, now(), why));
      }
      begin(statement, "the node starts again");
    }
    follow(statement.descriptor(), target, removalAllowed);
  }

  private void begin(NodeStatement statement, String otherwise) {
    boolean joining = statement.state() == NodeState.JOINING;
    ClusterNode before = nodes.get(statement.id());
    ClusterNode node =
        new ClusterNode(
            statement.descriptor(),
            NodeState.JOINING,
            joining ? statement.since() : now(),
            joining ? statement.reason() : otherwise);
    missingSince.remove(node.id());
    put(node, before == null ? null : before.state());
  }

  private void follow(NodeDescriptor descriptor, Target target, boolean removalAllowed) {
    ClusterNode known = known(descriptor.id());
    if (target.state() == NodeState.SUSPECT) {
      miss(known, target, removalAllowed);
      return;
    }
    missingSince.remove(known.id());
    if (known.state() == NodeState.DEAD && target.state() == NodeState.LEFT) {
      return;
    }
    boolean back = known.state() == NodeState.SUSPECT || known.state() == NodeState.DEAD;
    for (NodeState step : route(known.state(), target.state())) {
      boolean said = step == target.state() && (!back || step == NodeState.LEFT);
      String why = back ? "it is heard again" : "it became known";
      move(known(descriptor.id()), descriptor, step, said ? target : new Target(step, now(), why));
    }
    if (!known(descriptor.id()).descriptor().equals(descriptor)) {
      describe(descriptor);
    }
  }

  private void miss(ClusterNode known, Target target, boolean removalAllowed) {
    if (!known.state().member()) {
      return;
    }
    long nanos = nanoTime.getAsLong();
    Long since = missingSince.putIfAbsent(known.id(), nanos);
    if (known.state() != NodeState.SUSPECT) {
      move(known, known.descriptor(), NodeState.SUSPECT, target);
    } else if (removalAllowed && since != null && nanos - since >= deadAfterNanos) {
      String why = "it was not heard for " + Duration.ofNanos(nanos - since).toSeconds() + " s";
      move(known, known.descriptor(), NodeState.DEAD, new Target(NodeState.DEAD, now(), why));
    }
  }

  /** The steps from one state to another; none where there is no way or nothing to do. */
  static List<NodeState> route(NodeState from, NodeState to) {
    List<NodeState> steps = new ArrayList<>();
    NodeState at = from;
    while (at != to) {
      NodeState next = to.predecessors().contains(at) ? to : onTheWayFrom(at);
      if (next == null) {
        return List.of();
      }
      steps.add(next);
      at = next;
    }
    return steps;
  }

  private static @Nullable NodeState onTheWayFrom(NodeState state) {
    return switch (state) {
      case LEFT, DEAD -> NodeState.JOINING;
      case JOINING -> NodeState.ACTIVE;
      case ACTIVE, SUSPECT, DRAINING -> null;
    };
  }

  private Set<NodeId> forgetOld() {
    long nanos = nanoTime.getAsLong();
    Set<NodeId> old = new HashSet<>();
    goneSince.forEach(
        (id, since) -> {
          if (nanos - since >= forgetAfterNanos && !id.equals(self)) {
            old.add(id);
          }
        });
    for (NodeId id : old) {
      forgotten.put(id, known(id).incarnation());
      nodes.remove(id);
      history.remove(id);
      missingSince.remove(id);
      goneSince.remove(id);
    }
    if (!old.isEmpty()) {
      view = new ClusterView(view.topologyId() + 1, List.copyOf(nodes.values()));
    }
    return old;
  }

  private void move(ClusterNode known, NodeDescriptor descriptor, NodeState to, Target target) {
    ClusterNode moved = known.moved(to, target.since(), target.reason());
    put(new ClusterNode(descriptor, to, moved.since(), moved.reason()), known.state());
  }

  private void describe(NodeDescriptor descriptor) {
    ClusterNode known = known(descriptor.id());
    nodes.put(
        known.id(), new ClusterNode(descriptor, known.state(), known.since(), known.reason()));
    view = new ClusterView(view.topologyId() + 1, List.copyOf(nodes.values()));
  }

  private void put(ClusterNode node, @Nullable NodeState before) {
    nodes.put(node.id(), node);
    if (node.state().member()) {
      goneSince.remove(node.id());
    } else {
      goneSince.put(node.id(), nanoTime.getAsLong());
    }
    view = new ClusterView(view.topologyId() + 1, List.copyOf(nodes.values()));
    MembershipChange change = new MembershipChange(node, Optional.ofNullable(before), view);
    remember(change);
    listeners.add(change);
  }

  private void remember(MembershipChange change) {
    Deque<MembershipChange> changes =
        history.computeIfAbsent(change.node().id(), id -> new ArrayDeque<>());
    if (changes.size() == REMEMBERED) {
      changes.removeFirst();
    }
    changes.add(change);
  }

  private ClusterNode known(NodeId id) {
    ClusterNode node = nodes.get(id);
    if (node == null) {
      throw new IllegalStateException("no node " + id);
    }
    return node;
  }

  private Instant now() {
    return clock.instant();
  }
}
