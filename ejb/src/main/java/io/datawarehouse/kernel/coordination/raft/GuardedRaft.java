package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.coordination.LogPosition;
import io.datawarehouse.kernel.coordination.ProposalFormat;
import io.datawarehouse.kernel.coordination.RegistryStateMachine;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jgroups.Address;
import org.jgroups.EmptyMessage;
import org.jgroups.Message;
import org.jgroups.ObjectMessage;
import org.jgroups.View;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.raft.AppendEntriesRequest;
import org.jgroups.protocols.raft.AppendEntriesResponse;
import org.jgroups.protocols.raft.AppendResult;
import org.jgroups.protocols.raft.InstallSnapshotRequest;
import org.jgroups.protocols.raft.InternalCommand;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.protocols.raft.PersistentState;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.protocols.raft.RaftHeader;
import org.jgroups.protocols.raft.Role;
import org.jgroups.raft.util.CommitTable;
import org.jgroups.util.Bits;
import org.jgroups.util.ByteArrayDataInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The library's RAFT, kept to the protocol. Thread-safe.
 *
 * <p>What it adds, each because jgroups-raft 1.1.4 does otherwise:
 *
 * <ol>
 *   <li>A leader counts an entry as agreed on only if it, or one behind it, is of its own term. The
 *       library counts copies of earlier terms' entries, which a later leader may replace.
 *   <li>A follower answers with, and takes as agreed on, only what it knows to be the same as the
 *       leader's log: what it was sent in this term. The library answers with the end of its log,
 *       of which an earlier leader's entries may be a part.
 *   <li>Entries are compared one by one where some stand already; the library looks at the first.
 *   <li>A change of the voters counts from where it is written; the library waits until it is
 *       agreed on, so two changes can pass each other.
 *   <li>A snapshot older than what stands is not installed; the library would go back to it.
 *   <li>Votes and entries are handled one at a time, so that no entry is acknowledged to a leader
 *       whose term this node has voted to end.
 *   <li>After a crash between writing a snapshot and cutting the log, entries that the snapshot
 *       holds are not applied again.
 *   <li>A snapshot is sent rather than an entry whose predecessor is cut off.
 *   <li>Followers that have an entry learn at once, and once, that it is agreed on. The library's
 *       way of doing so makes a follower that lags and its leader answer each other for ever.
 *   <li>What a follower lacks is sent again also while the leader is busy; the library waits for a
 *       pause.
 * </ol>
 *
 * <p>The library's reads through the leader are not used: a read that meets entries on their way
 * makes it count these as agreed on.
 */
final class GuardedRaft extends RAFT {

  private static final short PROTOCOL_ID = 7_101;

  static {
    ClassConfigurator.addProtocol(PROTOCOL_ID, GuardedRaft.class);
  }

  private final ReentrantLock guard = new ReentrantLock();

  private final Voters voters = new Voters();
  private final DurableLog durable;
  private final AppliedLog applied;
  private final Runnable roleChanged;
  private final LongSupplier nanoTime;
  private final long resendNanos;

  // Guarded by guard.
  private boolean begun;
  private long matched;
  private long matchedTerm;
  private long handledTerm;
  private long resentAt;
  private final Map<Address, Long> toldCommit = new HashMap<>();

  /**
   * Makes the protocol of one node. It does nothing before {@link #begin}.
   *
   * @param roleChanged told when this node comes to lead or ceases to; must only take note
   */
  GuardedRaft(
      String node,
      DurableLog durable,
      AppliedLog applied,
      long snapshotBytes,
      long resendMillis,
      LongSupplier nanoTime,
      Runnable roleChanged) {
    this.durable = durable;
    this.applied = applied;
    this.roleChanged = roleChanged;
    raftId(node);
    maxLogCacheSize(0);
    maxLogSize(snapshotBytes);
    resendInterval(resendMillis);
    this.nanoTime = nanoTime;
    this.resendNanos = TimeUnit.MILLISECONDS.toNanos(resendMillis);
    stateMachine(applied);
    log(durable);
    addRoleListener(role -> this.roleChanged.run());
  }

  /**
   * Takes up the log of a group; before, what others send is not looked at. Does nothing the second
   * time.
   *
   * @param founders who had a vote before the first entry
   */
  void begin(Collection<String> founders) {
    guard.lock();
    try {
      if (!begun) {
        begun = true;
        members(founders);
        voters.begin(0, founders);
        if (log_impl != null && local_addr != null) {
          changeRole(founders.contains(raftId()) ? Role.Follower : Role.Learner);
        }
      }
    } finally {
      guard.unlock();
    }
  }

