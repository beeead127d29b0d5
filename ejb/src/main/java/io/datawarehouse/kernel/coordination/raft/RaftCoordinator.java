package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.coordination.FoundingMessage;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
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
import org.jgroups.raft.util.Utils;
import org.jgroups.stack.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator of a clustered node: registries that a group of nodes agrees on by Raft.
 * Thread-safe.
 *
 * <p><b>Before there is a group</b> nodes found one, once ({@link GroupFounding}). A node that
 * meets a group joins its channel for good and gets its log; it votes once the leader admitted it.
 *
 * <p><b>A proposal</b> goes to the leader, again and again until its outcome is known here or its
 * limit has passed; the state machine applies it once. The outcome is what this node's own copy
 * made of it, so that whoever proposed finds it there. A read through the leader is a mark in the
 * log: when the mark is applied here, everything before it is.
 *
 * <p><b>Who leads</b> is looked after by signs of life: a leader sends them, followers answer; a
 * node that misses them says that it knows no leader. When a majority of the voters says so, the
 * first of them in view holds an election.
 *
 * <p><b>Threads.</b> One ticks: it alone decides on founding, elections, voters, time-outs. One
 * sends proposals and changes channels, for both may block. One tells: stages complete and
 * listeners are called on it, in the order of the log.
 */
public final class RaftCoordinator implements ClusterCoordinator, AutoCloseable {

  private static final System.Logger LOG = System.getLogger(RaftCoordinator.class.getName());

  private static final String LEADERSHIP = "leadership";
  private static final long TICK_MILLIS = 100;
  private static final long RESEND_MILLIS = 200;
  private static final long VOTE_MILLIS = 500;
  private static final long PROPOSE_AGAIN = TimeUnit.SECONDS.toNanos(1);
  private static final long FOUNDING_PAUSE = TimeUnit.MILLISECONDS.toNanos(1_000);
  private static final long FOUNDING_AGAIN = TimeUnit.MILLISECONDS.toNanos(600);
  private static final long CONNECT_AGAIN_MILLIS = 300;
  private static final int CONNECT_ATTEMPTS = 40;
  private static final int CLOSE_SECONDS = 5;

  private final RaftOptions options;
  private final RaftSurroundings surroundings;
  private final NodeId self;
  private final ClusterTransport transport;
  private final Path foundingFile;
  private final RegistryStateMachine machine;
  private final OpenProposals open;
  private final CoordinatorMeter meter;
  private final Freshness freshness = new Freshness();
  private final RegistryWatchers<Change> changeWatchers = new RegistryWatchers<>();
  private final RegistryWatchers<Leadership> leadershipWatchers = new RegistryWatchers<>();
  private final Set<RequestId> inLog = ConcurrentHashMap.newKeySet();
  private final Map<NodeId, Boolean> wanted = new ConcurrentHashMap<>();

  private final ScheduledThreadPoolExecutor ticker;
  private final ExecutorService sender;
  private final ExecutorService teller;

  private volatile Leadership leadership;
  private volatile @Nullable GroupChannel channel;
  private volatile Optional<String> fault = Optional.empty();
  private volatile Optional<String> foreign = Optional.empty();
  private volatile boolean loading;
  private volatile boolean closed;
  private volatile boolean standsAside;
  // Written by the ticker; read by whoever votes.
  private volatile long leaderContact;
  private volatile boolean leaderAvailable;
  private volatile long establishedTerm = -1;
  private volatile boolean establishing;

  // Confined to the ticker.
  private final QuorumContact quorum = new QuorumContact();
  private final Map<NodeId, Long> leaderless = new HashMap<>();
  private final Map<NodeId, Long> candidates = new HashMap<>();
  private @Nullable GroupFounding founding;
  private @Nullable Address knownLeader;
  private @Nullable Resignation resignation;
  private boolean changingVoters;
  private boolean changingChannel;
  private long knownTerm = -1;
  private long resignedTerm = -1;
  private long connectedAt;
  private long foundingAttemptAt;
  private long ticks;

