package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.coordination.FoundingRecord;
import io.datawarehouse.kernel.coordination.Group;
import io.datawarehouse.kernel.coordination.GroupFounding;
import io.datawarehouse.kernel.coordination.Outcome;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
 * <p><b>A proposal</b> goes to the leader ({@link Proposals}). The outcome is what this node's own
 * copy made of it, so that whoever proposed finds it there. A read through the leader is a mark in
 * the log: when the mark is applied here, so is everything before it. A copy of any age is what the
 * log held when it was opened, until a leader is heard; not, though, of entries that the end of the
 * log changes of which it is not known whether it was agreed on.
 *
 * <p><b>Who leads</b> is looked after by {@link LeaderWatch}, who votes by {@link VoterChanges}.
 *
 * <p><b>A log that fails</b>, as the disk does, ends the channel: nothing is acknowledged that is
 * not on the disk. The coordinator then does what a start does, by itself, after growing pauses: it
 * opens the log again, writes all of it anew and connects; what it missed it gets from the leader.
 * Meanwhile whatever is asked of it fails with {@code UNAVAILABLE} and the cause.
 *
 * <p><b>Threads.</b> One ticks, one sends, one tells, in the order of the log ({@link
 * CoordinatorThreads}).
 */
public final class RaftCoordinator implements ClusterCoordinator, AutoCloseable {

  private static final System.Logger LOG = System.getLogger(RaftCoordinator.class.getName());

  private static final String LEADERSHIP = "leadership";
  private static final Duration TICK = Duration.ofMillis(100);
  private static final long RESEND_MILLIS = 200;
  private static final long VOTE_MILLIS = 500;
  private static final long PROPOSE_AGAIN = TimeUnit.SECONDS.toNanos(1);
  private static final long HAND_OVER = TimeUnit.SECONDS.toNanos(5);
  private static final long CONNECT_AGAIN = TimeUnit.MILLISECONDS.toNanos(300);
  private static final int CONNECT_ATTEMPTS = 40;
  private static final int CONNECT_AGAIN_ATTEMPTS = 10;

  private final RaftOptions options;
  private final RaftSurroundings surroundings;
  private final LogDisk disk;
  private final LogFault fault;
  private final NodeId self;
  private final RegistryStateMachine machine;
  private final CoordinatorMeter meter;
  private final RegistryWatchers<Change> changeWatchers = new RegistryWatchers<>();
  private final RegistryWatchers<Leadership> leadershipWatchers = new RegistryWatchers<>();
  private final Map<NodeId, Boolean> wanted = new ConcurrentHashMap<>();
  private final CoordinatorThreads threads;
  private final Proposals proposals;

  private volatile Leadership leadership;
  private volatile @Nullable Working working;
  private volatile Optional<String> foreign = Optional.empty();
  private volatile boolean loading;

