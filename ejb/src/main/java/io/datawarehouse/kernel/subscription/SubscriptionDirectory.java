package io.datawarehouse.kernel.subscription;

import io.datawarehouse.kernel.cluster.NodeRecords;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Who handles which topic and hears which pattern, on all nodes, as this node knows it.
 * Thread-safe; questions are answered from an immutable snapshot.
 *
 * <p>Of other nodes it believes the latest record that it was given, by the registry or by the node
 * itself, and only as long as the membership knows that very run of the node. Its own record goes
 * to the registry after every change; changes that come together go together. With every heartbeat
 * each node says what it believes of the other, as a digest: where that stays wrong, the other says
 * its record again, to the registry and directly, and counts a repair.
 *
 * <p>What a node is expected to hear is more: all that it heard when it was last whole, also while
 * it is away, goes, or comes back and its plugins are not all there yet. An event that must not be
 * missed is kept for it, until the membership has forgotten it or a new run has said that its
 * plugins are there. That is on disk soon, so that it holds also where all nodes were stopped and
 * only some of them are back.
 */
public final class SubscriptionDirectory implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(SubscriptionDirectory.class.getName());

  /**
   * What the directory is made of.
   *
   * @param incarnation which run of this node it is
   * @param records the registry
   * @param membership who belongs to the cluster
   * @param executor publishes; one task at a time
   * @param ticker nanoseconds that only grow
   * @param metrics counts
   * @param patience for how long another node may believe what is no longer so, before it is told
   * @param storage a durable map of the directory's own, for what others are expected to hear
   * @param clock tells for how long a node is missed
   * @param forgetAfter for how long one is waited for that this run has not seen
   */
  public record Options(
      long incarnation,
      NodeRecords records,
      ClusterMembership membership,
      Executor executor,
      LongSupplier ticker,
      Metrics metrics,
      Duration patience,
      KernelStorage storage,
      Clock clock,
      Duration forgetAfter) {}

  /** What is known at one moment. Immutable. */
  public static final class Snapshot {

    private final Map<NodeId, NodeInterests> byNode;
    private final Map<NodeId, Set<TopicPattern>> expected;

    private Snapshot(Map<NodeId, NodeInterests> byNode, Map<NodeId, Set<TopicPattern>> expected) {
      this.byNode = byNode;
      this.expected = expected;
    }

    /** Returns the nodes that handle a topic, sorted. */
    public List<NodeId> handlersOf(Topic topic) {
      List<NodeId> nodes = new ArrayList<>();
      byNode.forEach(
          (node, interests) -> {
            if (interests.topics().contains(topic)) {
              nodes.add(node);
            }
          });
      return nodes;
    }

    /** Returns the nodes that hear events of a topic, sorted. */
    public List<NodeId> listenersOf(Topic topic) {
      List<NodeId> nodes = new ArrayList<>();
      byNode.forEach(
          (node, interests) -> {
            if (interests.hears(topic)) {
              nodes.add(node);
            }
          });
      return nodes;
    }

    /**
     * Returns the nodes that hear events of a topic, or are expected to when they are back, sorted:
     * also those that are gone and not forgotten.
     */
    public List<NodeId> expectantsOf(Topic topic) {
      List<NodeId> nodes = new ArrayList<>();
      expected.forEach(
          (node, patterns) -> {
            if (patterns.stream().anyMatch(pattern -> pattern.matches(topic))) {
              nodes.add(node);
            }
          });
      return nodes;
    }

    /** Returns whether another node knows exactly the same. */
    public boolean sameAs(Snapshot other) {
      return digests().equals(other.digests());
    }

    private Map<NodeId, Long> digests() {
      Map<NodeId, Long> digests = new TreeMap<>();
      byNode.forEach((node, interests) -> digests.put(node, interests.digest()));
      return digests;
    }

    /** Returns how many handlers there are on all nodes. */
    public int handlers() {
      return byNode.values().stream().mapToInt(interests -> interests.topics().size()).sum();
    }

    /** Returns how many patterns are heard on all nodes, each counted once a node. */
    public int patterns() {
      return byNode.values().stream().mapToInt(interests -> interests.patterns().size()).sum();
    }
  }

  /** For how long a peer has believed the same wrong thing. */
  private record Doubt(long believed, long truth, long since) {}

  private final Options options;
  private final NodeId self;
  private final Metrics.Counter repairs;
  private final Metrics.Counter published;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final List<Watch> watches = new ArrayList<>();
  private final AtomicInteger publishing = new AtomicInteger();
  private final AtomicBoolean writing = new AtomicBoolean();
  private final ExpectedListeners expected;
  private final Object lock = new Object();

  // Guarded by lock.
  private final Map<Topic, Integer> topics = new HashMap<>();
  private final Map<TopicPattern, Integer> patterns = new HashMap<>();
  private final Map<NodeId, NodeInterests> known = new HashMap<>();
  private final Map<NodeId, Doubt> doubts = new HashMap<>();
  private boolean starting = true;
  private boolean listening;
  private boolean stopping;
  private long version;

  // Written under lock.
  private volatile NodeInterests own;
  private volatile Snapshot snapshot = new Snapshot(Map.of(), Map.of());

  /** Makes a directory in which this node handles and hears nothing yet. */
  public SubscriptionDirectory(Options options) {
    this.options = options;
    this.self = options.membership.localNodeId();
    this.own = NodeInterests.of(options.incarnation, 0, true, Set.of(), Set.of());
    this.expected = new ExpectedListeners(options.storage, options.clock, options.forgetAfter);
    Metrics metrics = options.metrics;
    repairs =
        metrics.counter(
            "subscriptions.repairs", "Times that another node was told again", Map.of());
    published =
        metrics.counter("subscriptions.published", "Times that a record was published", Map.of());
    metrics.gauge(
        "subscriptions.handlers",
        "Handlers on all nodes, as this one knows",
        Map.of(),
        () -> snapshot.handlers());
  }

  /** Begins to listen to registry and membership, and says what this node has so far. */
  public void start() {
    watches.add(options.records.watch(this::recordChanged));
    watches.add(options.membership.watch(change -> rebuild()));
    options.records.snapshot().keySet().forEach(this::learn);
    rebuild();
    publishSoon();
    synchronized (lock) {
      listening = true;
    }
  }

  @Override
  public void close() {
    watches.forEach(Watch::close);
  }

  /** Returns what is known now. */
  public Snapshot snapshot() {
    return snapshot;
  }

  /** Tells the listener whenever there is a new snapshot. It must be quick. */
  public Watch watch(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  // ---- this node's own
  // ---------------------------------------------------------------------------

  /** Adds a handler of this node. */
  public void handle(Topic topic) {
    change(() -> topics.merge(topic, 1, Integer::sum) == 1);
  }

  /** Takes a handler of this node away. */
  public void release(Topic topic) {
    change(() -> topics.computeIfPresent(topic, SubscriptionDirectory::less) == null);
  }

  /** Adds a subscriber of this node. */
  public void hear(TopicPattern pattern) {
    change(() -> patterns.merge(pattern, 1, Integer::sum) == 1);
  }

  /** Takes a subscriber of this node away. */
  public void leave(TopicPattern pattern) {
    change(
        () -> !stopping && patterns.computeIfPresent(pattern, SubscriptionDirectory::less) == null);
  }

  /** Says that the plugins of this node are there: what earlier runs heard counts no more. */
  public void started() {
    change(
        () -> {
          boolean before = starting;
          starting = false;
          return before;
        });
  }

  /**
   * Says that the node stops. Subscribers that leave from now on are expected back in the next run,
   * so their patterns stay in the record.
   */
  public void stopping() {
    synchronized (lock) {
      stopping = true;
    }
  }

  private static @org.jspecify.annotations.Nullable Integer less(Object key, Integer count) {
    return count > 1 ? count - 1 : null;
  }

  /** A change; tells whether others must hear of it. */
  private interface Change {
    boolean apply();
  }

  private void change(Change change) {
    synchronized (lock) {
      if (!change.apply()) {
        return;
      }
      own =
          NodeInterests.of(
              options.incarnation, ++version, starting, topics.keySet(), patterns.keySet());
      renew();
    }
    tell();
    publishSoon();
  }

  private void publishSoon() {
    if (publishing.getAndIncrement() == 0) {
      try {
        options.executor.execute(this::publish);
      } catch (RejectedExecutionException e) {
        publishing.set(0);
        LOG.log(System.Logger.Level.DEBUG, "the node stops; nothing is published any more", e);
      }
    }
  }

  /** Publishes until nothing has changed meanwhile; a failure is mended by the next comparison. */
  private void publish() {
    int seen = publishing.get();
    while (seen != 0) {
      try {
        options.records.publish(own.text());
        published.increment();
      } catch (RuntimeException e) {
        LOG.log(
            System.Logger.Level.WARNING,
            "what this node handles could not be published; it is said again",
            e);
      }
      seen = publishing.addAndGet(-seen);
    }
  }

  // ---- what others say
  // ---------------------------------------------------------------------------

  private void recordChanged(NodeId node) {
    if (node.equals(self)) {
      return;
    }
    if (learn(node) || forgets(node)) {
      rebuild();
    }
  }

  /** Drops what is known of a node that the registry has forgotten. */
  private boolean forgets(NodeId node) {
    if (options.records.snapshot().containsKey(node)) {
      return false;
    }
    synchronized (lock) {
      expected.forget(node);
      return known.remove(node) != null;
    }
  }

  private boolean learn(NodeId node) {
    String text = options.records.snapshot().get(node);
    return text != null && !node.equals(self) && accept(node, text, false);
  }

  /** Takes a record that a node said directly. */
  public void accept(NodeId node, String record) {
    if (!node.equals(self) && accept(node, record, true)) {
      rebuild();
    }
  }

  private boolean accept(NodeId node, String record, boolean direct) {
    NodeInterests said;
    try {
      said = NodeInterests.parse(record);
    } catch (WarehouseException e) {
      LOG.log(System.Logger.Level.WARNING, "the record of " + node + " cannot be read", e);
      return false;
    }
    synchronized (lock) {
      NodeInterests before = known.getOrDefault(node, NodeInterests.NONE);
      boolean corrected = direct && !before.isLaterThan(said) && before.digest() != said.digest();
      if (!said.isLaterThan(before) && !corrected) {
        return false;
      }
      known.put(node, said);
      expected.said(node, said);
      return true;
    }
  }

  /**
   * Forgets nodes that this node has not seen for too long; called now and then. Time counts since
   * it listens to who is there.
   */
  public void forgetMissed() {
    boolean forgot;
    synchronized (lock) {
      forgot = listening && expected.forgetMissed();
    }
    if (forgot) {
      rebuild();
    }
    writeSoon();
  }

  private void writeSoon() {
    if (expected.due() && writing.compareAndSet(false, true)) {
      try {
        options.executor.execute(this::write);
      } catch (RejectedExecutionException e) {
        writing.set(false);
        LOG.log(System.Logger.Level.DEBUG, "the node stops; nothing is written any more", e);
      }
    }
  }

  private void write() {
    // What changes from here on is written by the next.
    writing.set(false);
    expected.write();
  }

  private void rebuild() {
    synchronized (lock) {
      renew();
    }
    tell();
    writeSoon();
  }

  /** Called under lock. */
  private void renew() {
    List<ClusterNode> members = options.membership.view().nodes();
    Map<NodeId, NodeInterests> byNode = new TreeMap<>();
    expected.known(members.stream().map(ClusterNode::id).toList());
    Map<NodeId, Set<TopicPattern>> expectedByNode = expected.patterns();
    byNode.put(self, own);
    expectedByNode.put(self, Set.copyOf(own.patterns()));
    for (ClusterNode node : members) {
      NodeInterests interests = known.get(node.id());
      if (interests == null || node.id().equals(self)) {
        continue;
      }
      if (node.state().member() && node.incarnation() == interests.incarnation()) {
        byNode.put(node.id(), interests);
      }
    }
    snapshot = new Snapshot(byNode, expectedByNode);
  }

  private void tell() {
    for (Runnable listener : listeners) {
      try {
        listener.run();
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "a listener failed; the others are told", e);
      }
    }
  }

  // ---- comparing -------------------------------------------------------------------------------

  /** Returns a digest of what this node believes of another; 0 for nothing. */
  public long digestOf(NodeId node) {
    NodeInterests interests = snapshot.byNode.get(node);
    return interests == null || node.equals(self) ? 0 : interests.digest();
  }

  /**
   * Hears what another node believes of this one.
   *
   * @return this node's record, to be said to it directly, where it has been wrong for too long
   */
  public Optional<String> compare(NodeId peer, long believed) {
    NodeInterests truth = own;
    synchronized (lock) {
      if (believed == truth.digest()) {
        doubts.remove(peer);
        return Optional.empty();
      }
      long now = options.ticker.getAsLong();
      Doubt doubt = doubts.get(peer);
      if (doubt == null || doubt.truth != truth.digest()) {
        doubts.put(peer, new Doubt(believed, truth.digest(), now));
        return Optional.empty();
      }
      if (now - doubt.since < options.patience.toNanos()) {
        return Optional.empty();
      }
      doubts.remove(peer);
    }
    repairs.increment();
    LOG.log(
        System.Logger.Level.INFO,
        "node {0} believes something else of this node''s handlers than is so; it is told again",
        peer);
    publishSoon();
    return Optional.of(truth.text());
  }
}
