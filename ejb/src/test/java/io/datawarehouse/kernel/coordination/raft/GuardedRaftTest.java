package io.datawarehouse.kernel.coordination.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.kernel.coordination.Capacity;
import io.datawarehouse.kernel.coordination.LogPosition;
import io.datawarehouse.kernel.coordination.Outcome;
import io.datawarehouse.kernel.coordination.Proposal;
import io.datawarehouse.kernel.coordination.ProposalFormat;
import io.datawarehouse.kernel.coordination.RegistryStateMachine;
import io.datawarehouse.kernel.coordination.RequestId;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.EmptyMessage;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.ObjectMessage;
import org.jgroups.View;
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
import org.jgroups.stack.Protocol;
import org.jgroups.util.Bits;
import org.jgroups.util.ByteArrayDataInputStream;
import org.jgroups.util.ByteArrayDataOutputStream;
import org.jgroups.util.ExtendedUUID;
import org.jgroups.util.Util;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One node's log, with others played by the test. */
final class GuardedRaftTest {

  private static final Address SELF = address("a");
  private static final Address LEADER = address("b");
  private static final Address OTHER = address("c");
  private static final List<String> FOUNDERS = List.of("a", "b", "c");

  @TempDir Path directory;

  private final List<IOException> failures = new ArrayList<>();
  private final List<Message> sent = new CopyOnWriteArrayList<>();
  private RegistryStateMachine machine = machine();
  private GuardedRaft raft;

  @BeforeEach
  void make() {
    raft = raft();
  }

  @AfterEach
  void stop() {
    raft.stop();
    assertThat(failures).isEmpty();
  }

  @Test
  void aFollowerTakesNothingForAgreedOnThatItsLeaderDidNotSend() throws Exception {
    start();
    appendFrom(LEADER, 1, 0, 0, 1, entry(1, 1), entry(1, 2));
    // Another leader, whose second entry is another one, and was agreed on.
    heartbeatFrom(OTHER, 2, 2);

    assertThat(raft.commitIndex()).isEqualTo(1);
    assertThat(lastAnswer().index()).isEqualTo(1);
  }

  @Test
  void whatALeaderSentInItsTermIsAgreedOnWhenItSaysSo() throws Exception {
    start();
    appendFrom(LEADER, 1, 0, 0, 0, entry(1, 1), entry(1, 2));
    heartbeatFrom(LEADER, 1, 2);

    assertThat(raft.commitIndex()).isEqualTo(2);
    assertThat(lastAnswer().index()).isEqualTo(2);
    assertThat(machine.position()).isEqualTo(new LogPosition(2, 1));
  }

  @Test
  void entriesAreComparedOneByOne() throws Exception {
    start();
    appendFrom(LEADER, 1, 0, 0, 0, entry(1, 1), entry(1, 2), entry(1, 3));
    appendFrom(OTHER, 3, 0, 0, 0, entry(1, 1), entry(3, 4));

    assertThat(raft.log().lastAppended()).isEqualTo(2);
    assertThat(raft.log().get(2).term()).isEqualTo(3);
    assertThat(lastAnswer().index()).isEqualTo(2);
  }

  @Test
  void entriesThatArriveTwiceChangeNothing() throws Exception {
    start();
    appendFrom(LEADER, 1, 0, 0, 0, entry(1, 1), entry(1, 2));
    appendFrom(LEADER, 1, 0, 0, 0, entry(1, 1));

    assertThat(raft.log().lastAppended()).isEqualTo(2);
    assertThat(lastAnswer().index()).isEqualTo(2);
  }

  @Test
  void aLeaderDoesNotCountCopiesOfAnEarlierTermsEntry() throws Exception {
    start();
    appendFrom(LEADER, 1, 0, 0, 0, entry(1, 1));
    raft.setLeaderAndTerm(SELF, 2);
    answerFrom(LEADER, 2, 1);
    answerFrom(OTHER, 2, 1);
    assertThat(raft.commitIndex()).isZero();

    byte[] own = entry(2, 2).command();
    raft.setAsync(own, 0, own.length, null);
    await().atMost(Duration.ofMinutes(2)).until(() -> raft.log().lastAppended() == 2);
    answerFrom(OTHER, 2, 2);

    assertThat(raft.commitIndex()).isEqualTo(2);
    assertThat(machine.position()).isEqualTo(new LogPosition(2, 2));
  }