  /** A leader on its way out. */
  private static final class Resignation {
    final CompletableFuture<Boolean> done = new CompletableFuture<>();
    final long deadline;
    boolean resigned;

    Resignation(long deadline) {
      this.deadline = deadline;
    }
  }

  /** Makes a coordinator that knows nothing yet; {@link #start} reads its log and connects. */
  public RaftCoordinator(RaftOptions options, RaftSurroundings surroundings) {
    this.options = Objects.requireNonNull(options, "options");
    this.surroundings = Objects.requireNonNull(surroundings, "surroundings");
    this.self = options.node();
    this.transport = new ClusterTransport(options.transport(), surroundings.security());
    this.foundingFile = options.directory().resolve("founding");
    this.machine = new RegistryStateMachine(new Applied());
    this.open = new OpenProposals(self, options.run(), options.capacity());
    this.leadership = new Leadership(Optional.empty(), 0, options.bootstrapNodes() / 2 + 1, false);
    this.ticker = new ScheduledThreadPoolExecutor(1, surroundings.threads());
    ticker.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    ticker.setRemoveOnCancelPolicy(true);
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
    try {
      DurableFiles.createPrivateDirectories(options.directory());
      FoundingRecord record =
          Files.exists(foundingFile)
              ? FoundingRecord.of(Files.readAllBytes(foundingFile))
              : FoundingRecord.EMPTY;
      founding =
          new GroupFounding(
              self, options.bootstrapNodes(), record, this::keepFounding, surroundings.groupIds());
      connect(record.chosen());
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
    boolean taken =
        onTicker(
            () -> {
              Resignation asked = resign(deadline);
              var unused =
                  asked.done.whenComplete((done, error) -> tell(() -> answer.complete(done)));
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
    wanted.put(node, true);
    onTicker(this::tick);
  }

  /**
   * Says that a node should have no vote any more, because it left or is given up; otherwise like
   * {@link #admit}. The last voter keeps its vote; a leader that is to lose it hands over first.
   */
  public void remove(NodeId node) {
    wanted.put(node, false);
    onTicker(this::tick);
  }

  /** Returns how it is; from memory. */
  public CoordinatorStatus status() {
    GroupChannel current = channel;
    Optional<GroupChannel.Member> member = current == null ? Optional.empty() : current.member();
    return new CoordinatorStatus(
        member.map(GroupChannel.Member::group),
        leadership,
        member.map(present -> nodes(present.raft().members())).orElse(List.of()),
        current == null
            ? List.of()
            : current.inView().stream()
                .map(GroupChannel::nodeOf)
                .filter(Objects::nonNull)
                .sorted()
                .toList(),
        machine.position(),
        machine.entries(),
        member.map(present -> present.raft().log().sizeInBytes()).orElse(0L),
        foreign,
        fault);
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
    GroupChannel current = channel;
    if (current != null) {
      current.close();
    }
    awaitEnd(ticker);
    awaitEnd(sender);
    abandonOpen("the coordinator stops");
    publish(new Leadership(Optional.empty(), leadership.term(), leadership.quorum(), false));
    teller.shutdown();
  }

  /** Returns the channel that is connected; for tests, which cut it. */
  @Nullable GroupChannel channel() {
    return channel;
  }

  /** Returns what is agreed on as this node has it; for tests. */
  RegistryStateMachine machine() {
    return machine;
  }

  // Proposals.

  private CompletableFuture<Outcome> submit(Optional<ClusterCommand> command, Duration limit) {
    long deadline = now() + requirePositive(limit);
    OpenProposals.Open proposal;
    try {
      requireRunning();
      proposal = open.open(command, deadline);
    } catch (WarehouseException e) {
      return CompletableFuture.failedFuture(e);
    }
    long began = now();
    if (!onSender(() -> send(proposal))) {
      end(proposal.id, unavailable("the coordinator stops"));
    }
    return proposal.outcome.whenComplete(
        (outcome, error) -> meter.proposed(outcome, now() - began));
  }

  /** Sends a proposal to whoever leads, if anybody does; called on the sender alone. */
  private void send(OpenProposals.Open proposal) {
    GroupChannel current = channel;
    Address leader = current == null ? null : current.member().map(this::leaderOf).orElse(null);
    if (current == null || leader == null || proposal.outcome.isDone()) {
      return;
    }
    proposal.sentAt(now());
    Proposal sent = open.proposal(proposal);
    if (leader.equals(current.channel().getAddress())) {
      append(current.member().orElseThrow().raft(), sent);
    } else {
      current.courier().send(leader, new CoordinatorWord.Proposed(sent).toBytes());
    }
  }

  private @Nullable Address leaderOf(GroupChannel.Member member) {
    return member.raft().leader();
  }

  /** Puts a proposal into the log of this leader, unless it is on its way already. */
  private void append(GuardedRaft raft, Proposal proposal) {
    if (!inLog.add(proposal.id())) {
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
    throw new WarehouseException(
        StandardErrorCode.UNAVAILABLE, "a later run of this node has made proposals");
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
                throw unavailable("a later run of this node has made proposals");
              }
              return copy.get();
            });
  }

  private boolean fresh(Duration mostAge) {
    if (closed || fault.isPresent()) {
      return false;
    }
    Leadership current = leadership;
    if (current.leads(self) && current.quorum() == 1 && establishedTerm == current.term()) {
      return true;
    }
    OptionalLong asOf = freshness.asOf(machine.position().index());
    return asOf.isPresent() && now() - asOf.getAsLong() <= saturated(mostAge);
  }

  // What the log says.

  /** Notes what the state machine did; called while it is held. */
  private final class Applied implements RegistryStateMachine.Observer {

    @Override
    public void applied(RequestId id, Outcome outcome) {
      inLog.remove(id);
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

  private void answerFromSnapshot() {
    for (OpenProposals.Open proposal : open.all()) {
      machine.answer(proposal.id, proposal.command).ifPresent(outcome -> end(proposal.id, outcome));
    }
  }

  // The channel.

  private void connect(Optional<Group> group) throws IOException {
    GroupChannel made = null;
    for (int attempt = 1; made == null; attempt++) {
      made = attempt(group, attempt);
    }
    if (closed) {
      made.close();
      return;
    }
    channel = made;
    connectedAt = now();
  }

  /** Returns a connected channel; null if the next attempt may have more luck. */
  private @Nullable GroupChannel attempt(Optional<Group> group, int attempt) throws IOException {
    GroupChannel made = null;
    try {
      made = make(group);
      made.connect();
      return made;
    } catch (IOException e) {
      closeQuietly(made);
      throw e;
    } catch (Exception e) {
      closeQuietly(made);
      if (attempt == CONNECT_ATTEMPTS || closed) {
        throw new WarehouseException(
            StandardErrorCode.BOOT_FAILED,
            "the coordinator's channel at %s does not come up: %s"
                .formatted(options.transport().bind(), e.getMessage()),
            e);
      }
      LOG.log(
          System.Logger.Level.INFO,
          "the coordinator''s channel is not up yet, it is tried again: {0}",
          String.valueOf(e.getMessage()));
      pause();
      return null;
    }
  }

  private static void closeQuietly(@Nullable GroupChannel made) {
    if (made != null) {
      made.close();
    }
  }

  private void pause() {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(CONNECT_AGAIN_MILLIS));
  }

  private GroupChannel make(Optional<Group> group) throws Exception {
    Courier courier = new Courier(this::receive, this::look);
    List<Protocol> lower =
        transport.protocols(
            new PeerDiscovery(surroundings.peers()),
            List.of(new ForeignGroups(group.map(Group::id).orElse(null), this::refused)));
    Optional<GroupChannel.Member> member =
        group.isPresent() ? Optional.of(member(group.get())) : Optional.empty();
    return GroupChannel.of(self, lower, member, courier);
  }

  private GroupChannel.Member member(Group group) throws IOException {
    loading = true;
    DurableLog log = DurableLog.open(options.directory().resolve("log"), this::failed);
    GuardedRaft raft =
        new GuardedRaft(
            self.value(),
            group.founders().stream().map(NodeId::value).toList(),
            log,
            new AppliedLog(machine, () -> loading = false, this::failed),
            options.snapshotBytes(),
            RESEND_MILLIS,
            surroundings.nanoTime(),
            this::look);
    CarefulElection election =
        new CarefulElection(VOTE_MILLIS, this::content, () -> standsAside, this::look);
    return new GroupChannel.Member(group.id(), raft, election);
  }

  private void failed(IOException cause) {
    if (fault.isEmpty() && !closed) {
      fault = Optional.of(String.valueOf(cause.getMessage()));
      LOG.log(
          System.Logger.Level.ERROR,
          "the coordinator stops until the node is started again: its log failed",
          cause);
      onTicker(this::stopForGood);
    }
  }

  private void stopForGood() {
    abandonOpen("the coordinator's log failed: " + fault.orElse(""));
    refreshLeadership();
    onSender(
        () -> {
          GroupChannel current = channel;
          if (current != null) {
            current.close();
          }
        });
  }

  private void refused(Address from, String group) {
    String seen = "group " + group + " at " + from;
    if (!foreign.equals(Optional.of(seen))) {
      LOG.log(
          System.Logger.Level.WARNING,
          "a node of another group was met and refused: {0}; two clusters were founded, or a data"
              + " directory was brought from elsewhere",
          seen);
      foreign = Optional.of(seen);
    }
    meter.foreign();
  }

  private void receive(Address from, byte[] bytes) {
    NodeId node = GroupChannel.nodeOf(from);
    if (node == null) {
      return;
    }
    try {
      CoordinatorWord word = CoordinatorWord.of(bytes);
      if (word instanceof CoordinatorWord.Proposed proposed) {
        proposed(proposed.proposal());
      } else {
        onTicker(() -> hear(from, node, word));
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "a word of " + node + " is not understood", e);
    }
  }

  private void proposed(Proposal proposal) {
    GroupChannel current = channel;
    if (current != null) {
      current
          .member()
          .map(GroupChannel.Member::raft)
          .filter(GuardedRaft::isLeader)
          .ifPresent(raft -> append(raft, proposal));
    }
  }

  // From here on all is the ticker's.

  private void look() {
    onTicker(this::tick);
  }

  private void tick() {
    try {
      ticks++;
      GroupChannel current = channel;
      if (current != null && fault.isEmpty() && !changingChannel) {
        if (current.member().isPresent()) {
          lookAtGroup(current, current.member().get());
        } else {
          lookForGroup(current);
        }
      }
      expire();
      refreshLeadership();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "the coordinator goes on after a failure", e);
    }
  }

  private void hear(Address from, NodeId node, CoordinatorWord word) {
    GroupChannel current = channel;
    if (current == null || changingChannel || closed || fault.isPresent()) {
      return;
    }
    try {
      if (current.member().isEmpty()) {
        hearWithoutGroup(current, node, word);
      } else {
        hearInGroup(current, current.member().get(), from, node, word);
      }
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "a word of " + node + " could not be followed", e);
    }
  }

