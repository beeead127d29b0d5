package io.datawarehouse.testkit.cluster;

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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * A member of a cluster in one process. News go over a switchboard and arrive later, on a thread of
 * each member's own. Thread-safe.
 */
class SampleMember implements ClusterMembership.Member, AutoCloseable {

  /** What lies between the members: it knows what each said last. */
  static final class Switchboard {
    private final List<SampleMember> plugged = new ArrayList<>();
    private final Map<NodeId, ClusterNode> said = new TreeMap<>();

    private synchronized void say(ClusterNode news) {
      said.put(news.id(), news);
      plugged.forEach(member -> member.hear(news));
    }
  }

  private record Entry(Consumer<MembershipChange> listener) {
    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final Switchboard board;
  private final NodeDescriptor self;
  private final ExecutorService mailbox = Executors.newSingleThreadExecutor();
  private final List<Entry> listeners = new CopyOnWriteArrayList<>();
  private final Map<NodeId, List<MembershipChange>> history = new HashMap<>();
  private volatile ClusterView view;

  SampleMember(Switchboard board, NodeDescriptor self) {
    this.board = board;
    this.self = self;
    ClusterNode starting = new ClusterNode(self, NodeState.JOINING, NOW, "the node starts");
    view = new ClusterView(0, List.of(starting));
    remember(new MembershipChange(starting, Optional.empty(), view));
  }

  NodeDescriptor descriptor() {
    return self;
  }

  @Override
  public NodeId localNodeId() {
    return self.id();
  }

  @Override
  public ClusterView view() {
    return view;
  }

  @Override
  public synchronized List<MembershipChange> history(NodeId node) {
    return List.copyOf(history.getOrDefault(node, List.of()));
  }

  private synchronized void remember(MembershipChange change) {
    history.computeIfAbsent(change.node().id(), id -> new ArrayList<>()).add(change);
  }

  @Override
  public Watch watch(Consumer<MembershipChange> listener) {
    Entry entry = new Entry(listener);
    listeners.add(entry);
    return () -> listeners.remove(entry);
  }

  @Override
  public JoinResult join(JoinRequest request) {
    synchronized (board) {
      Optional<NodeDescriptor> taken =
          board.plugged.stream()
              .map(SampleMember::descriptor)
              .filter(other -> other.id().equals(self.id()) && other != self)
              .findFirst();
      if (taken.isPresent()) {
        return new JoinResult.Refused(
            JoinResult.Cause.IDENTITY_TAKEN,
            self.id() + " is there already, run " + taken.get().incarnation());
      }
      if (!board.plugged.contains(this)) {
        board.said.values().forEach(this::hear);
        board.plugged.add(this);
        board.say(new ClusterNode(self, NodeState.JOINING, NOW, "the node joins"));
        board.say(new ClusterNode(self, NodeState.ACTIVE, NOW, "the node was let in"));
      }
      return new JoinResult.Joined(view);
    }
  }

  @Override
  public boolean drain(NodeId node, String reason) {
    synchronized (board) {
      ClusterNode known = board.said.get(node);
      if (known == null) {
        throw new WarehouseException(StandardErrorCode.NOT_FOUND, "no node " + node);
      }
      if (!NodeState.DRAINING.predecessors().contains(known.state())) {
        return false;
      }
      board.say(known.moved(NodeState.DRAINING, NOW, reason));
      return true;
    }
  }

  @Override
  public void leave(String reason) {
    synchronized (board) {
      if (board.plugged.contains(this)) {
        board.say(new ClusterNode(self, NodeState.LEFT, NOW, reason));
        board.plugged.remove(this);
      }
    }
  }

  /** Goes without a word; the others notice. */
  void vanish() {
    synchronized (board) {
      board.plugged.remove(this);
      board.say(new ClusterNode(self, NodeState.SUSPECT, NOW, "the connection broke"));
    }
  }

  /** Hears news, later, on the thread of this member. */
  final void hear(ClusterNode news) {
    mailbox.execute(() -> take(news));
  }

  private void take(ClusterNode news) {
    Optional<ClusterNode> known = view.find(news.id());
    if (known.isPresent() && !isNews(news, known.get())) {
      return;
    }
    List<ClusterNode> nodes = new ArrayList<>(view.nodes());
    nodes.removeIf(node -> node.id().equals(news.id()));
    nodes.add(news);
    view = new ClusterView(view.topologyId() + 1, nodes);
    MembershipChange change = new MembershipChange(news, known.map(ClusterNode::state), view);
    remember(change);
    tell(change);
  }

  /** Returns whether something is not known yet; news of an earlier run are not. */
  boolean isNews(ClusterNode news, ClusterNode known) {
    return news.incarnation() > known.incarnation()
        || news.incarnation() == known.incarnation()
            && news.state().predecessors().contains(known.state());
  }

  void tell(MembershipChange change) {
    for (Entry entry : listeners) {
      try {
        entry.listener.accept(change);
      } catch (RuntimeException e) {
        System.getLogger(SampleMember.class.getName())
            .log(System.Logger.Level.DEBUG, "a listener failed", e);
      }
    }
  }

  final void tellAll(MembershipChange change) {
    listeners.forEach(entry -> entry.listener.accept(change));
  }

  /** Waits until all that was heard by now has been taken. */
  void settle() throws Exception {
    mailbox.submit(() -> true).get();
  }

  @Override
  public void close() {
    synchronized (board) {
      board.plugged.remove(this);
    }
    mailbox.shutdownNow();
  }
}
