package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.coordination.FoundingRecord;
import io.datawarehouse.kernel.coordination.Group;
import io.datawarehouse.kernel.coordination.GroupFounding;
import io.datawarehouse.kernel.coordination.Outcome;
import io.datawarehouse.kernel.coordination.Proposal;
import io.datawarehouse.kernel.coordination.ProposalFormat;
import io.datawarehouse.kernel.coordination.RegistryStateMachine;
import io.datawarehouse.kernel.coordination.RequestId;
import io.datawarehouse.kernel.jgroups.ClusterTransport;
import io.datawarehouse.kernel.jgroups.PeerDiscovery;
import io.datawarehouse.kernel.storage.DurableFiles;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.CommandResult;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jgroups.Address;
import org.jgroups.stack.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator of a clustered node: registries that a group of nodes agrees on by Raft.
 * Thread-safe.
 *
 * <p><b>Before there is a group</b> nodes found one, once ({@link Founder}). A node that meets a
 * group belongs to it for good and gets its log; it votes once the leader admitted it.
 *
 * <p><b>A proposal</b> goes to the leader, again and again until its outcome is known here or its
 * limit has passed; the state machine applies it once. The outcome is what this node's own copy
 * made of it, so that whoever proposed finds it there. A read through the leader is a mark in the
 * log: when the mark is applied here, so is everything before it.
 *
 * <p><b>Who leads</b> is looked after by {@link LeaderWatch}, who votes by {@link VoterChanges}.
 *
 * <p><b>Threads.</b> One ticks: it alone decides on founding, elections, voters, time-outs. One
 * sends proposals, which may block. One tells: stages complete and listeners are called on it, in
 * the order of the log.
 */
public final class RaftCoordinator implements ClusterCoordinator, AutoCloseable {

  private static final System.Logger LOG = System.getLogger(RaftCoordinator.class.getName());

  private static final String LEADERSHIP = "leadership";
  private static final long TICK_MILLIS = 100;
  private static final long RESEND_MILLIS = 200;
  private static final long VOTE_MILLIS = 500;
  private static final long PROPOSE_AGAIN = TimeUnit.SECONDS.toNanos(1);
  private static final long HAND_OVER = TimeUnit.SECONDS.toNanos(5);
  private static final long CONNECT_AGAIN = TimeUnit.MILLISECONDS.toNanos(300);
  private static final int CONNECT_ATTEMPTS = 40;
  private static final int CLOSE_SECONDS = 5;

  private final RaftOptions options;
  private final RaftSurroundings surroundings;
  private final NodeId self;
  private final RegistryStateMachine machine;
  private final OpenProposals open;
  private final CoordinatorMeter meter;
  private final RegistryWatchers<Change> changeWatchers = new RegistryWatchers<>();
  private final RegistryWatchers<Leadership> leadershipWatchers = new RegistryWatchers<>();
  private final Map<NodeId, Boolean> wanted = new ConcurrentHashMap<>();
  private final Set<RequestId> inLog = ConcurrentHashMap.newKeySet();

  private final ScheduledThreadPoolExecutor ticker;
  private final ExecutorService sender;
  private final ExecutorService teller;

  private volatile Leadership leadership;
  private volatile @Nullable Working working;
  private volatile Optional<String> fault = Optional.empty();
  private volatile Optional<String> foreign = Optional.empty();
  private volatile boolean loading;
  private volatile boolean closed;

  /**
   * What works once the channel is up.
   *
   * @param channel the channel
   * @param founder who finds a group
   * @param watch who looks after the leader
   * @param voters who changes the voters
   */
  private record Working(
      GroupChannel channel, Founder founder, LeaderWatch watch, VoterChanges voters) {}

