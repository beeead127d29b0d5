package io.datawarehouse.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.CommandResult;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.testkit.contract.Stages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The contract of a coordinator of three nodes, of which some are cut off and restarted. */
public abstract class ClusteredCoordinatorContract extends ClusterCoordinatorContract {

  private static final ReadConsistency LATEST = new ReadConsistency.Latest();
  private static final ReadConsistency OLD_ENOUGH = new ReadConsistency.Local(Duration.ofDays(1));
  private static final OptionalLong NEW = OptionalLong.of(ClusterCommand.ABSENT);

  /** Cuts that node off from all others, both ways. Returns when that is so. */
  protected abstract void isolate(NodeId node);

  /** Joins what was cut off. Returns when that is so; the nodes may need a while to find out. */
  protected abstract void heal();

  /**
   * Stops all nodes at once, without a word, and starts them again from what is on their disks;
   * {@link #coordinators()} returns the new ones afterwards.
   */
  protected abstract void restartAll();

  @Test
  void leadershipIsHandedOverAndEverybodyIsTold() {
    awaitLeader();
    RegistryEntry standing = applied(first(), put(address("hand", "key"), "v", NEW)).orElseThrow();
    Leadership before = first().leadership();
    NodeId old = before.leader().orElseThrow();
    List<Leadership> heard = new CopyOnWriteArrayList<>();
    Watch watch = another(old).watchLeadership(heard::add);

    assertThat(get(coordinators().get(old).handOver(soon()))).isTrue();

    awaitThat(
        "another leads",
        () -> {
          Optional<NodeId> leader = another(old).leadership().leader();
          return leader.isPresent() && !leader.get().equals(old);
        });
    awaitLeader();
    assertThat(first().leadership().term()).isGreaterThan(before.term());
    awaitThat(
        "the listener heard of the new leader",
        () -> heard.stream().anyMatch(known -> known.leader().isPresent() && !known.leads(old)));
    assertThat(heard).extracting(Leadership::term).isSorted();
    assertThat(get(first().read(standing.address(), LATEST))).contains(standing);
    watch.close();
    watch.close();
  }

  @Test
  void nodeWithoutAMajorityChangesNothingAndSaysSo() {
    awaitLeader();
    RegistryEntry.Address address = address("minority", "key");
    RegistryEntry standing = applied(first(), put(address, "v", NEW)).orElseThrow();
    NodeId leader = first().leadership().leader().orElseThrow();
    NodeId cutOff = anotherId(leader);
    ClusterCoordinator alone = coordinators().get(cutOff);
    awaitThat(
        "the local copy is there",
        () -> get(alone.read(address, OLD_ENOUGH)).equals(Optional.of(standing)));

    isolate(cutOff);

    awaitThat("it knows that it is alone", () -> !alone.leadership().available());
    assertThat(Stages.errorOf(alone.propose(change(standing), Duration.ofSeconds(2)), soon()))
        .isIn(StandardErrorCode.UNAVAILABLE, StandardErrorCode.TIMEOUT);
    assertThat(Stages.errorOf(alone.read(address, LATEST), soon()))
        .isIn(StandardErrorCode.UNAVAILABLE, StandardErrorCode.TIMEOUT);
    assertThat(get(alone.read(address, OLD_ENOUGH))).contains(standing);
    assertThat(get(alone.list(address.registry(), OLD_ENOUGH))).containsExactly(standing);
    ReadConsistency fresh = new ReadConsistency.Local(Duration.ofMillis(1));
    awaitThat(
        "its copy is too old",
        () ->
            alone
                .read(address, fresh)
                .handle((entry, thrown) -> thrown != null)
                .toCompletableFuture()
                .join());
    assertThat(Stages.errorOf(alone.read(address, fresh), soon()))
        .isEqualTo(StandardErrorCode.UNAVAILABLE);
    heal();
    awaitLeader();
  }

