package io.datawarehouse.kernel.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.CommandResult;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RegistryStateMachineTest {

  private static final NodeId NODE = new NodeId("a");

  private final List<ClusterCoordinator.Change> changes = new ArrayList<>();
  private final List<String> applied = new ArrayList<>();
  private final RegistryStateMachine machine = new RegistryStateMachine(new Recorder());
  private long index;
  private long sequence;

  private final class Recorder implements RegistryStateMachine.Observer {
    @Override
    public void applied(RequestId id, Outcome outcome) {
      applied.add(id.sequence() + " " + outcome.getClass().getSimpleName());
    }

    @Override
    public void changed(ClusterCoordinator.Change change) {
      changes.add(change);
    }

    @Override
    public void restored() {
      applied.add("restored");
    }
  }

  @Test
  void anEntryHasTheVersionOfItsPlaceInTheLog() {
    mark();
    CommandResult first = put("color", "red", OptionalLong.empty());
    CommandResult second = put("color", "blue", OptionalLong.of(2));

    assertThat(first)
        .isEqualTo(new CommandResult.Applied(Optional.of(entry("color", "red", 2)), 2));
    assertThat(second)
        .isEqualTo(new CommandResult.Applied(Optional.of(entry("color", "blue", 3)), 3));
    assertThat(machine.find(address("color"))).contains(entry("color", "blue", 3));
  }

  @Test
  void aCommandThatExpectsAnotherVersionChangesNothing() {
    put("color", "red", OptionalLong.empty());

    assertThat(put("color", "blue", OptionalLong.of(ClusterCommand.ABSENT)))
        .isEqualTo(new CommandResult.Conflict(Optional.of(entry("color", "red", 1))));
    assertThat(remove("color", OptionalLong.of(7)))
        .isEqualTo(new CommandResult.Conflict(Optional.of(entry("color", "red", 1))));
    assertThat(put("size", "big", OptionalLong.of(3)))
        .isEqualTo(new CommandResult.Conflict(Optional.empty()));
    assertThat(changes).hasSize(1);
  }

  @Test
  void aVersionIsNeverUsedTwiceAlsoAcrossARemoval() {
    put("color", "red", OptionalLong.empty());
    remove("color", OptionalLong.of(1));
    put("color", "red", OptionalLong.of(ClusterCommand.ABSENT));

    assertThat(machine.find(address("color")).orElseThrow().version()).isEqualTo(3);
    assertThat(remove("color", OptionalLong.of(1)).applied()).isFalse();
  }

  @Test
  void changesAreToldInTheOrderOfTheLogEachOnce() {
    put("b", "1", OptionalLong.empty());
    put("a", "1", OptionalLong.empty());
    put("a", "2", OptionalLong.of(9));
    remove("b", OptionalLong.empty());
    remove("b", OptionalLong.empty());

    assertThat(changes)
        .containsExactly(
            new ClusterCoordinator.Change(address("b"), Optional.of(entry("b", "1", 1)), 1),
            new ClusterCoordinator.Change(address("a"), Optional.of(entry("a", "1", 2)), 2),
            new ClusterCoordinator.Change(address("b"), Optional.empty(), 4));
  }

  @Test
  void aProposalThatIsSentAgainIsNotAppliedAgain() {
    Proposal proposal = proposal(1, 1, put("color", "red"));
    Outcome first = apply(proposal);
    apply(proposal(2, 1, put("color", "blue")));
    Outcome again = apply(proposal);

    assertThat(again).isEqualTo(first);
    assertThat(machine.find(address("color")).orElseThrow().value()).isEqualTo("blue");
    assertThat(changes).hasSize(2);
  }

  @Test
  void aProposalThatLostIsNotAppliedWhenItIsSentAgain() {
    apply(proposal(1, 1, put("color", "red")));
    Proposal lost =
        proposal(2, 1, new ClusterCommand.Put(address("color"), "blue", OptionalLong.of(0)));
    apply(lost);
    apply(proposal(3, 1, new ClusterCommand.Remove(address("color"), OptionalLong.empty())));

    assertThat(apply(lost))
        .isEqualTo(new Outcome.Judged(new CommandResult.Conflict(Optional.empty())));
    assertThat(machine.find(address("color"))).isEmpty();
  }

  @Test
  void aSettledProposalComesTooLate() {
    apply(proposal(3, 3, put("color", "red")));

    assertThat(apply(proposal(2, 1, put("color", "blue")))).isInstanceOf(Outcome.Stale.class);
    assertThat(machine.find(address("color")).orElseThrow().value()).isEqualTo("red");
  }

  @Test
  void aProposalOfAnEarlierRunComesTooLate() {
    apply(new Proposal(new RequestId(NODE, 2, 1), 1, Capacity.DEFAULT, Optional.empty()));

    Outcome late =
        apply(
            new Proposal(
                new RequestId(NODE, 1, 9), 9, Capacity.DEFAULT, Optional.of(put("color", "red"))));
    assertThat(late).isInstanceOf(Outcome.Stale.class);
    assertThat(machine.entries()).isZero();
  }

  @Test
  void whatWouldBeTooMuchIsRefused() {
    Capacity small = new Capacity(2, 1_024);
    applyWithin(small, put("a", "1"));
    applyWithin(small, put("b", "1"));

    assertThat(applyWithin(small, put("c", "1"))).isInstanceOf(Outcome.Full.class);
    assertThat(applyWithin(small, put("a", "2"))).isInstanceOf(Outcome.Judged.class);
    assertThat(applyWithin(small, put("a", "x".repeat(1_100)))).isInstanceOf(Outcome.Full.class);
    assertThat(machine.entries()).isEqualTo(2);
    assertThat(machine.characters()).isEqualTo(4);
  }

  @Test
  void theLogIsAppliedWithoutGaps() {
    mark();
    assertThatThrownBy(() -> machine.skip(new LogPosition(3, 1)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aSnapshotTellsWhatIsDifferentInTheOrderOfTheLog() throws IOException {
    put("kept", "1", OptionalLong.empty());
    put("gone", "1", OptionalLong.empty());
    put("changed", "1", OptionalLong.empty());
    byte[] before = snapshot(machine);
    put("changed", "2", OptionalLong.empty());
    put("new", "1", OptionalLong.empty());
    remove("gone", OptionalLong.empty());
    byte[] after = snapshot(machine);
    machine.readFrom(input(before));
    changes.clear();

    machine.readFrom(input(after));

    assertThat(changes)
        .containsExactly(
            new ClusterCoordinator.Change(
                address("changed"), Optional.of(entry("changed", "2", 4)), 4),
            new ClusterCoordinator.Change(address("new"), Optional.of(entry("new", "1", 5)), 5),
            new ClusterCoordinator.Change(address("gone"), Optional.empty(), 6));
    assertThat(applied).endsWith("restored");
  }

  @Test
  void aSnapshotRemembersWhatWasAnswered() throws IOException {
    Proposal proposal = proposal(1, 1, put("color", "red"));
    Outcome outcome = apply(proposal);
    RegistryStateMachine other = new RegistryStateMachine(new Recorder());
    other.readFrom(input(snapshot(machine)));

    assertThat(other.answer(proposal.id(), proposal.command())).contains(outcome);
    assertThat(other.apply(new LogPosition(2, 1), proposal)).isEqualTo(outcome);
  }

  @Test
  void aSnapshotOfALaterReleaseIsRefused() throws IOException {
    byte[] snapshot = snapshot(machine);
    snapshot[4] = 2;

    assertThatThrownBy(() -> machine.readFrom(input(snapshot)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("version 2");
  }

  @Test
  void machinesThatApplyTheSameLogHoldTheSameBytes() throws IOException {
    for (long seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      RegistryStateMachine straight = new RegistryStateMachine(new Recorder());
      RegistryStateMachine restored = new RegistryStateMachine(new Recorder());
      for (long at = 1; at <= 300; at++) {
        Proposal proposal = randomProposal(random);
        LogPosition position = new LogPosition(at, 1 + at / 50);
        assertThat(restored.apply(position, proposal))
            .as("seed %d", seed)
            .isEqualTo(straight.apply(position, proposal));
        if (random.nextInt(40) == 0) {
          byte[] bytes = snapshot(straight);
          restored = new RegistryStateMachine(new Recorder());
          restored.readFrom(input(bytes));
        }
      }
      assertThat(snapshot(restored)).as("seed %d", seed).isEqualTo(snapshot(straight));
    }
  }

  private static Proposal randomProposal(Random random) {
    long sequence = 1 + random.nextInt(40);
    RequestId id =
        new RequestId(new NodeId("node-" + random.nextInt(3)), 1 + random.nextInt(2), sequence);
    long settled = 1 + random.nextInt((int) sequence);
    RegistryEntry.Address address =
        new RegistryEntry.Address("r" + random.nextInt(2), "k" + random.nextInt(5));
    OptionalLong expected =
        random.nextBoolean() ? OptionalLong.empty() : OptionalLong.of(random.nextInt(300));
    Optional<ClusterCommand> command =
        switch (random.nextInt(4)) {
          case 0 -> Optional.empty();
          case 1 -> Optional.of(new ClusterCommand.Remove(address, expected));
          default -> Optional.of(new ClusterCommand.Put(address, "v" + random.nextInt(), expected));
        };
    return new Proposal(id, settled, new Capacity(6, 1_024), command);
  }

  private void mark() {
    apply(new Proposal(next(), 1, Capacity.DEFAULT, Optional.empty()));
  }

  private CommandResult put(String key, String value, OptionalLong expected) {
    return judge(new ClusterCommand.Put(address(key), value, expected));
  }

  private CommandResult remove(String key, OptionalLong expected) {
    return judge(new ClusterCommand.Remove(address(key), expected));
  }

  private CommandResult judge(ClusterCommand command) {
    Outcome outcome = apply(new Proposal(next(), 1, Capacity.DEFAULT, Optional.of(command)));
    return ((Outcome.Judged) outcome).result();
  }

  private Outcome applyWithin(Capacity capacity, ClusterCommand command) {
    return apply(new Proposal(next(), 1, capacity, Optional.of(command)));
  }

  private Outcome apply(Proposal proposal) {
    return machine.apply(new LogPosition(++index, 1), proposal);
  }

  private RequestId next() {
    return new RequestId(NODE, 1, ++sequence);
  }

  private static Proposal proposal(long sequence, long settled, ClusterCommand command) {
    return new Proposal(
        new RequestId(NODE, 1, sequence), settled, Capacity.DEFAULT, Optional.of(command));
  }

  private static ClusterCommand put(String key, String value) {
    return new ClusterCommand.Put(address(key), value, OptionalLong.empty());
  }

  private static RegistryEntry.Address address(String key) {
    return new RegistryEntry.Address("test", key);
  }

  private static RegistryEntry entry(String key, String value, long version) {
    return new RegistryEntry(address(key), value, version);
  }

  private static byte[] snapshot(RegistryStateMachine machine) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    machine.writeTo(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static DataInputStream input(byte[] bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes));
  }
}