  /** Makes a coordinator that knows nothing yet; {@link #start} reads its log and connects. */
  public RaftCoordinator(RaftOptions options, RaftSurroundings surroundings) {
    this.options = Objects.requireNonNull(options, "options");
    this.surroundings = Objects.requireNonNull(surroundings, "surroundings");
    this.self = options.node();
    this.machine = new RegistryStateMachine(new Applied());
    this.open = new OpenProposals(self, options.run(), options.capacity());
    this.leadership = nobody(0, options.bootstrapNodes() / 2 + 1);
    this.ticker = new ScheduledThreadPoolExecutor(1, surroundings.threads());
    ticker.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.sender = Executors.newSingleThreadExecutor(surroundings.threads());
    this.teller = Executors.newSingleThreadExecutor(surroundings.threads());
    this.meter = new CoordinatorMeter(surroundings.metrics(), this::status);
  }

  /**
   * Reads what is on disk and connects; returns when the channel is up, which says nothing yet of a
   * leader. To be called once.
   *
   * @throws WarehouseException {@code STORAGE_FAILED} if the log cannot be read, {@code
   *     BOOT_FAILED} if the channel does not come up
   */
  public void start() {
    Path file = options.directory().resolve("founding");
    try {
      DurableFiles.createPrivateDirectories(options.directory());
      FoundingRecord record =
          Files.exists(file) ? FoundingRecord.of(Files.readAllBytes(file)) : FoundingRecord.EMPTY;
      GroupChannel channel = connect(record.chosen());
      working = working(channel, founding(record, file));
    } catch (IOException e) {
      throw DurableFiles.failure("reading the coordinator's log", options.directory(), e);
    }
    var unused = ticker.scheduleWithFixedDelay(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public Leadership leadership() {
    return leadership;
  }

  @Override
  public Watch watchLeadership(Consumer<Leadership> listener) {
    return leadershipWatchers.watch(LEADERSHIP, listener);
  }

  @Override
  public Watch watch(String registry, Consumer<Change> listener) {
    RegistryEntry.Address.requireRegistry(registry);
    return changeWatchers.watch(registry, listener);
  }

  @Override
  public CompletionStage<CommandResult> propose(ClusterCommand command, Duration limit) {
    Objects.requireNonNull(command, "command");
    return submit(Optional.of(command), limit).thenApply(RaftCoordinator::result);
  }

  @Override
  public CompletionStage<Optional<RegistryEntry>> read(
      RegistryEntry.Address address, ReadConsistency consistency) {
    Objects.requireNonNull(address, "address");
    return reading(consistency, () -> machine.find(address));
  }

  @Override
  public CompletionStage<List<RegistryEntry>> list(String registry, ReadConsistency consistency) {
    RegistryEntry.Address.requireRegistry(registry);
    return reading(consistency, () -> machine.list(registry));
  }

  @Override
  public CompletionStage<Boolean> handOver(Duration limit) {
    long deadline = now() + requirePositive(limit);
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    Working present = working;
    boolean taken =
        present != null
            && onTicker(
                () -> {
                  var unused =
                      present
                          .watch()
                          .resign(deadline)
                          .whenComplete((done, error) -> tell(() -> answer.complete(done)));
                });
    if (!taken) {
      answer.complete(false);
    }
    return answer;
  }

  /**
   * Says that a node should have a vote. To be called on every node, for every node that becomes a
   * member: the leader alone acts on it, when the node is in touch and has the log, and each node
   * remembers it until it is done; so it does not matter which of them leads, or dies. Returns at
   * once; does nothing for a node that has a vote.
   */
  public void admit(NodeId node) {
    want(node, true);
  }

  /**
   * Says that a node should have no vote any more, because it left or is given up; otherwise like
   * {@link #admit}. The last voter keeps its vote; a leader that is to lose it hands over first.
   */
  public void remove(NodeId node) {
    want(node, false);
  }

  /** Returns how it is; from memory. */
  public CoordinatorStatus status() {
    Working present = working;
    if (present == null) {
      return new CoordinatorStatus(
          Optional.empty(),
          leadership,
          List.of(),
          List.of(),
          machine.position(),
          machine.entries(),
          0,
          foreign,
          fault);
    }
    GuardedRaft raft = present.channel().raft();
    return new CoordinatorStatus(
        present.founder().group().map(Group::id),
        leadership,
        raft.members().stream().map(NodeId::new).toList(),
        inView(present.channel()),
        machine.position(),
        machine.entries(),
        raft.log().sizeInBytes(),
        foreign,
        fault);
  }

  private static List<NodeId> inView(GroupChannel channel) {
    return channel.inView().stream()
        .map(GroupChannel::nodeOf)
        .filter(Objects::nonNull)
        .sorted()
        .toList();
  }

  /**
   * Leaves the channel and answers all that is open with {@code UNAVAILABLE}. Does nothing the
   * second time. A leader had better {@linkplain #handOver hand over} first.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    ticker.shutdown();
    sender.shutdown();
    Working present = working;
    if (present != null) {
      present.channel().close();
    }
    awaitEnd(ticker);
    awaitEnd(sender);
    abandonOpen("the coordinator stops");
    publish(nobody(leadership.term(), leadership.quorum()));
    teller.shutdown();
  }

  /** Returns the channel that is connected; for tests, which cut it. */
  GroupChannel channel() {
    return Objects.requireNonNull(working, "not started").channel();
  }

  // Proposals and reads.

  private CompletableFuture<Outcome> submit(Optional<ClusterCommand> command, Duration limit) {
    long began = now();
    long deadline = began + requirePositive(limit);
    OpenProposals.Open proposal;
    try {
      requireRunning();
      proposal = open.open(command, deadline);
    } catch (WarehouseException e) {
      return CompletableFuture.failedFuture(e);
    }
    CompletableFuture<Outcome> outcome =
        proposal.outcome.whenComplete((made, error) -> meter.proposed(made, now() - began));
    if (!onSender(() -> send(proposal)) || closed) {
      end(proposal.id, unavailable("the coordinator stops"));
    }
    return outcome;
  }

  /** Sends a proposal to whoever leads, if anybody does; called on the sender alone. */
  private void send(OpenProposals.Open proposal) {
    Working present = working;
    Address leader = present == null ? null : present.channel().raft().leader();
    if (present == null || leader == null || proposal.outcome.isDone()) {
      return;
    }
    proposal.sentAt(now());
    Proposal sent = open.proposal(proposal);
    if (present.channel().isSelf(leader)) {
      append(present.channel().raft(), sent);
    } else {
      present.channel().courier().send(leader, new CoordinatorWord.Proposed(sent).toBytes());
    }
  }

  /** Puts a proposal into the log of this leader, unless it is on its way already. */
  private void append(GuardedRaft raft, Proposal proposal) {
    if (!raft.isLeader() || !inLog.add(proposal.id())) {
      return;
    }
    byte[] bytes = ProposalFormat.write(proposal);
    try {
      var unused =
          raft.setAsync(bytes, 0, bytes.length, null)
              .whenComplete((nothing, error) -> inLog.remove(proposal.id()));
    } catch (RuntimeException e) {
      // It ceased to lead; whoever proposed sends it again.
      inLog.remove(proposal.id());
    }
  }

  private void end(RequestId id, Outcome outcome) {
    open.take(id).ifPresent(taken -> tell(() -> taken.outcome.complete(outcome)));
  }

  private void end(RequestId id, WarehouseException error) {
    open.take(id).ifPresent(taken -> tell(() -> taken.outcome.completeExceptionally(error)));
  }

  private static CommandResult result(Outcome outcome) {
    if (outcome instanceof Outcome.Judged judged) {
      return judged.result();
    }
    if (outcome instanceof Outcome.Full) {
      throw new WarehouseException(
          StandardErrorCode.QUOTA_EXCEEDED,
          "the cluster's registries are full; remove what is not needed or raise their limits");
    }
    throw stale();
  }

  private static WarehouseException stale() {
    return unavailable("a later run of this node has made proposals");
  }

  private <T> CompletionStage<T> reading(ReadConsistency consistency, Supplier<T> copy) {
    if (consistency instanceof ReadConsistency.Local local) {
      return fresh(local.mostAge())
          ? CompletableFuture.completedFuture(copy.get())
          : CompletableFuture.failedFuture(
              unavailable("this node was not in touch with a leader lately"));
    }
    return submit(Optional.empty(), options.readLimit())
        .thenApply(
            outcome -> {
              if (outcome instanceof Outcome.Stale) {
                throw stale();
              }
              return copy.get();
            });
  }

  private boolean fresh(Duration mostAge) {
    Working present = working;
    if (present == null || closed || fault.isPresent()) {
      return false;
    }
    OptionalLong asOf = present.watch().copyAsOf();
    return asOf.isPresent() && now() - asOf.getAsLong() <= saturated(mostAge);
  }

  // What the log says.

  /** Notes what the state machine did; called while it is held. */
  private final class Applied implements RegistryStateMachine.Observer {

    @Override
    public void applied(RequestId id, Outcome outcome) {
      end(id, outcome);
    }

    @Override
    public void changed(Change change) {
      if (!loading) {
        tell(changeWatchers.telling(change.address().registry(), change));
      }
    }

    @Override
    public void restored() {
      onTicker(RaftCoordinator.this::answerFromSnapshot);
    }
  }

  /** What was applied elsewhere while this node got a snapshot is told by that. */
  private void answerFromSnapshot() {
    for (OpenProposals.Open proposal : open.all()) {
      machine.answer(proposal.id, proposal.command).ifPresent(outcome -> end(proposal.id, outcome));
    }
  }

  // Starting and stopping.

  private GroupFounding founding(FoundingRecord record, Path file) {
    Path temporary = options.directory().resolve("founding.tmp");
    return new GroupFounding(
        self,
        options.bootstrapNodes(),
        record,
        next -> {
          try {
            DurableFiles.replace(file, temporary, next.toBytes());
          } catch (IOException e) {
            failed(e);
            throw new UncheckedIOException(e);
          }
        },
        surroundings.groupIds());
  }

  private Working working(GroupChannel channel, GroupFounding founding) {
    Founder founder =
        new Founder(
            self,
            channel,
            founding,
            options.contact(),
            () -> surroundings.peers().get().size(),
            now(),
            channel::enter);
    LeaderWatch watch =
        new LeaderWatch(
            self,
            channel,
            founder,
            machine,
            meter,
            new Host(),
            surroundings.nanoTime(),
            options.contact());
    return new Working(
        channel, founder, watch, new VoterChanges(self, channel, wanted, this::onTicker));
  }

  private GroupChannel connect(Optional<Group> group) throws IOException {
    for (int attempt = 1; ; attempt++) {
      GroupChannel channel = channel(group);
      try {
        channel.connect();
        return channel;
      } catch (Exception e) {
        channel.close();
        if (e instanceof IOException || attempt == CONNECT_ATTEMPTS || closed) {
          throw new WarehouseException(
              StandardErrorCode.BOOT_FAILED,
              "the coordinator's channel at %s does not come up: %s"
                  .formatted(options.transport().bind(), e.getMessage()),
              e);
        }
        LOG.log(
            System.Logger.Level.INFO,
            "the coordinator''s channel is not up yet, it is tried again: {0}",
            e.getMessage());
        LockSupport.parkNanos(CONNECT_AGAIN);
      }
    }
  }

  private GroupChannel channel(Optional<Group> group) throws IOException {
    loading = true;
    ForeignGroups foreignGroups = new ForeignGroups(this::refused);
    GuardedRaft raft =
        new GuardedRaft(
            self.value(),
            DurableLog.open(options.directory().resolve("log"), this::failed),
            new AppliedLog(machine, () -> loading = false, this::failed),
            options.snapshotBytes(),
            RESEND_MILLIS,
            surroundings.nanoTime(),
            this::look);
    CarefulElection election =
        new CarefulElection(VOTE_MILLIS, this::content, this::standsAside, this::look);
    Courier courier = new Courier(this::receive, this::look);
    List<Protocol> lower =
        new ClusterTransport(options.transport(), surroundings.security())
            .protocols(new PeerDiscovery(surroundings.peers()), List.of(foreignGroups));
    try {
      GroupChannel channel =
          new GroupChannel(
              self, lower, new GroupChannel.Parts(foreignGroups, raft, election, courier));
      group.ifPresent(channel::enter);
      return channel;
    } catch (Exception e) {
      throw new WarehouseException(
          StandardErrorCode.BOOT_FAILED, "the coordinator's channel cannot be made", e);
    }
  }

  private boolean content() {
    Working present = working;
    return present != null && present.watch().content();
  }

  private boolean standsAside() {
    Working present = working;
    return present == null || present.watch().standsAside();
  }

  private void failed(IOException cause) {
    if (fault.isEmpty() && !closed) {
      fault = Optional.of(String.valueOf(cause.getMessage()));
      LOG.log(
          System.Logger.Level.ERROR,
          "the coordinator of node " + self + " stops until it is started again: its log failed",
          cause);
      onTicker(this::tick);
      onSender(
          () -> {
            Working present = working;
            if (present != null) {
              present.channel().close();
            }
          });
    }
  }

  private void refused(Address from, String group) {
    String seen = "group " + group + " at " + from;
    if (!foreign.equals(Optional.of(seen))) {
      LOG.log(
          System.Logger.Level.WARNING,
          "node {0} met one of another group and refused it: {1}; two groups were founded, or a"
              + " data directory was brought from elsewhere",
          self,
          seen);
      foreign = Optional.of(seen);
    }
    meter.foreign();
  }

  // What others say.

  private void receive(Address from, byte[] bytes) {
    NodeId node = GroupChannel.nodeOf(from);
    Working present = working;
    if (node == null || present == null) {
      return;
    }
    try {
      CoordinatorWord word = CoordinatorWord.of(bytes);
      if (word instanceof CoordinatorWord.Proposed proposed) {
        append(present.channel().raft(), proposed.proposal());
      } else {
        onTicker(() -> hear(present, from, node, word));
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "a word of " + node + " is not understood", e);
    }
  }

  private void hear(Working present, Address from, NodeId node, CoordinatorWord word) {
    if (closed || fault.isPresent()) {
      return;
    }
    try {
      if (word instanceof CoordinatorWord.Founding said) {
        present.founder().receive(node, said.message());
      } else if (present.founder().group().isEmpty()) {
        hearWithoutGroup(present, node, word);
      } else {
        hearInGroup(present, from, node, word);
        refreshLeadership();
      }
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "a word of " + node + " could not be followed", e);
    }
  }

  private void hearWithoutGroup(Working present, NodeId node, CoordinatorWord word) {
    if (word instanceof CoordinatorWord.Pulse pulse) {
      present.founder().meet(pulse.group());
    } else if (word instanceof CoordinatorWord.Leaderless other) {
      other
          .group()
          .ifPresentOrElse(present.founder()::meet, () -> present.founder().heard(node, now()));
    }
  }

  private void hearInGroup(Working present, Address from, NodeId node, CoordinatorWord word) {
    LeaderWatch watch = present.watch();
    if (word instanceof CoordinatorWord.Pulse pulse) {
      watch.heard(from, pulse);
    } else if (word instanceof CoordinatorWord.PulseAnswer answer) {
      watch.heard(node, answer);
    } else if (word instanceof CoordinatorWord.Resigned resigned) {
      watch.heard(from, resigned);
    } else if (word instanceof CoordinatorWord.Leaderless other) {
      if (other.group().isPresent()) {
        watch.heard(node, other);
      } else {
        present.founder().introduce(from);
      }
    }
  }

  // The ticker.

  private void look() {
    onTicker(this::tick);
  }

  private void want(NodeId node, boolean vote) {
    wanted.put(node, vote);
    look();
  }

  private void tick() {
    try {
      Working present = working;
      if (present != null && fault.isEmpty()) {
        if (present.founder().group().isEmpty()) {
          present.founder().look(now());
        } else {
          lookAtGroup(present);
        }
      }
      expire();
      refreshLeadership();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "the coordinator goes on after a failure", e);
    }
  }