  @Test
  void majorityGoesOnWithoutItsLeaderAndTheLeaderCatchesUp() {
    awaitLeader();
    RegistryEntry.Address address = address("majority", "key");
    RegistryEntry before = applied(first(), put(address, "before", NEW)).orElseThrow();
    Leadership old = first().leadership();
    NodeId cutOff = old.leader().orElseThrow();
    List<ClusterCoordinator> others = without(cutOff);
    List<ClusterCoordinator.Change> heard = new CopyOnWriteArrayList<>();
    coordinators().get(cutOff).watch(address.registry(), heard::add);

    isolate(cutOff);

    awaitThat(
        "the others have a leader of their own",
        () ->
            others.stream()
                .map(ClusterCoordinator::leadership)
                .allMatch(known -> known.available() && !known.leads(cutOff)));
    awaitLeader(others);
    assertThat(others.get(0).leadership().term()).isGreaterThan(old.term());
    assertThat(get(others.get(1).read(address, LATEST))).contains(before);
    RegistryEntry after = applied(others.get(0), change(before)).orElseThrow();

    heal();

    awaitLeader();
    ClusterCoordinator back = coordinators().get(cutOff);
    awaitThat(
        "the one that was cut off has caught up",
        () -> get(back.read(address, OLD_ENOUGH)).equals(Optional.of(after)));
    awaitThat("its listener heard of the change", () -> !heard.isEmpty());
    assertThat(heard)
        .extracting(ClusterCoordinator.Change::entry)
        .containsExactly(Optional.of(after));
  }

  @Test
  void changeProposedWithoutAMajorityStandsOnceOrNotAtAll() {
    awaitLeader();
    RegistryEntry.Address address = address("unsure", "key");
    RegistryEntry before = applied(first(), put(address, "before", NEW)).orElseThrow();
    NodeId cutOff = first().leadership().leader().orElseThrow();
    ClusterCoordinator alone = coordinators().get(cutOff);
    isolate(cutOff);
    assertThat(Stages.errorOf(alone.propose(change(before), Duration.ofSeconds(2)), soon()))
        .isIn(StandardErrorCode.UNAVAILABLE, StandardErrorCode.TIMEOUT);
    heal();
    awaitLeader();

    CommandResult again = propose(alone, change(before));

    RegistryEntry now = get(alone.read(address, LATEST)).orElseThrow();
    assertThat(now.value()).isEqualTo("after");
    if (again instanceof CommandResult.Conflict conflict) {
      assertThat(conflict.standing()).as("it stood already").contains(now);
    }
    for (ClusterCoordinator node : coordinators().values()) {
      assertThat(get(node.read(address, LATEST))).contains(now);
    }
  }

  @Test
  void whatWasAcknowledgedOutlivesTheEndOfAllNodes() {
    List<RegistryEntry> acknowledged = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      RegistryEntry.Address address = address("durable", "key-" + (char) ('a' + i));
      acknowledged.add(applied(first(), put(address, "value " + i, NEW)).orElseThrow());
    }
    RegistryEntry gone = acknowledged.remove(0);
    applied(last(), new ClusterCommand.Remove(gone.address(), OptionalLong.of(gone.version())));
    long term = first().leadership().term();

    restartAll();

    awaitLeader();
    assertThat(get(last().list(gone.address().registry(), LATEST))).isEqualTo(acknowledged);
    assertThat(first().leadership().term()).isGreaterThanOrEqualTo(term);
    RegistryEntry changed = applied(first(), change(acknowledged.get(0))).orElseThrow();
    assertThat(changed.version()).isGreaterThan(acknowledged.get(0).version());
  }

  private static ClusterCommand change(RegistryEntry standing) {
    return put(standing.address(), "after", OptionalLong.of(standing.version()));
  }

  private ClusterCoordinator another(NodeId node) {
    return coordinators().get(anotherId(node));
  }

  private NodeId anotherId(NodeId node) {
    return coordinators().keySet().stream()
        .filter(id -> !id.equals(node))
        .findFirst()
        .orElseThrow();
  }

  private List<ClusterCoordinator> without(NodeId node) {
    return coordinators().entrySet().stream()
        .filter(entry -> !entry.getKey().equals(node))
        .map(java.util.Map.Entry::getValue)
        .toList();
  }
}