  @Test
  void aFollowerIsToldOnceThatAnEntryIsAgreedOn() throws Exception {
    start();
    raft.setLeaderAndTerm(SELF, 1);
    byte[] own = entry(1, 1).command();
    raft.setAsync(own, 0, own.length, null);
    await().atMost(Duration.ofMinutes(2)).until(() -> raft.log().lastAppended() == 1);
    sent.clear();
    answerFrom(OTHER, 1, 1);
    for (int i = 0; i < 5; i++) {
      // It lags, and goes on to say so.
      answerFrom(LEADER, 1, 0);
      answerFrom(OTHER, 1, 1);
    }

    long told =
        sent.stream()
            .filter(message -> message.getHeader(raft.getId()) instanceof AppendEntriesRequest)
            .filter(message -> OTHER.equals(message.getDest()))
            .count();
    assertThat(raft.commitIndex()).isEqualTo(1);
    assertThat(told).isEqualTo(1);
  }

  @Test
  void aSnapshotThatIsOlderThanWhatStandsIsNotInstalled() throws Exception {
    start();
    appendFrom(LEADER, 1, 0, 0, 3, entry(1, 1), entry(1, 2), entry(1, 3));
    snapshotFrom(LEADER, 1, 2);

    assertThat(raft.commitIndex()).isEqualTo(3);
    assertThat(machine.position().index()).isEqualTo(3);
    assertThat(lastAnswer().index()).isEqualTo(3);
  }

  @Test
  void aSnapshotBringsItsVotersWithIt() throws Exception {
    start();
    snapshotFrom(LEADER, 1, 5, "a", "b", "c", "d", "e");

    assertThat(machine.position().index()).isEqualTo(5);
    assertThat(raft.members()).containsExactly("a", "b", "c", "d", "e");
    assertThat(raft.majority()).isEqualTo(3);
  }

  @Test
  void aChangeOfTheVotersCountsFromWhereItIsWritten() throws Exception {
    start();
    appendFrom(LEADER, 1, 0, 0, 0, entry(1, 1), voters(1, InternalCommand.Type.addServer, "d"));
    assertThat(raft.members()).containsExactly("a", "b", "c", "d");
    assertThat(raft.changing()).isTrue();

    appendFrom(OTHER, 2, 1, 1, 1, entry(2, 2));
    assertThat(raft.members()).containsExactly("a", "b", "c");
    assertThat(raft.changing()).isFalse();
  }

  @Test
  void entriesThatASnapshotHoldsAreNotAppliedAgainAfterACrash() throws Exception {
    start();
    appendFrom(LEADER, 1, 0, 0, 2, entry(1, 1), entry(1, 2), entry(1, 3));
    // The snapshot is written, and the log is not cut any more.
    raft.log().setSnapshot(ByteBuffer.wrap(snapshotBytes(machine, "a", "b", "c")));
    raft.stop();
    long version = machine.find(address()).orElseThrow().version();

    machine = machine();
    raft = raft();
    start();

    assertThat(machine.position().index()).isEqualTo(2);
    assertThat(machine.find(address()).orElseThrow().version()).isEqualTo(version);
    heartbeatFrom(LEADER, 1, 3);
    assertThat(raft.log().lastAppended()).isEqualTo(3);
  }

  @Test
  void aSnapshotThatIsAheadOfTheLogAfterACrashTakesItsPlace() throws Exception {
    start();
    appendFrom(LEADER, 1, 0, 0, 1, entry(1, 1));
    RegistryStateMachine ahead = machine();
    ahead.apply(new LogPosition(1, 1), proposal(1));
    ahead.apply(new LogPosition(2, 4), proposal(2));
    raft.log().setSnapshot(ByteBuffer.wrap(snapshotBytes(ahead, "a", "b", "d")));
    raft.stop();

    machine = machine();
    raft = raft();
    start();

    assertThat(raft.log().lastAppended()).isEqualTo(2);
    assertThat(raft.log().get(2).term()).isEqualTo(4);
    assertThat(raft.members()).containsExactly("a", "b", "d");
  }

  @Test
  void aNodeWithoutAGroupLooksAtNothing() throws Exception {
    raft.init();
    raft.start();
    appendFrom(LEADER, 1, 0, 0, 1, entry(1, 1));

    assertThat(raft.log().lastAppended()).isZero();
    assertThat(sent).isEmpty();
  }