  private void lookAtGroup(Working present) {
    present.watch().look();
    present.voters().forgetFulfilled();
    if (present.watch().established() && !present.watch().resigning() && present.voters().next()) {
      var unused = present.watch().resign(now() + HAND_OVER);
    }
    sendAgain(PROPOSE_AGAIN);
  }

  /** What the coordinator does for who looks after the leader. */
  private final class Host implements LeaderWatch.Host {

    @Override
    public void mark(Consumer<Boolean> done) {
      var unused =
          submit(Optional.empty(), options.readLimit())
              .whenComplete(
                  (outcome, error) ->
                      onTicker(
                          () -> {
                            done.accept(outcome instanceof Outcome.Marked);
                            refreshLeadership();
                          }));
    }

    @Override
    public void leaderChanged() {
      inLog.clear();
      sendAgain(0);
    }
  }

  private void sendAgain(long age) {
    for (OpenProposals.Open proposal : open.all()) {
      if (!proposal.sent() || now() - proposal.sentAt() >= age) {
        onSender(() -> send(proposal));
      }
    }
  }

  private void expire() {
    for (OpenProposals.Open proposal : open.all()) {
      if (fault.isPresent()) {
        end(proposal.id, unavailable("the coordinator's log failed: " + fault.get()));
      } else if (now() - proposal.deadline > 0) {
        end(proposal.id, expired(proposal));
      }
    }
  }