  /** Returns who has a vote by the end of the log; also what the library goes by. */
  @Override
  public List<String> members() {
    return voters.latest();
  }

  @Override
  public int majority() {
    return voters.majority();
  }

  /** Returns whether a change of the voters is on its way. */
  boolean changing() {
    return voters.changesAfter(commitIndex());
  }

  /** Returns whether a follower has all that is agreed on. */
  boolean caughtUp(Address follower) {
    CommitTable table = commitTable();
    CommitTable.Entry entry = table == null ? null : table.get(follower);
    return entry != null && commitIndex() > 0 && entry.matchIndex() >= commitIndex();
  }

  /** Returns whether a follower has the whole log of this leader, and it is all agreed on. */
  boolean levelWith(Address follower) {
    guard.lock();
    try {
      CommitTable table = commitTable();
      CommitTable.Entry entry = table == null ? null : table.get(follower);
      return entry != null && commit_index == last_appended && entry.matchIndex() == last_appended;
    } finally {
      guard.unlock();
    }
  }

  /** Returns whether its log failed, or is closed. */
  boolean broken() {
    return durable.broken();
  }

  /** Applies nothing any more, whatever is still under way; the log failed and is opened anew. */
  void retire() {
    guarded(applied::retire);
  }

  /**
   * Returns whether the end of the log, of which this node does not know whether it is agreed on,
   * changes such an entry of a registry; also where it cannot be read.
   */
  boolean unsettled(Predicate<RegistryEntry.Address> which) {
    guard.lock();
    try {
      for (long index = commit_index + 1; index <= last_appended; index++) {
        LogEntry entry = log_impl.get(index);
        if (entry == null || !entry.internal() && changes(entry, which)) {
          return true;
        }
      }
      return false;
    } finally {
      guard.unlock();
    }
  }

  private static boolean changes(LogEntry entry, Predicate<RegistryEntry.Address> which) {
    try {
      return ProposalFormat.read(entry.command(), entry.offset(), entry.length())
          .command()
          .filter(command -> which.test(command.address()))
          .isPresent();
    } catch (IOException e) {
      // Of a later release, perhaps: it may change anything.
      return true;
    }
  }

  /** Runs something while no entry and no vote is handled. */
  void guarded(Runnable task) {
    guard.lock();
    try {
      task.run();
    } finally {
      guard.unlock();
    }
  }

  @Override
  public RAFT leader(@Nullable Address leader) {
    guarded(() -> super.leader(leader));
    return this;
  }

  @Override
  public RAFT setLeaderAndTerm(@Nullable Address leader, long term) {
    guarded(() -> super.setLeaderAndTerm(leader, term));
    return this;
  }

  @Override
  public int trySetLeaderAndTerm(@Nullable Address leader, long term) {
    guard.lock();
    try {
      return super.trySetLeaderAndTerm(leader, term);
    } finally {
      guard.unlock();
    }
  }

  @Override
  public int currentTerm(long term) {
    guard.lock();
    try {
      return super.currentTerm(term);
    } finally {
      guard.unlock();
    }
  }

  @Override
  public long createNewTerm() {
    guard.lock();
    try {
      return super.createNewTerm();
    } finally {
      guard.unlock();
    }
  }

  /** Takes in who is there; never beside a change of the leader, whose followers it would miss. */
  @Override
  public void handleView(View view) {
    guarded(() -> super.handleView(view));
  }

  /**
   * Returns the end of what this node knows to be the leader's log too. What the library answers a
   * leader with.
   */
  @Override
  public long lastAppended() {
    guard.lock();
    try {
      if (isLeader()) {
        return last_appended;
      }
      return matchedTerm == currentTerm() ? Math.max(matched, commit_index) : commit_index;
    } finally {
      guard.unlock();
    }
  }

  @Override
  public void initStateMachineFromLog() throws Exception {
    if (state_machine_loaded) {
      return;
    }
    applied.clear();
    ByteBuffer snapshot = log_impl.getSnapshot();
    if (snapshot != null) {
      ByteArrayDataInputStream in = new ByteArrayDataInputStream(snapshot);
      internal_state.readFrom(in);
      applied.readContentFrom(in);
      alignLog(applied.machine().position());
    }
    long from = applied.machine().position().index();
    voters.begin(from, internal_state.getMembers());
    for (long index = from + 1; index <= log_impl.lastAppended(); index++) {
      LogEntry entry = requireEntry(index);
      noteVoters(index, entry);
      if (index <= commit_index) {
        applied.at(new LogPosition(index, entry.term()));
        if (entry.internal()) {
          applied.skip();
          executeInternalCommand(null, entry.command(), entry.offset(), entry.length());
        } else {
          applied.apply(entry.command(), entry.offset(), entry.length(), false);
        }
      }
    }
    state_machine_loaded = true;
    applied.loaded();
  }

