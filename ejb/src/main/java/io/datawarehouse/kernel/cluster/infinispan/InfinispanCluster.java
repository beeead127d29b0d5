package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.kernel.cluster.NodeRecords;
import io.datawarehouse.kernel.cluster.RetiredNodes;
import io.datawarehouse.kernel.cluster.infinispan.NodeStatement.DrainOrder;
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
import io.datawarehouse.sdk.metric.Metrics;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jgroups.JChannel;
import org.jspecify.annotations.Nullable;

/**
 * The membership of a node in a cluster on Infinispan and JGroups. Thread-safe.
 *
 * <p>Who is there is what JGroups' view says; each address in it tells node and run. What a node is
 * and in which state it is, it says itself, in the registry {@code nodes}. From both, {@link
 * MembershipTable} works out the view that is handed out; it is worked out anew, on one thread,
 * whenever one of them changes and twice a second for what time alone changes.
 */
public final class InfinispanCluster implements ClusterMembership.Member, AutoCloseable {

  private static final System.Logger LOG = System.getLogger(InfinispanCluster.class.getName());

  /** The registry in which nodes say what they are. */
  static final String NODES = "nodes";

  private static final Duration TICK = Duration.ofMillis(500);
  private static final Duration FAREWELL = Duration.ofSeconds(2);
  private static final Duration STOP = Duration.ofSeconds(5);
  private static final Duration ACQUAINTANCE = Duration.ofSeconds(3);

  private final NodeId self;
  private final ClusterOptions options;
  private final Surroundings surroundings;
  private final ScheduledThreadPoolExecutor executor;
  private final MembershipTable table;
  private final RecordExchange exchange;
  private final ReplicatedRecords nodes;
  private final Metrics.Counter views;
  private final Metrics.Counter merges;
  private final Map<NodeId, Read> read = new ConcurrentHashMap<>();
  private final Semaphore news = new Semaphore(0);
  // Held while joining or leaving, one at a time; never by a thread of Infinispan.
  // Why this node cannot see where others are, while that is so.
  private volatile Optional<String> hindrance = Optional.empty();
  private final Object door = new Object();
  private final Object lock = new Object();
  // Guarded by lock, written with it.
  private volatile NodeStatement statement;
  // Held while the view is worked out, so that what was looked at first never counts last. Under it
  // only the table's lock is taken.
  private final Object settling = new Object();
  // Written under settling.
  private volatile @Nullable LiveCluster live;
  // Guarded by settling.
  private boolean frozen;
  private boolean closed;
  // Confined to the executor.
  private long auditedNanos;

  /** A statement and the text that it was read from. */
  private record Read(String text, Optional<NodeStatement> statement) {}