  // Founding.

  private void lookForGroup(GroupChannel current) {
    candidates.put(self, now());
    current.courier().tellAll(new CoordinatorWord.Leaderless(0, Optional.empty()).toBytes());
    candidates.values().removeIf(heard -> now() - heard > nanos(options.contact()));
    boolean settled = now() - connectedAt > FOUNDING_PAUSE;
    if (settled && now() - foundingAttemptAt > FOUNDING_AGAIN) {
      foundingAttemptAt = now();
      deliver(current, founding().attempt(inSight(current)));
    }
  }

  private Set<NodeId> inSight(GroupChannel current) {
    Set<NodeId> inSight = new TreeSet<>(candidates.keySet());
    inSight.removeIf(node -> current.find(node).isEmpty());
    return inSight;
  }

  private void hearWithoutGroup(GroupChannel current, NodeId node, CoordinatorWord word) {
    if (word instanceof CoordinatorWord.Pulse pulse) {
      adopt(pulse.group());
    } else if (word instanceof CoordinatorWord.Leaderless other) {
      if (other.group().isPresent()) {
        adopt(other.group().get());
      } else {
        candidates.put(node, now());
      }
    } else if (word instanceof CoordinatorWord.Founding said) {
      deliver(current, founding().receive(node, said.message()));
      founding().group().ifPresent(this::enter);
    }
  }