  /** Brings the log behind a snapshot that was written before the node stopped. */
  private void alignLog(LogPosition snapshot) throws Exception {
    LogEntry standing = log_impl.get(snapshot.index());
    if (standing == null || standing.term() != snapshot.term()) {
      log_impl.reinitializeTo(snapshot.index(), new LogEntry(snapshot.term(), null));
    }
    log_impl.commitIndex(snapshot.index());
    last_appended = log_impl.lastAppended();
    commit_index = log_impl.commitIndex();
  }

  private LogEntry requireEntry(long index) throws IOException {
    LogEntry entry = log_impl.get(index);
    if (entry == null) {
      throw new IOException("the log has no entry " + index);
    }
    return entry;
  }

  @Override
  protected void process(List<Request> requests) {
    guard.lock();
    try {
      List<Request> alike = new ArrayList<>();
      for (Request request : requests) {
        if (!alike.isEmpty() && alike.get(0).getClass() != request.getClass()) {
          processAlike(alike);
          alike.clear();
        }
        alike.add(request);
      }
      processAlike(alike);
      resendIfDue();
    } finally {
      guard.unlock();
    }
  }

  /** The library takes for granted that nothing between the first and the last ends its lead. */
  private void processAlike(List<Request> requests) {
    long before = last_appended;
    super.process(requests);
    for (long index = before + 1; index <= last_appended; index++) {
      LogEntry entry = log_impl.get(index);
      if (entry != null) {
        noteVoters(index, entry);
      }
    }
  }

  private void resendIfDue() {
    long now = nanoTime.getAsLong();
    CommitTable table = commit_table;
    if (table != null && now - resentAt > resendNanos) {
      resentAt = now;
      table.forEach(this::sendAppendEntriesMessage);
    }
  }

  @Override
  public void handleUpRequest(Message message, RaftHeader header) {
    guard.lock();
    try {
      if (!begun) {
        return;
      }
      handledTerm = header.currTerm();
      if (header instanceof InstallSnapshotRequest) {
        installSnapshot(message, header);
      } else {
        super.handleUpRequest(message, header);
      }
      if (header instanceof AppendEntriesResponse) {
        tellCommit();
      }
    } finally {
      guard.unlock();
    }
  }

  private void installSnapshot(Message message, RaftHeader header) {
    if (currentTerm(header.currTerm()) < 0) {
      return;
    }
    if (positionIn(message).index() > commit_index) {
      super.handleUpRequest(message, header);
      computeMajority();
      voters.begin(commit_index, internal_state.getMembers());
      changeRole(members().contains(raftId()) ? Role.Follower : Role.Learner);
    }
    matched = commit_index;
    matchedTerm = header.currTerm();
    AppendResult stands =
        new AppendResult(AppendResult.Result.OK, commit_index).commitIndex(commit_index);
    down_prot.down(
        new EmptyMessage(message.getSrc())
            .putHeader(id, new AppendEntriesResponse(currentTerm(), stands)));
  }

  private static LogPosition positionIn(Message message) {
    try {
      ByteArrayDataInputStream in =
          new ByteArrayDataInputStream(
              message.getArray(), message.getOffset(), message.getLength());
      new PersistentState().readFrom(in);
      return RegistryStateMachine.readPosition(in);
    } catch (IOException e) {
      throw new IllegalStateException("a leader sent what is no snapshot", e);
    }
  }

  /** Called on a follower, for entries whose predecessor it has. */
  @Override
  protected boolean append(long index, LogEntries entries) {
    long at = index;
    LogEntries fresh = new LogEntries();
    for (LogEntry entry : entries) {
      if (fresh.size() == 0) {
        LogEntry standing = at <= last_appended ? log_impl.get(at) : null;
        if (standing != null && standing.term() == entry.term()) {
          at++;
          continue;
        }
        if (standing != null) {
          deleteAllLogEntriesStartingFrom(at);
        }
      }
      fresh.add(entry);
    }
    if (fresh.size() > 0) {
      last_appended = log_impl.append(at, fresh);
      noteVoters(at, fresh);
      snapshotIfNeeded((int) fresh.totalSize());
    }
    long end = index + entries.size() - 1;
    matched = matchedTerm == handledTerm ? Math.max(matched, end) : end;
    matchedTerm = handledTerm;
    // The answer is lastAppended(), which is at least that.
    return false;
  }

