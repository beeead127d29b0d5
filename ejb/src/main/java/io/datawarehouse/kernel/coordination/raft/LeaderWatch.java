package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.coordination.RegistryStateMachine;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.NodeId;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jgroups.Address;
import org.jgroups.raft.util.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Looks after who leads: signs of life, their absence, elections, and handing over. Confined to the
 * ticker, but for what says so.
 *
 * <p>A leader sends a sign of life every 200 ms. Followers answer; from the answers it knows since
 * when a majority follows it, and ceases to lead when that is too long ago. A follower that misses
 * the signs knows no leader any more, says so, and asks who else knows none; when a majority of the
 * voters answers so, the first of them in view holds an election. That is the pre-vote: a node that
 * comes back finds the others content and deposes nobody.
 */
final class LeaderWatch {

  private static final System.Logger LOG = System.getLogger(LeaderWatch.class.getName());

  private static final long PULSE = TimeUnit.MILLISECONDS.toNanos(190);

  private final NodeId self;
  private final GroupChannel channel;
  private final Founder founder;
  private final RegistryStateMachine machine;
  private final CoordinatorMeter meter;
  private final Host host;
  private final LongSupplier nanoTime;
  private final long contact;

  private final Freshness freshness = new Freshness();
  private final QuorumContact quorum = new QuorumContact();
  private final PreVote preVote;
  private @Nullable Address leader;
  private @Nullable Resignation resignation;
  private long term = -1;
  private long resignedTerm = -1;
  private long pulsedAt;
  private boolean establishing;

  // Written by the ticker, read by whoever votes or reads.
  private volatile long heardAt;
  private volatile boolean available;
  private volatile long establishedTerm = -1;
  private volatile boolean standsAside;
  private volatile boolean holds;
  private volatile long decidedAt;

  /** What the coordinator does for it. */
  interface Host {

    /** Writes a mark into the log, and says whether it was agreed on; on the ticker. */
    void mark(Consumer<Boolean> done);

    /** Another leader, or none: what is open has to be sent to it. */
    void leaderChanged();
  }

  /** A leader on its way out. */
  private static final class Resignation {
    final CompletableFuture<Boolean> done = new CompletableFuture<>();
    final long deadline;
    boolean resigned;

    Resignation(long deadline) {
      this.deadline = deadline;
    }
  }

  LeaderWatch(
      NodeId self,
      GroupChannel channel,
      Founder founder,
      RegistryStateMachine machine,
      CoordinatorMeter meter,
      Host host,
      LongSupplier nanoTime,
      Duration contact) {
    this.self = self;
    this.channel = channel;
    this.founder = founder;
    this.machine = machine;
    this.meter = meter;
    this.host = host;
    this.nanoTime = nanoTime;
    this.contact = contact.toNanos();
    this.preVote = new PreVote(this.contact);
  }

  /** Whether this node is in touch with a leader; then it votes for no other. From any thread. */
  boolean content() {
    return channel.raft().leader() != null && now() - heardAt <= contact;
  }

  /** Whether this node would not lead now. From any thread. */
  boolean standsAside() {
    return standsAside;
  }

  /** Whether it is for this node to hold an election now. From any thread. */
  boolean holdsElection() {
    // A node that has just stood still has not looked again yet.
    return holds && now() - decidedAt <= contact;
  }

  /** Returns who leads. */
  Leadership leadership() {
    GuardedRaft raft = channel.raft();
    Optional<NodeId> known = Optional.ofNullable(GroupChannel.nodeOf(raft.leader()));
    boolean usable = known.isPresent() && available && content();
    return new Leadership(
        known, raft.currentTerm(), raft.majority(), usable && (!raft.isLeader() || established()));
  }

  /** Returns as of when the local copy is; empty as long as that is not known. From any thread. */
  OptionalLong copyAsOf() {
    GuardedRaft raft = channel.raft();
    if (raft.isLeader() && raft.majority() == 1 && established()) {
      return OptionalLong.of(now());
    }
    return freshness.asOf(machine.position().index());
  }

  /** Whether this node leads, and all that others agreed on before is applied here. */
  boolean established() {
    return channel.raft().isLeader() && establishedTerm == channel.raft().currentTerm();
  }

