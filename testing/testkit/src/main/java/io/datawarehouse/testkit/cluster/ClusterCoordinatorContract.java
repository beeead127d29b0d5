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
import io.datawarehouse.testkit.contract.Crowd;
import io.datawarehouse.testkit.contract.Eventually;
import io.datawarehouse.testkit.contract.Stages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * What a {@link ClusterCoordinator} must do while a majority is there, in a cluster of any size,
 * also of one. An implementation for several nodes extends {@link ClusteredCoordinatorContract}.
 *
 * <p>The subclass makes a cluster for each test and ends it afterwards. Several tests may share one
 * where making it takes long: each test has registries of its own, and leaves a leader behind.
 */
public abstract class ClusterCoordinatorContract {

  private static final ReadConsistency LATEST = new ReadConsistency.Latest();
  private static final OptionalLong ANY = OptionalLong.empty();
  private static final OptionalLong NEW = OptionalLong.of(ClusterCommand.ABSENT);
  private static final int THREADS = 4;
  private static final int ROUNDS = 25;

  /**
   * Returns the coordinators of one cluster by the node of each, one node or more. They may still
   * be looking for a leader.
   */
  protected abstract SortedMap<NodeId, ClusterCoordinator> coordinators();

  /** Returns how long to wait for what has to happen soon; generous, as only a failure needs it. */
  protected Duration soon() {
    return Duration.ofSeconds(30);
  }

  @Test
  void allNodesAgreeWhoLeads() {
    awaitLeader();

    List<Leadership> known =
        coordinators().values().stream().map(ClusterCoordinator::leadership).toList();

    assertThat(known).extracting(Leadership::leader).doesNotContain(Optional.empty());
    assertThat(known).extracting(Leadership::leader).containsOnly(known.get(0).leader());
    assertThat(coordinators()).containsKey(known.get(0).leader().orElseThrow());
    assertThat(known).extracting(Leadership::quorum).containsOnly(coordinators().size() / 2 + 1);
  }

  @Test
  void changeThatWasAcknowledgedIsReadByTheLatestReadOfEveryNode() {
    RegistryEntry.Address address = address("read", "key");

    RegistryEntry made = applied(first(), put(address, "{\"a\":1}", NEW)).orElseThrow();

    assertThat(made.address()).isEqualTo(address);
    assertThat(made.value()).isEqualTo("{\"a\":1}");
    assertThat(made.version()).isPositive();
    for (ClusterCoordinator node : coordinators().values()) {
      assertThat(get(node.read(address, LATEST))).contains(made);
    }
    RegistryEntry changed = applied(last(), put(address, "2", version(made))).orElseThrow();
    assertThat(changed.version()).isGreaterThan(made.version());
    for (ClusterCoordinator node : coordinators().values()) {
      assertThat(get(node.read(address, LATEST))).contains(changed);
    }
  }

  @Test
  void localReadOfEveryNodeSeesAChangeSoon() {
    RegistryEntry.Address address = address("local", "key");
    RegistryEntry made = applied(first(), put(address, "value", NEW)).orElseThrow();
    ReadConsistency local = new ReadConsistency.Local(Duration.ofHours(1));

    for (ClusterCoordinator node : coordinators().values()) {
      awaitThat(
          "the local copy has the change",
          () -> get(node.read(address, local)).equals(Optional.of(made)));
      assertThat(get(node.list(address.registry(), local))).containsExactly(made);
    }
  }

  @Test
  void secondOfTwoThatCreateTheSameLosesAndIsToldWhatStands() {
    RegistryEntry.Address address = address("create", "key");
    RegistryEntry standing = applied(first(), put(address, "first", NEW)).orElseThrow();

    CommandResult second = propose(last(), put(address, "second", NEW));

    assertThat(second).isEqualTo(new CommandResult.Conflict(Optional.of(standing)));
    assertThat(second.applied()).isFalse();
    assertThat(get(last().read(address, LATEST))).contains(standing);
  }