  private WarehouseException expired(OpenProposals.Open proposal) {
    if (leadership.available()) {
      return new WarehouseException(
          StandardErrorCode.TIMEOUT,
          "the cluster did not answer in time; the change may stand or not");
    }
    return unavailable(
        proposal.sent()
            ? "a majority of the cluster cannot be reached; the change may stand or not"
            : "a majority of the cluster cannot be reached; nothing was changed");
  }

  private void abandonOpen(String why) {
    for (OpenProposals.Open proposal : open.all()) {
      end(proposal.id, unavailable(why));
    }
  }

  private void refreshLeadership() {
    Working present = working;
    boolean works =
        present != null && fault.isEmpty() && !closed && present.founder().group().isPresent();
    publish(
        works && present != null
            ? present.watch().leadership()
            : nobody(leadership.term(), leadership.quorum()));
  }

  private void publish(Leadership next) {
    if (!next.equals(leadership)) {
      leadership = next;
      tell(leadershipWatchers.telling(LEADERSHIP, next));
    }
  }

  // The rest.

  private void requireRunning() {
    if (closed) {
      throw unavailable("the coordinator stops");
    }
    if (fault.isPresent()) {
      throw unavailable("the coordinator's log failed: " + fault.get());
    }
  }

  private static Leadership nobody(long term, int quorum) {
    return new Leadership(Optional.empty(), term, quorum, false);
  }

  private static WarehouseException unavailable(String why) {
    return new WarehouseException(StandardErrorCode.UNAVAILABLE, why);
  }

  private static long requirePositive(Duration limit) {
    if (limit.isNegative() || limit.isZero()) {
      throw WarehouseException.invalid("limit", limit, "must be more than zero");
    }
    return saturated(limit);
  }

  /** A century is as good as for ever, and does not overflow. */
  private static long saturated(Duration duration) {
    Duration most = Duration.ofDays(36_500);
    return (duration.compareTo(most) > 0 ? most : duration).toNanos();
  }

  private long now() {
    return surroundings.nanoTime().getAsLong();
  }

  private boolean onTicker(Runnable task) {
    return run(ticker, task);
  }

  private boolean onSender(Runnable task) {
    return run(
        sender,
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "sending failed; it is tried again", e);
          }
        });
  }

  private void tell(Runnable task) {
    if (!run(teller, task)) {
      // Nobody listens after the end; who waits has to have an answer.
      task.run();
    }
  }

  private static boolean run(ExecutorService executor, Runnable task) {
    try {
      executor.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private static void awaitEnd(ExecutorService executor) {
    try {
      if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