  /** Does what is due. */
  void look() {
    GuardedRaft raft = channel.raft();
    note();
    if (raft.isLeader()) {
      lead();
    } else if (leader != null && !content()) {
      // Frozen or cut off, and still in view.
      raft.setLeaderAndTerm(null);
      note();
    }
    if (raft.leader() == null) {
      seek();
    }
    lookAtResignation();
  }

  /** Takes note of who leads in which term; a new one counts as heard. */
  private void note() {
    GuardedRaft raft = channel.raft();
    Address known = raft.leader();
    long knownTerm = raft.currentTerm();
    if (knownTerm == term && Objects.equals(known, leader)) {
      return;
    }
    term = knownTerm;
    leader = known;
    available = false;
    if (known != null) {
      heardAt = now();
      preVote.end();
      holds = false;
      if (raft.isLeader()) {
        LOG.log(System.Logger.Level.INFO, "node {0} leads in term {1}", self, knownTerm);
        meter.elected();
        quorum.begin(now());
        establishing = false;
      }
    } else {
      LOG.log(System.Logger.Level.INFO, "node {0} knows no leader in term {1}", self, knownTerm);
    }
    host.leaderChanged();
  }

  private void lead() {
    GuardedRaft raft = channel.raft();
    long reached = quorum.reached(raft.members(), self.value(), now());
    long age = now() - reached;
    if (age > 2 * contact) {
      LOG.log(
          System.Logger.Level.WARNING,
          "node {0} leads no longer: it does not hear a majority of the voters",
          self);
      raft.setLeaderAndTerm(null);
      note();
      return;
    }
    heardAt = reached;
    available = age <= contact;
    if (!established()) {
      establish(raft.currentTerm());
    } else if (available) {
      freshness.learn(raft.commitIndex(), reached, machine.position().index());
    }
    pulse(age);
  }

  /** A mark of its own term: when it is agreed on, so is all that stood before it. */
  private void establish(long led) {
    if (establishing) {
      return;
    }
    establishing = true;
    host.mark(
        done -> {
          if (term == led) {
            establishing = false;
            establishedTerm = done ? led : establishedTerm;
          }
        });
  }

  private void pulse(long age) {
    if (now() - pulsedAt < PULSE) {
      return;
    }
    pulsedAt = now();
    GuardedRaft raft = channel.raft();
    CoordinatorWord.Pulse pulse =
        new CoordinatorWord.Pulse(
            raft.currentTerm(),
            quorum.send(now()),
            raft.commitIndex(),
            TimeUnit.NANOSECONDS.toMicros(Math.max(0, age)),
            available && established(),
            founder.group().orElseThrow());
    channel.courier().tellAll(pulse.toBytes());
  }

  private void seek() {
    long number = preVote.ask(now());
    CoordinatorWord word =
        new CoordinatorWord.Leaderless(channel.raft().currentTerm(), founder.group(), number);
    channel.courier().tellAll(word.toBytes());
    decide();
  }

  private void decide() {
    CarefulElection election = channel.election();
    decidedAt = now();
    holds = election.enoughInView() && isFirstOfAMajority();
    if (holds && !election.isVotingThreadRunning()) {
      meter.election();
      election.startVotingThread();
    }
  }

  private boolean isFirstOfAMajority() {
    GuardedRaft raft = channel.raft();
    Set<NodeId> others = preVote.agreeing(now());
    List<NodeId> agreeing =
        channel.inView().stream()
            .map(GroupChannel::nodeOf)
            .filter(node -> self.equals(node) || others.contains(node))
            .toList();
    List<String> voters = raft.members();
    long votes = agreeing.stream().filter(node -> voters.contains(node.value())).count();
    return !agreeing.isEmpty() && agreeing.get(0).equals(self) && votes >= raft.majority();
  }