  @Test
  void changeThatExpectsAnotherVersionChangesNothing() {
    RegistryEntry.Address address = address("versions", "key");
    RegistryEntry one = applied(first(), put(address, "one", NEW)).orElseThrow();
    RegistryEntry two = applied(first(), put(address, "two", version(one))).orElseThrow();

    assertThat(propose(last(), put(address, "stale", version(one))))
        .isEqualTo(new CommandResult.Conflict(Optional.of(two)));
    assertThat(propose(last(), new ClusterCommand.Remove(address, version(one))))
        .isEqualTo(new CommandResult.Conflict(Optional.of(two)));
    assertThat(propose(last(), put(address("versions", "none"), "x", OptionalLong.of(1))))
        .isEqualTo(new CommandResult.Conflict(Optional.empty()));
    assertThat(get(first().read(address, LATEST))).contains(two);
    assertThat(get(first().read(address("versions", "none"), LATEST))).isEmpty();
  }

  @Test
  void commandThatNamesTheVersionIsSafeToSendTwice() {
    RegistryEntry.Address address = address("twice", "key");
    RegistryEntry one = applied(first(), put(address, "one", NEW)).orElseThrow();
    ClusterCommand change = put(address, "two", version(one));
    RegistryEntry two = applied(first(), change).orElseThrow();

    assertThat(propose(last(), change)).isEqualTo(new CommandResult.Conflict(Optional.of(two)));
    ClusterCommand removal = new ClusterCommand.Remove(address, version(two));
    assertThat(applied(first(), removal)).isEmpty();
    assertThat(propose(last(), removal)).isEqualTo(new CommandResult.Conflict(Optional.empty()));
  }

  @Test
  void changeThatExpectsNothingAlwaysStands() {
    RegistryEntry.Address address = address("any", "key");

    RegistryEntry one = applied(first(), put(address, "one", ANY)).orElseThrow();
    RegistryEntry two = applied(last(), put(address, "two", ANY)).orElseThrow();

    assertThat(two.version()).isGreaterThan(one.version());
    assertThat(applied(first(), new ClusterCommand.Remove(address, ANY))).isEmpty();
    assertThat(get(last().read(address, LATEST))).isEmpty();
    assertThat(applied(last(), put(address, "again", NEW))).isPresent();
  }

  @Test
  void exactlyOneOfManyThatCreateTheSameWins() {
    RegistryEntry.Address address = address("race", "key");
    List<ClusterCoordinator> nodes = List.copyOf(coordinators().values());
    awaitLeader();

    List<CommandResult> results =
        Crowd.all(
            THREADS,
            soon(),
            number -> propose(nodes.get(number % nodes.size()), put(address, "by " + number, NEW)));

    assertThat(results).filteredOn(CommandResult::applied).hasSize(1);
    Optional<RegistryEntry> winner =
        results.stream()
            .filter(CommandResult::applied)
            .map(result -> ((CommandResult.Applied) result).entry())
            .findFirst()
            .orElseThrow();
    assertThat(results)
        .filteredOn(result -> !result.applied())
        .containsOnly(new CommandResult.Conflict(winner));
  }

  @Test
  void manyThatCountTogetherLoseNothing() {
    RegistryEntry.Address address = address("count", "key");
    List<ClusterCoordinator> nodes = List.copyOf(coordinators().values());
    applied(first(), put(address, "0", NEW));

    Crowd.all(
        THREADS,
        soon().multipliedBy(2),
        number -> {
          for (int i = 0; i < ROUNDS; i++) {
            countOne(nodes.get(number % nodes.size()), address);
          }
          return number;
        });

    assertThat(get(first().read(address, LATEST)).orElseThrow().value())
        .isEqualTo(String.valueOf(THREADS * ROUNDS));
  }

  private void countOne(ClusterCoordinator node, RegistryEntry.Address address) {
    RegistryEntry standing = get(node.read(address, LATEST)).orElseThrow();
    while (true) {
      String next = String.valueOf(Integer.parseInt(standing.value()) + 1);
      CommandResult result = propose(node, put(address, next, version(standing)));
      if (result instanceof CommandResult.Conflict conflict) {
        standing = conflict.standing().orElseThrow();
      } else {
        return;
      }
    }
  }