  private void adopt(Group group) {
    founding().receive(self, new FoundingMessage.Chosen(group));
    founding().group().ifPresent(this::enter);
  }

  private void deliver(GroupChannel current, List<GroupFounding.Letter> letters) {
    for (GroupFounding.Letter letter : letters) {
      if (letter.to().equals(self)) {
        deliver(current, founding().receive(self, letter.message()));
      } else {
        byte[] word = new CoordinatorWord.Founding(letter.message()).toBytes();
        current.find(letter.to()).ifPresent(address -> current.courier().tell(address, word));
      }
    }
    founding().group().ifPresent(this::enter);
  }

  /** Leaves the channel of those without a group for that of the group. */
  private void enter(Group group) {
    if (changingChannel) {
      return;
    }
    changingChannel = true;
    LOG.log(
        System.Logger.Level.INFO,
        "the coordinator belongs to group {0}, founded by {1}",
        group.id(),
        group.founders());
    boolean taken =
        onSender(
            () -> {
              try {
                closeQuietly(channel);
                connect(Optional.of(group));
              } catch (IOException e) {
                failed(e);
              } catch (WarehouseException e) {
                failed(new IOException(e.getMessage(), e));
              } finally {
                onTicker(() -> changingChannel = false);
              }
            });
    changingChannel = taken;
  }