  /** Up to where changes were told before the log failed; empty as long as it did not. */
  private volatile Optional<RegistryStateMachine.Held> told = Optional.empty();

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
    this(options, surroundings, LogDisk.REAL, LogFault.Pauses.STANDARD);
  }

  /** Makes one for tests, whose disk fails. */
  RaftCoordinator(
      RaftOptions options, RaftSurroundings surroundings, LogDisk disk, LogFault.Pauses pauses) {
    this.disk = disk;
    this.fault = new LogFault(pauses);
    this.options = Objects.requireNonNull(options, "options");
    this.surroundings = Objects.requireNonNull(surroundings, "surroundings");
    this.self = options.node();
    this.machine = new RegistryStateMachine(new Applied());
    this.leadership = nobody(0, options.bootstrapNodes() / 2 + 1);
    this.threads = new CoordinatorThreads(surroundings.threads());
    this.meter = new CoordinatorMeter(surroundings.metrics(), this::status);
    this.proposals =
        new Proposals(
            new OpenProposals(self, options.run(), options.capacity()),
            this::connected,
            threads,
            meter,
            () -> leadership.available(),
            surroundings.nanoTime());
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
      FoundingRecord record = readFounding();
      working = working(connect(record.chosen(), false), founding(record));
    } catch (IOException e) {
      throw DurableFiles.failure("reading the coordinator's log", options.directory(), e);
    }
    threads.tick(this::tick, TICK);
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
    return reading(consistency, address::equals, () -> machine.find(address));
  }

  @Override
  public CompletionStage<List<RegistryEntry>> list(String registry, ReadConsistency consistency) {
    RegistryEntry.Address.requireRegistry(registry);
    return reading(
        consistency, address -> address.registry().equals(registry), () -> machine.list(registry));
  }

  @Override
  public CompletionStage<Boolean> handOver(Duration limit) {
    long deadline = now() + requirePositive(limit);
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    Working present = working;
    boolean taken =
        present != null
            && !fault.isPresent()
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
          fault.text());
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
        fault.text());
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
    threads.stopWorking();
    Working present = working;
    if (present != null) {
      present.channel().close();
    }
    threads.awaitWorking();
    Working last = working;
    if (last != null && !last.equals(present)) {
      // The log was opened again meanwhile.
      last.channel().close();
    }
    proposals.abandon(unavailable("the coordinator stops"));
    publish(nobody(leadership.term(), leadership.quorum()));
    threads.stopTelling();
  }

  /** Returns the channel that is connected; for tests, which cut it. */
  GroupChannel channel() {
    return Objects.requireNonNull(working, "not started").channel();
  }

  // Proposals and reads.

  private CompletableFuture<Outcome> submit(Optional<ClusterCommand> command, Duration limit) {
    long nanos = requirePositive(limit);
    OpenProposals.Open proposal;
    try {
      requireRunning();
      proposal = proposals.submit(command, nanos);
    } catch (WarehouseException e) {
      return CompletableFuture.failedFuture(e);
    }
    if (!proposals.begin(proposal) || closed) {
      proposals.end(proposal.id, unavailable("the coordinator stops"));
    }
    return proposal.outcome;
  }

  private @Nullable GroupChannel connected() {
    Working present = working;
    return present == null ? null : present.channel();
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

  private <T> CompletionStage<T> reading(
      ReadConsistency consistency, Predicate<RegistryEntry.Address> asked, Supplier<T> copy) {
    if (consistency instanceof ReadConsistency.Local local) {
      return staleness(local, asked)
          .<CompletionStage<T>>map(why -> CompletableFuture.failedFuture(unavailable(why)))
          .orElseGet(() -> CompletableFuture.completedFuture(copy.get()));
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

  /** Returns why this node's own copy does not do; empty where it does. */
  private Optional<String> staleness(
      ReadConsistency.Local local, Predicate<RegistryEntry.Address> asked) {
    Working present = working;
    if (present == null || closed || fault.isPresent()) {
      return fault.text().or(() -> Optional.of("the coordinator does not run"));
    }
    OptionalLong asOf = present.watch().copyAsOf();
    if (asOf.isPresent()) {
      return now() - asOf.getAsLong() <= saturated(local.mostAge())
          ? Optional.empty()
          : Optional.of("this node was not in touch with a leader lately");
    }
    if (!local.anyAge() || loading || machine.position().index() == 0) {
      return Optional.of("this node has not been in touch with a leader since it started");
    }
    // How far the log was agreed on may have been forgotten, its entries never are: before the
    // start this node may have known, and acted by, what stands there.
    return present.channel().raft().unsettled(asked)
        ? Optional.of("what this node heard last may be agreed on or not; a leader has to tell")
        : Optional.empty();
  }

  // What the log says.

  /** Notes what the state machine did; called while it is held. */
  private final class Applied implements RegistryStateMachine.Observer {

    @Override
    public void applied(RequestId id, Outcome outcome) {
      proposals.end(id, outcome);
    }

    @Override
    public void changed(Change change) {
      long before = told.map(held -> held.position().index()).orElse(0L);
      if (!loading && change.index() > before) {
        tell(changeWatchers.telling(change.address().registry(), change));
      }
    }

    @Override
    public void restored() {
      onTicker(() -> proposals.answerFrom(machine));
    }
  }

  // Starting and stopping.

  private FoundingRecord readFounding() throws IOException {
    Path file = foundingFile();
    return Files.exists(file) ? FoundingRecord.of(Files.readAllBytes(file)) : FoundingRecord.EMPTY;
  }

  private Path foundingFile() {
    return options.directory().resolve("founding");
  }

  private void writeFounding(FoundingRecord record) throws IOException {
    disk.replace(foundingFile(), options.directory().resolve("founding.tmp"), record.toBytes());
  }

  private GroupFounding founding(FoundingRecord record) {
    return new GroupFounding(
        self,
        options.bootstrapNodes(),
        record,
        next -> {
          try {
            writeFounding(next);
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

  private GroupChannel connect(Optional<Group> group, boolean again) throws IOException {
    int most = again ? CONNECT_AGAIN_ATTEMPTS : CONNECT_ATTEMPTS;
    for (int attempt = 1; ; attempt++) {
      GroupChannel channel = channel(group, again);
      try {
        channel.connect();
        return channel;
      } catch (Exception e) {
        channel.close();
        if (e instanceof IOException || attempt == most || closed) {
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

  private GroupChannel channel(Optional<Group> group, boolean again) throws IOException {
    loading = true;
    Path log = options.directory().resolve("log");
    ForeignGroups foreignGroups = new ForeignGroups(this::refused);
    GuardedRaft raft =
        new GuardedRaft(
            self.value(),
            again
                ? DurableLog.reopen(log, disk, this::failed)
                : DurableLog.open(log, disk, this::failed),
            new AppliedLog(machine, this::loaded, this::failed),
            options.snapshotBytes(),
            RESEND_MILLIS,
            surroundings.nanoTime(),
            this::look);
    CarefulElection election =
        new CarefulElection(
            VOTE_MILLIS, this::content, this::standsAside, this::holdsElection, this::look);
    Courier courier = new Courier(this::receive, this::look);
    List<Protocol> lower =
        new ClusterTransport(
                options.transport(),
                surroundings.security(),
                surroundings.threads(),
                surroundings.nanoTime())
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

  private boolean holdsElection() {
    Working present = working;
    return present != null && present.watch().holdsElection();
  }

  private boolean standsAside() {
    Working present = working;
    return present == null || present.watch().standsAside();
  }

  /** The registries are read; what is different from before the log failed is told now. */
  private void loaded() {
    loading = false;
    told.ifPresent(machine::tellSince);
  }

  /** Takes note that the log failed; called while it is held, from any thread. */
  private void failed(IOException cause) {
    if (closed || !fault.begin(cause, now())) {
      return;
    }
    meter.logFailed();
    LOG.log(
        System.Logger.Level.ERROR, "node " + self + ": " + fault.text().orElse("it works"), cause);
    onTicker(this::tick);
    onSender(this::disconnect);
    recoverLater();
  }

  private void disconnect() {
    Working present = working;
    if (present != null) {
      present.channel().close();
    }
  }

  private void recoverLater() {
    fault.nextPause().ifPresent(pause -> threads.onSenderAfter(pause, this::recover));
  }

  /** Begins anew from what the disk holds; called on the sender alone. */
  private void recover() {
    Working former = working;
    if (closed || fault.lasts()) {
      return;
    }
    if (former == null) {
      // It failed while it was started, which is under way still.
      recoverLater();
      return;
    }
    try {
      Working again = reconnect(former);
      working = again;
      fault.end(now());
      if (again.channel().raft().broken()) {
        failed(new IOException("it failed again as soon as it was opened"));
        return;
      }
      meter.logRecovered();
      LOG.log(
          System.Logger.Level.INFO, "the coordinator of node {0} works again with its log", self);
      look();
    } catch (IOException | RuntimeException e) {
      fault.again(e);
      LOG.log(
          System.Logger.Level.WARNING,
          "node " + self + ": the coordinator's log cannot be opened again yet",
          e);
      recoverLater();
    }
  }

  private Working reconnect(Working former) throws IOException {
    former.channel().close();
    former.channel().raft().retire();
    proposals.forgetLog();
    RegistryStateMachine.Held held = machine.held();
    long before = told.map(earlier -> earlier.position().index()).orElse(-1L);
    if (held.position().index() > before) {
      told = Optional.of(held);
    }
    FoundingRecord record = readFounding();
    if (!record.equals(FoundingRecord.EMPTY)) {
      writeFounding(record);
    }
    return working(connect(record.chosen(), true), founding(record));
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
        proposals.append(present.channel().raft(), proposed.proposal());
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
    } else if (word instanceof CoordinatorWord.LeaderlessToo answer) {
      watch.heard(node, answer);
    } else if (word instanceof CoordinatorWord.Resigned resigned) {
      watch.heard(from, resigned);
    } else if (word instanceof CoordinatorWord.Leaderless other) {
      if (other.group().isPresent()) {
        watch.heard(from, node, other);
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
      if (present != null && !fault.isPresent()) {
        if (present.founder().group().isEmpty()) {
          present.founder().look(now());
        } else {
          lookAtGroup(present);
        }
      }
      endWhatWaitedTooLong();
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
    proposals.sendAgain(PROPOSE_AGAIN);
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
      proposals.forgetLog();
      proposals.sendAgain(0);
    }
  }

  private void endWhatWaitedTooLong() {
    fault
        .text()
        .ifPresentOrElse(
            failed -> proposals.abandon(unavailable(failed + "; the change may stand or not")),
            () -> proposals.expire(this::expired));
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

  private void refreshLeadership() {
    Working present = working;
    boolean works =
        present != null && !fault.isPresent() && !closed && present.founder().group().isPresent();
    publish(
        works && present != null
            ? present.watch().leadership()
            : nobody(leadership.term(), leadership.quorum()));
  }

  private void publish(Leadership next) {
    Leadership before = leadership;
    if (!next.equals(before)) {
      leadership = next;
      if (next.available() && !before.available()) {
        proposals.sendAgain(PROPOSE_AGAIN);
      }
      tell(leadershipWatchers.telling(LEADERSHIP, next));
    }
  }

  // The rest.

  private void requireRunning() {
    if (closed) {
      throw unavailable("the coordinator stops");
    }
    Optional<String> failed = fault.text();
    if (failed.isPresent()) {
      throw unavailable(failed.get());
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
    return threads.onTicker(task);
  }

  private boolean onSender(Runnable task) {
    return threads.onSender(task);
  }

  private void tell(Runnable task) {
    threads.tell(task);
  }
}