  private void start() throws Exception {
    raft.begin(FOUNDERS);
    raft.init();
    raft.start();
    raft.down(new Event(Event.VIEW_CHANGE, View.create(SELF, 1, SELF, LEADER, OTHER)));
  }

  private GuardedRaft raft() {
    try {
      GuardedRaft made =
          new GuardedRaft(
              "a",
              DurableLog.open(directory, failures::add),
              new AppliedLog(machine, () -> {}, failures::add),
              1 << 20,
              60_000,
              () -> 0,
              () -> {});
      made.setAddress(SELF);
      made.setDownProtocol(new Wire());
      return made;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Keeps what is sent. */
  private final class Wire extends Protocol {
    @Override
    public Object down(Message message) {
      sent.add(message);
      return null;
    }

    @Override
    public Object down(Event event) {
      return null;
    }
  }

  private void appendFrom(
      Address from, long term, long previous, long previousTerm, long commit, LogEntry... entries) {
    Message message = new ObjectMessage(SELF, new LogEntries().add(entries)).setSrc(from);
    raft.handleUpRequest(
        message,
        new AppendEntriesRequest(from, term, previous, previousTerm, entries[0].term(), commit));
  }

  private void heartbeatFrom(Address from, long term, long commit) {
    Message message = new ObjectMessage(SELF, null).setSrc(from);
    raft.handleUpRequest(message, new AppendEntriesRequest(from, term, 0, 0, term, commit));
  }

  private void answerFrom(Address from, long term, long index) {
    raft.handleUpRequest(
        new EmptyMessage(SELF).setSrc(from),
        new AppendEntriesResponse(
            term, new AppendResult(AppendResult.Result.OK, index).commitIndex(0)));
  }

  private void snapshotFrom(Address from, long term, long index, String... voters)
      throws IOException {
    RegistryStateMachine other = machine();
    for (long at = 1; at <= index; at++) {
      other.apply(new LogPosition(at, term), proposal(at));
    }
    Message message = new BytesMessage(SELF, snapshotBytes(other, voters)).setSrc(from);
    raft.handleUpRequest(message, new InstallSnapshotRequest(term, from, index, term));
  }

  private static byte[] snapshotBytes(RegistryStateMachine content, String... voters)
      throws IOException {
    ByteArrayDataOutputStream out = new ByteArrayDataOutputStream(1_024);
    PersistentState state = new PersistentState();
    state.setMembers(List.of(voters));
    state.writeTo(out);
    content.writeTo(out);
    return ByteBuffer.allocate(out.position()).put(out.buffer(), 0, out.position()).array();
  }

  private AppendResult lastAnswer() throws Exception {
    RaftHeader header = sent.get(sent.size() - 1).getHeader(raft.getId());
    ByteArrayDataOutputStream out = new ByteArrayDataOutputStream(64);
    header.writeTo(out);
    ByteArrayDataInputStream in = new ByteArrayDataInputStream(out.buffer(), 0, out.position());
    // The term stands before it.
    Bits.readLongCompressed(in);
    AppendResult result = new AppendResult();
    result.readFrom(in);
    return result;
  }

  private static LogEntry entry(long term, long sequence) {
    return new LogEntry(term, ProposalFormat.write(proposal(sequence)));
  }

  private static LogEntry voters(long term, InternalCommand.Type type, String node)
      throws Exception {
    byte[] command = Util.streamableToByteBuffer(new InternalCommand(type, node));
    return new LogEntry(term, command, 0, command.length, true);
  }

  private static Proposal proposal(long sequence) {
    return new Proposal(
        new RequestId(new NodeId("a"), 1, sequence),
        1,
        Capacity.DEFAULT,
        Optional.of(new ClusterCommand.Put(address(), "v" + sequence, OptionalLong.empty())));
  }

  private static RegistryEntry.Address address() {
    return new RegistryEntry.Address("test", "key");
  }

  private static RegistryStateMachine machine() {
    return new RegistryStateMachine(
        new RegistryStateMachine.Observer() {
          @Override
          public void applied(RequestId id, Outcome outcome) {}

          @Override
          public void changed(ClusterCoordinator.Change change) {}

          @Override
          public void restored() {}
        });
  }

  private static Address address(String node) {
    return ExtendedUUID.randomUUID(node).put(RAFT.raft_id_key, Util.stringToBytes(node));
  }
}