  /**
   * Makes the membership of a node that has not joined yet.
   *
   * @param self what the node is; {@link JoinRequest#self()} takes its place
   */
  public InfinispanCluster(NodeDescriptor self, ClusterOptions options, Surroundings surroundings) {
    this.self = self.id();
    this.options = options;
    this.surroundings = surroundings;
    this.executor = new ScheduledThreadPoolExecutor(1, surroundings.threads());
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    executor.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    this.table =
        new MembershipTable(
            self,
            surroundings.clock(),
            surroundings.nanoTime(),
            options.timing().deadAfter(),
            options.timing().forgetAfter());
    this.exchange =
        new RecordExchange(self.id(), self.incarnation(), executor, surroundings.metrics());
    this.nodes = exchange.registry(NODES);
    this.statement =
        new NodeStatement(
            self, NodeState.JOINING, surroundings.clock().instant(), "the node starts", Map.of());
    nodes.watch(changed -> soon(this::settle));
    this.views = counter("cluster.views", "Views of the cluster that this node was told of");
    this.merges = counter("cluster.merges", "Partitions of the cluster that healed");
    registerGauges();
    var unused =
        executor.scheduleWithFixedDelay(
            guarded(this::tick), TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Metrics.Counter counter(String name, String help) {
    return surroundings.metrics().counter(name, help, Map.of());
  }

  private void registerGauges() {
    for (NodeState state : NodeState.values()) {
      surroundings
          .metrics()
          .gauge(
              "cluster.nodes",
              "Nodes that are known, by state",
              Map.of("state", state.name()),
              () -> view().nodes().stream().filter(node -> node.state() == state).count());
    }
    surroundings
        .metrics()
        .gauge(
            "cluster.coordinates",
            "1 where this node coordinates the view of the cluster",
            Map.of(),
            () -> coordinates() ? 1 : 0);
  }

  @Override
  public NodeId localNodeId() {
    return self;
  }

  @Override
  public ClusterView view() {
    return table.view();
  }

  @Override
  public List<MembershipChange> history(NodeId node) {
    return table.history(node);
  }

  @Override
  public Watch watch(Consumer<MembershipChange> listener) {
    return table.watch(listener);
  }

  /** Returns the registry of that name; always the same object. It may be used before joining. */
  public NodeRecords records(String name) {
    return exchange.registry(name);
  }

  /** Returns whether this node coordinates the view of the cluster that it is in. */
  public boolean coordinates() {
    LiveCluster present = live;
    return present != null && present.coordinates();
  }

  /** Returns where the membership of a node is reached; empty for one that is not there. */
  public Optional<InetSocketAddress> addressOf(NodeId node) {
    LiveCluster present = live;
    return present == null ? Optional.empty() : present.addressOf(node);
  }

  @Override
  public JoinResult join(JoinRequest request) {
    if (!request.self().id().equals(self)) {
      return new JoinResult.Refused(
          JoinResult.Cause.NOT_ADMITTED,
          "this is the membership of " + self + ", " + request.self().id() + " cannot join by it");
    }
    AtomicBoolean givenUp = new AtomicBoolean();
    FutureTask<JoinResult> joining = new FutureTask<>(() -> joinNow(request, givenUp));
    surroundings.threads().newThread(joining).start();
    try {
      return joining.get(request.limit().toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      givenUp.set(true);
      Thread.currentThread().interrupt();
      return new JoinResult.TimedOut("joining was interrupted");
    } catch (TimeoutException e) {
      givenUp.set(true);
      return new JoinResult.TimedOut(
          "node "
              + self
              + " was not let in by "
              + request.clusterName()
              + " within "
              + request.limit()
              + hindrance.map(why -> "; it cannot look where other nodes are: " + why).orElse(""));
    } catch (ExecutionException e) {
      throw explained(e);
    }
  }

  private static WarehouseException explained(ExecutionException e) {
    Throwable root = e;
    while (root.getCause() != null && !(root instanceof WarehouseException)) {
      root = root.getCause();
    }
    return root instanceof WarehouseException own
        ? own
        : new WarehouseException(
            StandardErrorCode.BOOT_FAILED, "the membership cannot start: " + root, e.getCause());
  }

  private JoinResult joinNow(JoinRequest request, AtomicBoolean givenUp) throws Exception {
    synchronized (door) {
      if (closed) {
        throw new WarehouseException(StandardErrorCode.UNAVAILABLE, "the membership is closed");
      }
      if (live != null) {
        return new JoinResult.Joined(view());
      }
      long deadline = surroundings.nanoTime().getAsLong() + request.limit().toNanos();
      NodeTag tag = new NodeTag(self, request.self().incarnation());
      Doorway doorway = new Doorway(request, tag, options, surroundings);
      Optional<String> blindness = awaitSight(doorway, deadline, request.limit());
      if (blindness.isPresent()) {
        return new JoinResult.TimedOut("it cannot look where other nodes are: " + blindness.get());
      }
      LiveCluster found;
      try {
        found =
            doorway.open(
                new ClusterEvents.Views(this::viewChanged, this::merged),
                new ClusterEvents.Entries(exchange::receive, () -> soon(this::readAll)));
      } catch (Doorway.RefusedException e) {
        return e.refusal();
      }
      Optional<JoinResult> refusal = refusalOrStop(found, tag, doorway, deadline);
      if (refusal.isPresent() || givenUp.get()) {
        found.stop();
        return refusal.orElseGet(() -> new JoinResult.TimedOut("joining was given up"));
      }
      enter(found, request.self());
      awaitAcquaintance(found, deadline);
      return new JoinResult.Joined(view());
    }
  }

  /** Looks until it can, or until the time is over; returns why it could not. */
  private Optional<String> awaitSight(Doorway doorway, long deadline, Duration limit)
      throws InterruptedException {
    await(
        () -> {
          Optional<String> problem = doorway.blindness();
          if (problem.isPresent() && !problem.equals(hindrance)) {
            LOG.log(
                System.Logger.Level.WARNING,
                "node {0} cannot look where other nodes are, and tries again: {1}",
                self,
                problem.get());
          }
          hindrance = problem;
          return problem.isEmpty();
        },
        deadline,
        limit);
    return hindrance;
  }

  private Optional<JoinResult> refusalOrStop(
      LiveCluster found, NodeTag tag, Doorway doorway, long deadline) throws InterruptedException {
    try {
      return refusal(found, tag, doorway, deadline).map(refused -> refused);
    } catch (InterruptedException | RuntimeException e) {
      found.stop();
      throw e;
    }
  }

  private Optional<JoinResult.Refused> refusal(
      LiveCluster found, NodeTag tag, Doorway doorway, long deadline) throws InterruptedException {
    Optional<JoinResult.Refused> stranger = doorway.refusal(found);
    if (stranger.isPresent()) {
      return stranger;
    }
    // A run that was killed a moment ago still stands in the view until the others miss it.
    boolean free = await(() -> !taken(found, tag), deadline, waitForIdentity());
    exchange.read(found);
    if (exchange.laterRun() > tag.incarnation()) {
      return Optional.of(
          new JoinResult.Refused(
              JoinResult.Cause.IDENTITY_TAKEN,
              "the cluster knows a later run of node "
                  + self
                  + ", "
                  + exchange.laterRun()
                  + "; this is run "
                  + tag.incarnation()));
    }
    return free
        ? Optional.empty()
        : Optional.of(
            new JoinResult.Refused(
                JoinResult.Cause.IDENTITY_TAKEN,
                "another node with the identity "
                    + self
                    + " is a member: "
                    + found.addressOf(self).map(Object::toString).orElse("it is not known where")));
  }

  private Duration waitForIdentity() {
    return options.timing().silence().plus(options.timing().verify()).plusSeconds(1);
  }

  /**
   * Of two that start at the same moment the earlier run goes first; one that is in already does.
   */
  private boolean taken(LiveCluster found, NodeTag tag) {
    exchange.read(found);
    return found.others(self).stream()
        .anyMatch(other -> other.incarnation() <= tag.incarnation() || isIn(found, other));
  }

  private static boolean isIn(LiveCluster found, NodeTag other) {
    String said = found.local().get(RecordExchange.key(NODES, other.id()));
    return said != null
        && VersionedRecord.decode(said)
            .filter(record -> record.incarnation() == other.incarnation())
            .isPresent();
  }

  private void enter(LiveCluster found, NodeDescriptor descriptor) {
    exchange.runAs(descriptor.incarnation());
    synchronized (settling) {
      frozen = false;
      live = found;
    }
    restate(
        said ->
            new NodeStatement(
                descriptor,
                NodeState.JOINING,
                surroundings.clock().instant(),
                "the node joins",
                Map.of()));
    exchange.attach(found);
    settle();
  }

  /** Waits, not for long, until those who are there are known. */
  private void awaitAcquaintance(LiveCluster found, long deadline) throws InterruptedException {
    await(
        () -> {
          settle();
          ClusterView now = view();
          return found.present().stream()
              .allMatch(
                  tag ->
                      now.find(tag.id())
                          .filter(node -> node.incarnation() >= tag.incarnation())
                          .isPresent());
        },
        deadline,
        ACQUAINTANCE);
  }

  private boolean await(BooleanSupplier condition, long deadline, Duration most)
      throws InterruptedException {
    long until = Math.min(deadline, surroundings.nanoTime().getAsLong() + most.toNanos());
    while (!condition.getAsBoolean()) {
      long left = until - surroundings.nanoTime().getAsLong();
      if (left <= 0) {
        return false;
      }
      if (news.tryAcquire(Math.min(left, TICK.toNanos()), TimeUnit.NANOSECONDS)) {
        news.drainPermits();
      }
    }
    return true;
  }

  /**
   * Says that this node owns and serves from now on; its plugins run.
   *
   * @param reason why, for the history
   * @return whether that was a change; {@code false} unless it was JOINING
   */
  public boolean activate(String reason) {
    return say(NodeState.JOINING, NodeState.ACTIVE, reason);
  }

  /** Replaces what this node says of itself, where plugins have changed what it can do. */
  public void describe(NodeDescriptor descriptor) {
    if (!descriptor.id().equals(self) || descriptor.incarnation() != statement.incarnation()) {
      throw WarehouseException.invalid(
          "descriptor", descriptor.id() + "/" + descriptor.incarnation(), "it is of another run");
    }
    restate(
        said ->
            new NodeStatement(
                descriptor, said.state(), said.since(), said.reason(), said.drains()));
    settle();
  }

  @Override
  public boolean drain(NodeId node, String reason) {
    settle();
    ClusterNode known =
        view()
            .find(node)
            .orElseThrow(
                () ->
                    new WarehouseException(
                        StandardErrorCode.NOT_FOUND, "no node " + node + " is known"));
    if (node.equals(self)) {
      return say(NodeState.ACTIVE, NodeState.DRAINING, reason);
    }
    // Who is gone gets no order: it would drain for that when it is back, in the same run.
    if (RetiredNodes.isGone(known.state())
        || !NodeState.DRAINING.predecessors().contains(known.state())) {
      return false;
    }
    DrainOrder order = new DrainOrder(known.incarnation(), surroundings.clock().instant(), reason);
    boolean[] given = {false};
    restate(
        said -> {
          DrainOrder before = said.drains().get(node.value());
          given[0] = before == null || before.incarnation() != order.incarnation();
          return given[0] ? said.ordering(node, order) : said;
        });
    settle();
    return given[0];
  }

  private boolean say(NodeState from, NodeState to, String reason) {
    boolean[] changed = {false};
    restate(
        said -> {
          changed[0] = said.state() == from;
          return changed[0] ? said.moved(to, surroundings.clock().instant(), reason) : said;
        });
    settle();
    return changed[0];
  }

  @Override
  public void leave(String reason) {
    synchronized (door) {
      LiveCluster leaving = live;
      restate(
          said ->
              said.state() == NodeState.LEFT
                  ? said
                  : said.moved(NodeState.LEFT, surroundings.clock().instant(), reason));
      settle();
      if (leaving != null) {
        sayFarewell(leaving);
        // What is known of others stays as it is: that they are out of sight now means nothing.
        synchronized (settling) {
          frozen = true;
          live = null;
        }
        exchange.detach();
        stop(leaving);
      }
    }
  }

  private void sayFarewell(LiveCluster leaving) {
    VersionedRecord last = nodes.own();
    if (last == null) {
      return;
    }
    try {
      leaving
          .put(RecordExchange.key(NODES, self), last.encode())
          .toCompletableFuture()
          .get(FAREWELL.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "others learn from the view alone that this node left: {0}",
          String.valueOf(e));
    }
  }

  private void stop(LiveCluster leaving) {
    FutureTask<Boolean> stopping = new FutureTask<>(leaving::stop, true);
    surroundings.threads().newThread(stopping).start();
    try {
      stopping.get(STOP.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      LOG.log(System.Logger.Level.WARNING, "the membership takes long to stop; it goes on alone");
    } catch (ExecutionException e) {
      LOG.log(System.Logger.Level.WARNING, "the membership did not stop in good order", e);
    }
  }

  /** Leaves, if that was not done, and gives everything back. Does nothing the second time. */
  @Override
  public void close() {
    synchronized (door) {
      if (closed) {
        return;
      }
      closed = true;
      if (live != null) {
        leave("the node stops");
      }
    }
    executor.shutdown();
    try {
      if (!executor.awaitTermination(STOP.toNanos(), TimeUnit.NANOSECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** For tests: what this node is connected by. */
  Optional<JChannel> channel() {
    LiveCluster present = live;
    return present == null ? Optional.empty() : Optional.of(present.channel());
  }

  /** For tests: which nodes this one has told to drain and has not seen draining. */
  Map<String, DrainOrder> drains() {
    return statement.drains();
  }

  /** For tests: a record as it comes from another node. */
  void hear(String registry, NodeId node, VersionedRecord record) {
    exchange.receive(RecordExchange.key(registry, node), record.encode());
    settle();
  }

  private void restate(UnaryOperator<NodeStatement> change) {
    boolean changed;
    NodeStatement now;
    synchronized (lock) {
      now = change.apply(statement);
      changed = !now.equals(statement);
      statement = now;
    }
    if (changed && live != null) {
      nodes.publish(statement.toJson());
    }
  }

  private void viewChanged() {
    views.increment();
    LiveCluster present = live;
    news.release();
    soon(this::settle);
    if (present != null) {
      exchange.sayAgain();
    }
  }

  private void merged() {
    merges.increment();
    viewChanged();
    soon(this::readAll);
  }

  private void readAll() {
    LiveCluster present = live;
    if (present != null) {
      exchange.read(present);
    }
    settle();
  }

  private void tick() {
    LiveCluster present = live;
    long nanos = surroundings.nanoTime().getAsLong();
    if (present != null && nanos - auditedNanos >= options.timing().audit().toNanos()) {
      auditedNanos = nanos;
      exchange.audit(
          present.present().stream().map(NodeTag::id).collect(Collectors.toUnmodifiableSet()));
      if (exchange.laterRun() > statement.incarnation()) {
        giveWay();
        return;
      }
    }
    settle();
  }

  /** Another run of this node was let in on the other side of a partition: it is the later one. */
  private void giveWay() {
    LOG.log(
        System.Logger.Level.ERROR,
        "run {0} of node {1} is a member too, this one leaves: two nodes have one identity",
        String.valueOf(exchange.laterRun()),
        self);
    surroundings
        .threads()
        .newThread(() -> leave("another node with this identity is a member"))
        .start();
  }

  /** Works the view out anew. Called by any thread, without a lock. */
  private void settle() {
    boolean removalAllowed = surroundings.removalAllowed().getAsBoolean();
    Collection<NodeStatement> statements;
    Set<NodeId> forgotten;
    synchronized (settling) {
      if (frozen) {
        statements = List.of();
        forgotten = Set.of();
      } else {
        LiveCluster present = live;
        statements = statements(present);
        Set<NodeTag> there = present == null ? Set.of() : present.present();
        forgotten = table.settle(statements, there, removalAllowed);
      }
    }
    if (!forgotten.isEmpty()) {
      forgotten.forEach(read::remove);
      exchange.forget(forgotten, coordinates());
    }
    followOrders(statements);
    table.tell();
    news.release();
  }

  private Collection<NodeStatement> statements(@Nullable LiveCluster present) {
    Map<NodeId, NodeStatement> statements = new HashMap<>();
    if (present != null) {
      nodes
          .snapshot()
          .forEach((id, text) -> statement(id, text).ifPresent(s -> statements.put(id, s)));
    }
    statements.put(self, statement);
    return new ArrayList<>(statements.values());
  }

  private Optional<NodeStatement> statement(NodeId id, String text) {
    Read before = read.get(id);
    if (before != null && before.text().equals(text)) {
      return before.statement();
    }
    Optional<NodeStatement> now = NodeStatement.fromJson(text).filter(said -> said.id().equals(id));
    if (now.isEmpty()) {
      LOG.log(System.Logger.Level.WARNING, "what node {0} says of itself cannot be read", id);
    }
    read.put(id, new Read(text, now));
    return now;
  }

  /** Drains if somebody says so, and takes back own orders that were followed. */
  private void followOrders(Collection<NodeStatement> statements) {
    NodeStatement own = statement;
    if (own.state() == NodeState.ACTIVE) {
      MembershipTable.orderTo(own, statements)
          .ifPresent(
              order ->
                  restate(
                      said ->
                          said.state() == NodeState.ACTIVE
                              ? said.moved(NodeState.DRAINING, order.since(), order.reason())
                              : said));
    }
    if (!own.drains().isEmpty()) {
      Map<String, DrainOrder> open = new HashMap<>();
      for (NodeStatement other : statements) {
        DrainOrder order = own.drains().get(other.id().value());
        if (order != null
            && other.incarnation() <= order.incarnation()
            && other.state() != NodeState.DRAINING
            && other.state() != NodeState.LEFT) {
          open.put(other.id().value(), order);
        }
      }
      if (open.size() < own.drains().size()) {
        restate(said -> said.withDrains(open));
      }
    }
  }

  private void soon(Runnable task) {
    try {
      executor.execute(guarded(task));
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.TRACE, "closed already", e);
    }
  }

  private static Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "the membership missed a step; it goes on", e);
      }
    };
  }
}
