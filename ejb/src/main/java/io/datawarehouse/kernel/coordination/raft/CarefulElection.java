package io.datawarehouse.kernel.coordination.raft;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jgroups.Address;
import org.jgroups.EmptyMessage;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.protocols.raft.RaftHeader;
import org.jgroups.protocols.raft.election.BaseElection;
import org.jgroups.protocols.raft.election.VoteRequest;
import org.jgroups.protocols.raft.election.VoteResponse;
import org.jgroups.raft.util.Utils;
import org.jspecify.annotations.Nullable;

/**
 * The library's election: one node collects votes and names the voter with the longest log. When to
 * hold one is decided outside, by what the nodes say they see ({@link RaftCoordinator}): that is
 * the pre-vote, in place of the library's ELECTION2, which waits for the answer of every node in
 * view, also of one that is frozen. Thread-safe.
 *
 * <p>What it adds to the library's election:
 *
 * <ol>
 *   <li>A voter that is in touch with a leader does not vote: a node that comes back deposes
 *       nobody.
 *   <li>A round, and with it a new term, is only begun while the pre-vote stands.
 *   <li>A vote of an earlier round does not count in a later one.
 *   <li>The one that is named must have, among those whose log is no longer than its own, a
 *       majority of the voters that its own log knows. The library counts by what the collecting
 *       node knows, which may be long out of date.
 *   <li>A leader that hands over votes, but does not stand.
 *   <li>A round that named nobody, or failed, is followed by a pause, and by none at all where too
 *       few voters are in view or the channel is closed.
 * </ol>
 */
final class CarefulElection extends BaseElection {

  private static final System.Logger LOG = System.getLogger(CarefulElection.class.getName());
  private static final short PROTOCOL_ID = 7_102;

  static {
    ClassConfigurator.addProtocol(PROTOCOL_ID, CarefulElection.class);
    // Here, and not where votes are made: a node reads those of others before it makes one. JGroups
    // reads messages from the socket itself, and one that it cannot read leaves it in the midst of
    // the stream: from then on nothing of that peer is understood.
    ClassConfigurator.add(Candidacy.ID, Candidacy.class);
  }

  private final BooleanSupplier content;
  private final BooleanSupplier standsAside;
  private final BooleanSupplier holds;
  private final Runnable viewChanged;
  private volatile boolean stopped;

  /**
   * Makes the election of one node.
   *
   * @param content whether this node is in touch with a leader; must be quick
   * @param standsAside whether this node would not lead now
   * @param holds whether it is for this node to hold an election; must be quick
   * @param viewChanged told when other nodes are in view; must only take note
   */
  CarefulElection(
      long voteMillis,
      BooleanSupplier content,
      BooleanSupplier standsAside,
      BooleanSupplier holds,
      Runnable viewChanged) {
    this.content = content;
    this.standsAside = standsAside;
    this.holds = holds;
    this.viewChanged = viewChanged;
    voteTimeout(voteMillis);
  }

  @Override
  protected void handleView(View newView) {
    view = newView;
    Address leader = raft.leader();
    boolean gone = leader != null && !newView.containsMember(leader);
    if (gone || leader != null && !enoughInView()) {
      raft.setLeaderAndTerm(null);
    }
    viewChanged.run();
  }

  /** Returns whether the voters in view are a majority. */
  boolean enoughInView() {
    View current = view;
    if (current == null) {
      return false;
    }
    Collection<String> voters = raft.members();
    long present =
        current.getMembers().stream()
            .map(Utils::extractRaftId)
            .filter(voters::contains)
            .distinct()
            .count();
    return !voters.isEmpty() && present >= raft.majority();
  }

  @Override
  protected void handleMessage(Message message, RaftHeader header) {
    if (header instanceof VoteRequest) {
      // Not while an entry is on its way to the disk: see GuardedRaft.
      guarded().guarded(() -> vote(message, header));
    } else if (!(header instanceof VoteResponse) || header.currTerm() == raft.currentTerm()) {
      super.handleMessage(message, header);
    }
  }

  private void vote(Message message, RaftHeader header) {
    if (!content.getAsBoolean()) {
      super.handleMessage(message, header);
    }
  }

  @Override
  protected void sendVoteResponse(Address to, long term, long lastTerm, long lastIndex) {
    LogEntry last = raft.log().get(lastIndex);
    long lastLogTerm = last == null ? lastTerm : last.term();
    Candidacy candidacy =
        new Candidacy(term, lastLogTerm, lastIndex, !standsAside.getAsBoolean(), raft.members());
    down_prot.down(new EmptyMessage(to).putHeader(id, candidacy).setFlag(Message.Flag.OOB));
  }

  @Override
  protected @Nullable Address determineLeader() {
    Address leader = leader(votes());
    if (leader == null) {
      pause();
    }
    return leader;
  }

  private Map<Address, Candidacy> votes() {
    Map<Address, Candidacy> votes = new TreeMap<>();
    getVotes()
        .getResults()
        .forEach(
            (voter, vote) -> {
              if (vote instanceof Candidacy candidacy) {
                votes.put(voter, candidacy);
              }
            });
    return votes;
  }

  /** Returns who may lead by those votes; the first in view of those that may. */
  static @Nullable Address leader(Map<Address, Candidacy> votes) {
    return votes.entrySet().stream()
        .filter(vote -> vote.getValue().stands())
        .filter(vote -> hasMajority(vote.getKey(), vote.getValue(), votes))
        .map(Map.Entry::getKey)
        .min(Comparator.comparing(Utils::extractRaftId))
        .orElse(null);
  }

  private static boolean hasMajority(
      Address candidate, Candidacy candidacy, Map<Address, Candidacy> votes) {
    List<String> voters = candidacy.voters();
    Set<String> agreeing =
        votes.entrySet().stream()
            .filter(vote -> candidacy.covers(vote.getValue()))
            .map(vote -> Utils.extractRaftId(vote.getKey()))
            .filter(voters::contains)
            .collect(Collectors.toSet());
    return voters.contains(Utils.extractRaftId(candidate)) && agreeing.size() > voters.size() / 2;
  }

  /** Runs on the library's own thread, which does nothing else. */
  private void pause() {
    LockSupport.parkNanos(voteTimeout() * 1_000_000 / 2);
  }

  @Override
  protected void sendLeaderElectedMessage(@Nullable Address leader, long term) {
    if (leader != null) {
      super.sendLeaderElectedMessage(leader, term);
    }
  }

  @Override
  public void start() throws Exception {
    stopped = false;
    super.start();
  }

  /** Ends the vote for good: the library would begin another one whenever somebody asks for it. */
  @Override
  public void stop() {
    stopped = true;
    super.stop();
  }

  @Override
  public synchronized BaseElection startVotingThread() {
    return stopped ? this : super.startVotingThread();
  }

  @Override
  protected void runVotingProcess() {
    if (stopped || !enoughInView() || raft.leader() != null || !holds.getAsBoolean()) {
      // That is how the library is told to end its thread from within.
      Thread.currentThread().interrupt();
    }
    try {
      super.runVotingProcess();
    } catch (RuntimeException e) {
      // The library begins the next round at once, and would burn a processor where every round
      // fails, as on a log that cannot be written.
      LOG.log(System.Logger.Level.WARNING, "a round of the vote failed", e);
      pause();
    }
  }

  private GuardedRaft guarded() {
    return (GuardedRaft) raft;
  }
}