  @Override
  protected void deleteAllLogEntriesStartingFrom(long index) {
    super.deleteAllLogEntriesStartingFrom(index);
    voters.cut(index);
    if (matched >= index) {
      matched = index - 1;
    }
  }

  @Override
  protected RAFT commitLogTo(long index, boolean answer) {
    long known = Math.min(index, last_appended);
    if (isLeader()) {
      LogEntry entry = log_impl.get(known);
      boolean own = entry != null && entry.term() == currentTerm();
      return super.commitLogTo(own ? known : commit_index, answer);
    }
    return super.commitLogTo(Math.min(known, lastAppended()), answer);
  }

  @Override
  protected void applyCommit(long index, boolean answer) throws Exception {
    LogEntry entry = requireEntry(index);
    noteVoters(index, entry);
    applied.at(new LogPosition(index, entry.term()));
    if (entry.internal()) {
      applied.skip();
    }
    super.applyCommit(index, answer);
  }

  @Override
  protected void takeSnapshot() throws Exception {
    super.takeSnapshot();
    voters.forget(commit_index);
  }

  @Override
  protected void sendAppendEntriesMessage(Address member, CommitTable.Entry entry) {
    guarded(() -> sendWhatLacks(member, entry));
  }

  private void sendWhatLacks(Address member, CommitTable.Entry entry) {
    boolean cutOff = last_appended < log_impl.firstAppended();
    if (cutOff && entry.nextIndex() >= log_impl.firstAppended()) {
      // Nothing can be compared yet; the mark that a new leader writes will be the first.
      return;
    }
    super.sendAppendEntriesMessage(member, entry);
  }

  /** Tells followers that have all that is agreed on that it is, each of them once. */
  private void tellCommit() {
    CommitTable table = commit_table;
    if (table == null || !isLeader()) {
      toldCommit.clear();
      return;
    }
    toldCommit.keySet().retainAll(table.keys());
    table.forEach(
        (follower, entry) -> {
          boolean has = entry.matchIndex() >= commit_index && entry.commitIndex() < commit_index;
          if (has && toldCommit.getOrDefault(follower, 0L) < commit_index) {
            toldCommit.put(follower, commit_index);
            long term = currentTerm();
            down_prot.down(
                new ObjectMessage(follower, null)
                    .putHeader(
                        id,
                        new AppendEntriesRequest(getAddress(), term, 0, 0, term, commit_index)));
          }
        });
  }

  /** A leader that is no longer to vote steps down; a leader is elected by those who stay. */
  @Override
  protected void _removeServer(String name) {
    if (name.equals(raftId()) && isLeader()) {
      setLeaderAndTerm(null);
    }
    super._removeServer(name);
  }

  private void noteVoters(long index, LogEntries entries) {
    long at = index;
    for (LogEntry entry : entries) {
      noteVoters(at++, entry);
    }
  }

  private void noteVoters(long index, LogEntry entry) {
    if (!entry.internal() || entry.command() == null || voters.knows(index)) {
      return;
    }
    VoterChange change = VoterChange.of(entry);
    if (change.type() == InternalCommand.Type.addServer) {
      voters.add(index, change.node());
    } else if (change.type() == InternalCommand.Type.removeServer) {
      voters.remove(index, change.node());
    }
  }

  /**
   * What the library's own entry says; it does not hand out the name.
   *
   * @param type added, removed, or nothing
   * @param node which node
   */
  private record VoterChange(InternalCommand.Type type, String node) {

    static VoterChange of(LogEntry entry) {
      try {
        ByteArrayDataInputStream in =
            new ByteArrayDataInputStream(entry.command(), entry.offset(), entry.length());
        InternalCommand.Type[] types = InternalCommand.Type.values();
        int type = in.readUnsignedByte();
        if (type >= types.length) {
          throw new IOException("a change of voters of kind " + type);
        }
        String node = Bits.readString(in);
        return new VoterChange(types[type], node == null ? "" : node);
      } catch (IOException e) {
        throw new IllegalStateException("a damaged change of voters", e);
      }
    }
  }
}