  @Test
  void listHoldsOneRegistrySortedByKey() {
    for (String key : List.of("b", "c", "a", "B", "a/1")) {
      applied(first(), put(address("list", key), "value of " + key, NEW));
    }
    applied(first(), put(address("list-other", "x"), "other", NEW));

    assertThat(get(last().list(registry("list"), LATEST)))
        .extracting(entry -> entry.address().key())
        .containsExactly("B", "a", "a/1", "b", "c");
    assertThat(get(last().list(registry("nothing"), LATEST))).isEmpty();
  }

  @Test
  void keysAndValuesOfEveryAllowedSizeComeBackAsTheyWere() {
    for (String key : List.of("k".repeat(255), "a b/c%d", "\u00e4\u20ac\ud83d\ude00")) {
      RegistryEntry.Address address = address("sizes", key);
      for (String value :
          List.of("", "\u00e4\u20ac\ud83d\ude00", "x".repeat(RegistryEntry.LONGEST_VALUE))) {
        assertThat(applied(first(), put(address, value, ANY)).orElseThrow().value())
            .isEqualTo(value);
        assertThat(get(last().read(address, LATEST)).orElseThrow().value()).isEqualTo(value);
      }
    }
  }

  @Test
  void everyNodeHearsAllChangesOnceAndInTheOneOrder() {
    List<ClusterCoordinator> nodes = List.copyOf(coordinators().values());
    awaitLeader();
    List<List<ClusterCoordinator.Change>> heard = new ArrayList<>();
    for (ClusterCoordinator node : nodes) {
      List<ClusterCoordinator.Change> here = new CopyOnWriteArrayList<>();
      heard.add(here);
      node.watch(registry("order"), here::add);
    }

    List<List<Long>> indexes =
        Crowd.all(THREADS, soon().multipliedBy(2), number -> putMany(nodes, number));
    applied(first(), new ClusterCommand.Remove(address("order", "0"), ANY));

    int all = THREADS * ROUNDS + 1;
    for (List<ClusterCoordinator.Change> here : heard) {
      awaitThat("all changes are heard", () -> here.size() >= all);
      assertThat(here).isEqualTo(heard.get(0)).hasSize(all);
      assertThat(here).extracting(ClusterCoordinator.Change::index).isSorted();
      assertThat(here).extracting(ClusterCoordinator.Change::index).doesNotHaveDuplicates();
      assertThat(here.get(all - 1).entry()).as("a removal").isEmpty();
      assertThat(here)
          .extracting(ClusterCoordinator.Change::index)
          .containsAll(indexes.stream().flatMap(List::stream).toList());
    }
    assertThat(indexes).allSatisfy(ofOne -> assertThat(ofOne).isSorted());
  }