  private void keepFounding(FoundingRecord record) {
    try {
      DurableFiles.replace(
          foundingFile, options.directory().resolve("founding.tmp"), record.toBytes());
    } catch (IOException e) {
      failed(e);
      throw new UncheckedIOException(e);
    }
  }

  private GroupFounding founding() {
    return Objects.requireNonNull(founding, "not started");
  }

  // In a group.

  private void lookAtGroup(GroupChannel current, GroupChannel.Member member) {
    GuardedRaft raft = member.raft();
    noteLeader(raft);
    if (raft.isLeader()) {
      lead(current, member);
    } else if (knownLeader != null && !content()) {
      // Frozen or cut off, and still in view.
      raft.setLeaderAndTerm(null);
      noteLeader(raft);
    }
    if (raft.leader() == null) {
      seekLeader(current, member);
    } else {
      sendAgain();
    }
    lookAtResignation(current, member);
    wanted
        .entrySet()
        .removeIf(
            wish ->
                !raft.changing()
                    && raft.members().contains(wish.getKey().value()) == wish.getValue());
  }

  /** Takes note of who leads in which term; a new one counts as heard. */
  private void noteLeader(GuardedRaft raft) {
    Address leader = raft.leader();
    long term = raft.currentTerm();
    if (term == knownTerm && Objects.equals(leader, knownLeader)) {
      return;
    }
    knownTerm = term;
    knownLeader = leader;
    leaderAvailable = false;
    inLog.clear();
    if (leader != null) {
      leaderContact = now();
      leaderless.clear();
      if (raft.isLeader()) {
        quorum.begin(now());
        establish(raft, term);
      }
      resendOpen();
    }
  }