  /** Takes a leader's sign of life. */
  void heard(Address from, CoordinatorWord.Pulse pulse) {
    GuardedRaft raft = channel.raft();
    boolean late = pulse.term() < raft.currentTerm() || pulse.term() <= resignedTerm;
    if (late || !channel.inView().contains(from)) {
      return;
    }
    if (raft.leader() == null || pulse.term() > raft.currentTerm()) {
      raft.trySetLeaderAndTerm(from, pulse.term());
    }
    note();
    if (!from.equals(raft.leader())) {
      return;
    }
    heardAt = now();
    available = pulse.available();
    if (pulse.available()) {
      long time = now() - TimeUnit.MICROSECONDS.toNanos(pulse.ageMicros());
      freshness.learn(pulse.commitIndex(), time, machine.position().index());
    }
    CoordinatorWord answer = new CoordinatorWord.PulseAnswer(raft.currentTerm(), pulse.number());
    channel.courier().tell(from, answer.toBytes());
  }

  /** Takes a follower's answer to a sign of life. */
  void heard(NodeId node, CoordinatorWord.PulseAnswer answer) {
    GuardedRaft raft = channel.raft();
    if (answer.term() > raft.currentTerm()) {
      raft.currentTerm(answer.term());
      note();
    } else if (raft.isLeader() && answer.term() == raft.currentTerm()) {
      quorum.answer(node.value(), answer.number());
    }
  }

  /** Takes that a node of the group knows no leader, and answers if this one knows none either. */
  void heard(Address from, NodeId node, CoordinatorWord.Leaderless other) {
    GuardedRaft raft = channel.raft();
    if (other.term() > raft.currentTerm() && raft.members().contains(node.value())) {
      // It follows nobody of a lesser term: whoever leads has to be elected anew.
      raft.currentTerm(other.term());
      note();
    }
    if (raft.leader() == null) {
      CoordinatorWord answer =
          new CoordinatorWord.LeaderlessToo(raft.currentTerm(), other.number());
      channel.courier().tell(from, answer.toBytes());
    }
  }

  /** Takes that a node of the group knew no leader when it was asked. */
  void heard(NodeId node, CoordinatorWord.LeaderlessToo answer) {
    preVote.agree(node, answer.number());
    if (channel.raft().leader() == null) {
      decide();
    }
  }

  /** Takes that a leader goes. */
  void heard(Address from, CoordinatorWord.Resigned resigned) {
    GuardedRaft raft = channel.raft();
    if (resigned.term() == raft.currentTerm() && from.equals(raft.leader())) {
      resignedTerm = resigned.term();
      raft.setLeaderAndTerm(null);
      look();
    }
  }

  /** Begins to hand over; completes with whether another leads. On the ticker. */
  CompletableFuture<Boolean> resign(long deadline) {
    Resignation begun = resignation;
    if (begun == null) {
      begun = new Resignation(deadline);
      resignation = begun;
      standsAside = true;
      lookAtResignation();
    }
    return begun.done;
  }

  boolean resigning() {
    return resignation != null;
  }

  private void lookAtResignation() {
    Resignation under = resignation;
    if (under == null) {
      return;
    }
    GuardedRaft raft = channel.raft();
    boolean elsewhere = raft.leader() != null && !raft.isLeader();
    boolean nobody = raft.isLeader() && !under.resigned && successors().isEmpty();
    if (elsewhere || nobody || now() - under.deadline > 0) {
      resignation = null;
      standsAside = false;
      under.done.complete(elsewhere && under.resigned);
    } else if (raft.isLeader()
        && !under.resigned
        && successors().stream().anyMatch(raft::levelWith)) {
      under.resigned = true;
      goNow(raft);
    }
  }

  private void goNow(GuardedRaft raft) {
    LOG.log(System.Logger.Level.INFO, "node {0} hands over what it leads", self);
    resignedTerm = raft.currentTerm();
    channel.courier().tellAll(new CoordinatorWord.Resigned(resignedTerm).toBytes());
    raft.setLeaderAndTerm(null);
    note();
    seek();
  }

  private List<Address> successors() {
    List<String> voters = channel.raft().members();
    return channel.inView().stream()
        .filter(address -> !channel.isSelf(address))
        .filter(address -> voters.contains(Utils.extractRaftId(address)))
        .toList();
  }

  private long now() {
    return nanoTime.getAsLong();
  }
}