  private List<Long> putMany(List<ClusterCoordinator> nodes, int number) {
    List<Long> indexes = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      CommandResult result =
          propose(
              nodes.get(number % nodes.size()),
              put(address("order", String.valueOf(number)), "round " + i, ANY));
      indexes.add(((CommandResult.Applied) result).index());
    }
    return indexes;
  }

  @Test
  void watchHearsItsRegistryAloneAndNothingAfterItWasClosed() {
    List<ClusterCoordinator.Change> closedEarly = new CopyOnWriteArrayList<>();
    List<ClusterCoordinator.Change> all = new CopyOnWriteArrayList<>();
    Watch watch = last().watch(registry("watch"), closedEarly::add);
    last().watch(registry("watch"), all::add);
    RegistryEntry heard = applied(first(), put(address("watch", "key"), "1", NEW)).orElseThrow();
    applied(first(), put(address("watch-other", "key"), "1", NEW));
    CommandResult conflict = propose(first(), put(address("watch", "key"), "2", NEW));
    assertThat(conflict.applied()).isFalse();
    awaitThat("the first change is heard", () -> !closedEarly.isEmpty());

    watch.close();
    watch.close();
    applied(first(), put(address("watch", "key"), "3", ANY));

    awaitThat("the other listener hears", () -> all.size() >= 2);
    assertThat(closedEarly)
        .singleElement()
        .satisfies(change -> assertThat(change.entry()).contains(heard));
    assertThat(all)
        .extracting(change -> change.entry().map(RegistryEntry::value).orElse("gone"))
        .containsExactly("1", "3");
  }

  @Test
  void everyStageCompletesSoonAfterItsLimit() {
    awaitLeader();
    Duration hardlyAny = Duration.ofNanos(1);

    assertThat(
            last()
                .propose(put(address("limits", "key"), "value", ANY), hardlyAny)
                .handle((result, thrown) -> true))
        .succeedsWithin(soon());
    assertThat(follower().handOver(hardlyAny).handle((result, thrown) -> true))
        .succeedsWithin(soon());
  }

  @Test
  void nodeThatDoesNotLeadOrIsAloneCannotHandOver() {
    awaitLeader();
    NodeId leader = first().leadership().leader().orElseThrow();

    assertThat(get(follower().handOver(soon()))).isFalse();

    awaitLeader();
    assertThat(first().leadership().leader()).contains(leader);
  }

  /** Returns the coordinator of the node that is first by identity. */
  protected final ClusterCoordinator first() {
    return coordinators().get(coordinators().firstKey());
  }

  /** Returns the coordinator of the node that is last by identity; the first where one is alone. */
  protected final ClusterCoordinator last() {
    return coordinators().get(coordinators().lastKey());
  }

  /** Waits until every node knows the same leader, and that it is available. */
  protected final void awaitLeader() {
    awaitLeader(coordinators().values());
  }

  /** Waits until those nodes know the same leader, one of the cluster, who is available. */
  protected final void awaitLeader(Iterable<ClusterCoordinator> nodes) {
    awaitThat("a leader that all agree on", () -> agree(nodes));
  }

  /** Proposes, waits for a leader first and then for the result. */
  protected final CommandResult propose(ClusterCoordinator node, ClusterCommand command) {
    awaitLeader(List.of(node));
    return get(node.propose(command, soon()));
  }

  /** Proposes what must stand, and returns the entry as it is then. */
  protected final Optional<RegistryEntry> applied(ClusterCoordinator node, ClusterCommand command) {
    CommandResult result = propose(node, command);
    assertThat(result).isInstanceOf(CommandResult.Applied.class);
    return ((CommandResult.Applied) result).entry();
  }

  /** Returns an address in a registry that is this test's own. */
  protected final RegistryEntry.Address address(String registry, String key) {
    return new RegistryEntry.Address(registry(registry), key);
  }

  private static String registry(String name) {
    return "contract-" + name;
  }

  /** Returns what a stage completes with, soon. */
  protected final <T> T get(java.util.concurrent.CompletionStage<T> stage) {
    return Stages.get(stage, soon());
  }

  /** Waits until that is so, at most {@link #soon()}. */
  protected final void awaitThat(String what, Supplier<Boolean> condition) {
    Eventually.is(what, soon(), condition::get);
  }

  /** Returns a command that sets an entry. */
  protected static ClusterCommand put(
      RegistryEntry.Address address, String value, OptionalLong expected) {
    return new ClusterCommand.Put(address, value, expected);
  }

  /** Returns a node that does not lead; the leader where it is alone. */
  private ClusterCoordinator follower() {
    Optional<NodeId> leader = first().leadership().leader();
    return coordinators().entrySet().stream()
        .filter(node -> !leader.equals(Optional.of(node.getKey())))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(first());
  }

  private boolean agree(Iterable<ClusterCoordinator> nodes) {
    Optional<NodeId> leader = Optional.empty();
    for (ClusterCoordinator node : nodes) {
      Leadership known = node.leadership();
      if (known.leader().isEmpty()
          || !known.available()
          || leader.isPresent() && !leader.equals(known.leader())) {
        return false;
      }
      leader = known.leader();
    }
    return leader.isPresent();
  }

  private static OptionalLong version(RegistryEntry entry) {
    return OptionalLong.of(entry.version());
  }
}