  /** A mark of its own term: when it is agreed on, so is all that was there before. */
  private void establish(GuardedRaft raft, long term) {
    meter.elected();
    LOG.log(System.Logger.Level.INFO, "this node leads in term {0}", term);
    establishing = true;
    var unused =
        submit(Optional.empty(), options.readLimit())
            .whenComplete(
                (outcome, error) -> {
                  establishing = false;
                  if (error == null && raft.isLeader() && raft.currentTerm() == term) {
                    establishedTerm = term;
                    look();
                  }
                });
  }

  private void lead(GroupChannel current, GroupChannel.Member member) {
    GuardedRaft raft = member.raft();
    long reached = quorum.reached(raft.members(), self.value(), now());
    long age = now() - reached;
    if (age > 2 * nanos(options.contact())) {
      LOG.log(
          System.Logger.Level.WARNING,
          "this node leads no longer: it does not hear a majority of the voters");
      raft.setLeaderAndTerm(null);
      noteLeader(raft);
      return;
    }
    leaderAvailable = age <= nanos(options.contact());
    leaderContact = reached;
    boolean established = establishedTerm == raft.currentTerm();
    if (established && leaderAvailable) {
      freshness.learn(raft.commitIndex(), reached, machine.position().index());
    }
    if (ticks % 2 == 0) {
      byte[] pulse =
          new CoordinatorWord.Pulse(
                  raft.currentTerm(),
                  quorum.send(now()),
                  raft.commitIndex(),
                  TimeUnit.NANOSECONDS.toMicros(Math.max(0, age)),
                  established && leaderAvailable,
                  founding().group().orElseThrow())
              .toBytes();
      current.courier().tellAll(pulse);
    }
    if (established) {
      changeVoters(current, raft);
    } else if (!establishing) {
      establish(raft, raft.currentTerm());
    }
  }

  private void seekLeader(GroupChannel current, GroupChannel.Member member) {
    GuardedRaft raft = member.raft();
    current
        .courier()
        .tellAll(new CoordinatorWord.Leaderless(raft.currentTerm(), founding().group()).toBytes());
    leaderless.put(self, now());
    leaderless.values().removeIf(heard -> now() - heard > nanos(options.contact()));
    CarefulElection election = member.election();
    if (election.isVotingThreadRunning() || !election.enoughInView()) {
      return;
    }
    List<String> voters = raft.members();
    long agreeing =
        leaderless.keySet().stream()
            .filter(node -> current.find(node).isPresent())
            .filter(node -> voters.contains(node.value()))
            .count();
    boolean first =
        current.inView().stream()
            .map(GroupChannel::nodeOf)
            .filter(leaderless::containsKey)
            .findFirst()
            .filter(self::equals)
            .isPresent();
    if (first && agreeing >= raft.majority()) {
      meter.election();
      election.startVotingThread();
    }
  }

  private void hearInGroup(
      GroupChannel current,
      GroupChannel.Member member,
      Address from,
      NodeId node,
      CoordinatorWord word) {
    if (word instanceof CoordinatorWord.Pulse pulse) {
      followed(current, member, from, pulse);
    } else if (word instanceof CoordinatorWord.PulseAnswer answer) {
      answered(member.raft(), node, answer);
    } else if (word instanceof CoordinatorWord.Leaderless other) {
      leaderless(current, member, from, node, other);
    } else if (word instanceof CoordinatorWord.Resigned resigned) {
      resigned(member.raft(), from, resigned.term());
    } else if (word instanceof CoordinatorWord.Founding said) {
      deliver(current, founding().receive(node, said.message()));
    }
  }

  private void followed(
      GroupChannel current, GroupChannel.Member member, Address from, CoordinatorWord.Pulse pulse) {
    GuardedRaft raft = member.raft();
    boolean stranger =
        !pulse.group().id().equals(member.group()) || !current.inView().contains(from);
    if (stranger || pulse.term() < raft.currentTerm() || pulse.term() <= resignedTerm) {
      return;
    }
    if (raft.leader() == null || pulse.term() > raft.currentTerm()) {
      raft.trySetLeaderAndTerm(from, pulse.term());
      noteLeader(raft);
    }
    if (!from.equals(raft.leader())) {
      return;
    }
    leaderContact = now();
    leaderAvailable = pulse.available();
    if (pulse.available()) {
      long time = now() - TimeUnit.MICROSECONDS.toNanos(pulse.ageMicros());
      freshness.learn(pulse.commitIndex(), time, machine.position().index());
    }
    byte[] answer = new CoordinatorWord.PulseAnswer(raft.currentTerm(), pulse.number()).toBytes();
    current.courier().tell(from, answer);
    refreshLeadership();
  }

  private void answered(GuardedRaft raft, NodeId node, CoordinatorWord.PulseAnswer answer) {
    if (answer.term() > raft.currentTerm()) {
      raft.currentTerm(answer.term());
      noteLeader(raft);
    } else if (raft.isLeader() && answer.term() == raft.currentTerm()) {
      quorum.answer(node.value(), answer.number());
    }
  }

  private void leaderless(
      GroupChannel current,
      GroupChannel.Member member,
      Address from,
      NodeId node,
      CoordinatorWord.Leaderless other) {
    GuardedRaft raft = member.raft();
    if (other.group().isEmpty()) {
      byte[] chosen =
          new CoordinatorWord.Founding(new FoundingMessage.Chosen(founding().group().orElseThrow()))
              .toBytes();
      current.courier().tell(from, chosen);
      return;
    }
    leaderless.put(node, now());
    boolean ahead = other.term() > raft.currentTerm() && raft.members().contains(node.value());
    if (ahead) {
      // It follows nobody of a lesser term: whoever leads has to be elected anew.
      raft.currentTerm(other.term());
      noteLeader(raft);
    }
    if (raft.leader() == null) {
      seekLeader(current, member);
    }
  }

  /** Whether this node is in touch with a leader; then it does not vote for another. */
  private boolean content() {
    GroupChannel current = channel;
    boolean known =
        current != null
            && current.member().map(member -> member.raft().leader() != null).orElse(false);
    return known && now() - leaderContact <= nanos(options.contact());
  }

  // Voters.

  private void changeVoters(GroupChannel current, GuardedRaft raft) {
    if (changingVoters || raft.changing() || resignation != null) {
      return;
    }
    for (Map.Entry<NodeId, Boolean> wish : Map.copyOf(wanted).entrySet()) {
      NodeId node = wish.getKey();
      boolean votes = raft.members().contains(node.value());
      if (wish.getValue() && !votes && mayVote(current, raft, node)) {
        change(raft, node, true);
        return;
      }
      if (!wish.getValue() && votes && raft.members().size() > 1) {
        if (node.equals(self)) {
          resign(now() + TimeUnit.SECONDS.toNanos(5));
        } else {
          change(raft, node, false);
        }
        return;
      }
    }
  }

  private static boolean mayVote(GroupChannel current, GuardedRaft raft, NodeId node) {
    return current.find(node).filter(raft::caughtUp).isPresent();
  }

  private void change(GuardedRaft raft, NodeId node, boolean add) {
    changingVoters = true;
    LOG.log(
        System.Logger.Level.INFO,
        add ? "node {0} is to have a vote" : "node {0} is to have no vote any more",
        node);
    CompletableFuture<byte[]> done;
    try {
      done = add ? raft.addServer(node.value()) : raft.removeServer(node.value());
    } catch (Exception e) {
      done = CompletableFuture.failedFuture(e);
    }
    var unused = done.whenComplete((nothing, error) -> onTicker(() -> changingVoters = false));
  }

  // Handing over.

  private Resignation resign(long deadline) {
    if (resignation == null) {
      resignation = new Resignation(deadline);
      standsAside = true;
    }
    return resignation;
  }

  private void lookAtResignation(GroupChannel current, GroupChannel.Member member) {
    Resignation current1 = resignation;
    if (current1 == null) {
      return;
    }
    GuardedRaft raft = member.raft();
    Address leader = raft.leader();
    boolean elsewhere = leader != null && !raft.isLeader();
    boolean nobody = raft.isLeader() && !current1.resigned && successors(current, raft).isEmpty();
    if (elsewhere || nobody || now() - current1.deadline > 0) {
      resignation = null;
      standsAside = false;
      current1.done.complete(elsewhere && current1.resigned);
      return;
    }
    boolean ready = successors(current, raft).stream().anyMatch(raft::levelWith);
    if (raft.isLeader() && !current1.resigned && ready) {
      current1.resigned = true;
      LOG.log(System.Logger.Level.INFO, "this node hands over what it leads");
      resignedTerm = raft.currentTerm();
      current.courier().tellAll(new CoordinatorWord.Resigned(resignedTerm).toBytes());
      raft.setLeaderAndTerm(null);
      noteLeader(raft);
      seekLeader(current, member);
    }
  }

  private List<Address> successors(GroupChannel current, GuardedRaft raft) {
    List<String> voters = raft.members();
    return current.inView().stream()
        .filter(address -> !address.equals(current.channel().getAddress()))
        .filter(address -> voters.contains(Utils.extractRaftId(address)))
        .toList();
  }

  private void resigned(GuardedRaft raft, Address from, long term) {
    if (term == raft.currentTerm() && from.equals(raft.leader())) {
      resignedTerm = term;
      raft.setLeaderAndTerm(null);
      look();
    }
  }

  // Time and the rest.

  private void sendAgain() {
    for (OpenProposals.Open proposal : open.all()) {
      if (now() - proposal.sentAt() > PROPOSE_AGAIN) {
        onSender(() -> send(proposal));
      }
    }
  }

  private void resendOpen() {
    for (OpenProposals.Open proposal : open.all()) {
      onSender(() -> send(proposal));
    }
  }

  private void expire() {
    for (OpenProposals.Open proposal : open.all()) {
      if (now() - proposal.deadline > 0) {
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
    GroupChannel current = channel;
    if (current == null || current.member().isEmpty() || fault.isPresent() || closed) {
      if (leadership.available() || leadership.leader().isPresent()) {
        publish(new Leadership(Optional.empty(), leadership.term(), leadership.quorum(), false));
      }
      return;
    }
    GuardedRaft raft = current.member().get().raft();
    Optional<NodeId> leader = Optional.ofNullable(GroupChannel.nodeOf(raft.leader()));
    boolean established = !raft.isLeader() || establishedTerm == raft.currentTerm();
    boolean available = leader.isPresent() && established && leaderAvailable && content();
    publish(new Leadership(leader, raft.currentTerm(), raft.majority(), available));
  }

  private void publish(Leadership next) {
    if (!next.equals(leadership)) {
      leadership = next;
      tell(leadershipWatchers.telling(LEADERSHIP, next));
    }
  }

  private void requireRunning() {
    if (closed) {
      throw unavailable("the coordinator stops");
    }
    if (fault.isPresent()) {
      throw unavailable("the coordinator's log failed: " + fault.get());
    }
  }

  private static WarehouseException unavailable(String why) {
    return new WarehouseException(StandardErrorCode.UNAVAILABLE, why);
  }

  private static List<NodeId> nodes(List<String> names) {
    return names.stream().map(NodeId::new).sorted().toList();
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
    return nanos(duration.compareTo(most) > 0 ? most : duration);
  }

  private static long nanos(Duration duration) {
    return duration.toNanos();
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
