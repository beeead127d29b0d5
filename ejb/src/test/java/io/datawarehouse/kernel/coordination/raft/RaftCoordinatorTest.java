package io.datawarehouse.kernel.coordination.raft;

import static io.datawarehouse.kernel.coordination.raft.RaftNodes.join;
import static io.datawarehouse.kernel.coordination.raft.RaftNodes.latest;
import static io.datawarehouse.kernel.coordination.raft.RaftNodes.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.CommandResult;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes and what can happen to them, over loopback. */
final class RaftCoordinatorTest {

  private static final String[] THREE = {"a", "b", "c"};

  @TempDir Path directory;

  @Test
  void aLeaderThatIsKilledIsReplacedAndNothingAcknowledgedIsLost() throws Exception {
    try (RaftNodes nodes = three()) {
      String first = nodes.awaitLeader();
      RaftCoordinator survivor = nodes.get(first.equals("a") ? "b" : "a");
      for (int i = 0; i < 10; i++) {
        assertThat(put(survivor, "key-" + i, "value-" + i).applied()).isTrue();
      }
      // On their way while the leader dies.
      List<CompletableFuture<CommandResult>> during = new ArrayList<>();
      for (int i = 10; i < 30; i++) {
        during.add(
            survivor
                .propose(
                    new ClusterCommand.Put(
                        RaftNodes.address(survivor, "key-" + i),
                        "value-" + i,
                        OptionalLong.of(ClusterCommand.ABSENT)),
                    RaftNodes.LONG)
                .toCompletableFuture());
      }
      nodes.kill(first);

      assertThat(during).allMatch(result -> join(result).applied());
      nodes.awaitOtherLeader(first);
      for (RaftCoordinator node : nodes.all()) {
        for (int i = 0; i < 30; i++) {
          assertThat(latest(node, "key-" + i).orElseThrow().value()).isEqualTo("value-" + i);
        }
      }
    }
  }

  @Test
  void withoutAMajorityChangesAreRefusedAndTheLocalCopyIsReadOn() throws Exception {
    try (RaftNodes nodes = three()) {
      assertThat(put(nodes.get("a"), "color", "red").applied()).isTrue();
      nodes.kill("b");
      nodes.kill("c");
      RaftCoordinator left = nodes.get("a");

      await().atMost(RaftNodes.LONG).until(() -> !left.leadership().available());
      assertUnavailable(
          left.propose(
                  new ClusterCommand.Put(
                      RaftNodes.address(left, "color"), "blue", OptionalLong.empty()),
                  Duration.ofMillis(500))
              .toCompletableFuture());
      ReadConsistency old = new ReadConsistency.Local(Duration.ofHours(1));
      assertThat(
              join(left.read(RaftNodes.address(left, "color"), old).toCompletableFuture())
                  .map(RegistryEntry::value))
          .contains("red");
      assertUnavailable(
          left.read(
                  RaftNodes.address(left, "color"), new ReadConsistency.Local(Duration.ofMillis(1)))
              .toCompletableFuture());

      nodes.start("b");
      nodes.awaitLeader();
      assertThat(put(left, "color", "green").applied()).isTrue();
    }
  }

  @Test
  void aNodeThatIsStartedAloneAnswersFromItsLogAndChangesNothing() throws Exception {
    try (RaftNodes nodes = three()) {
      assertThat(put(nodes.get("a"), "color", "red").applied()).isTrue();
      assertThat(put(nodes.get("a"), "size", "1").applied()).isTrue();
      for (String node : THREE) {
        nodes.kill(node);
      }

      RaftCoordinator alone = nodes.start("a");

      assertThat(anyAge(alone, "color")).contains("red");
      assertThat(join(alone.list("test", ReadConsistency.Local.ofAnyAge()).toCompletableFuture()))
          .extracting(RegistryEntry::value)
          .contains("red");
      assertThat(anyAge(alone, "shape")).isEmpty();
      ReadConsistency young = new ReadConsistency.Local(Duration.ofHours(1));
      assertUnavailable(alone.read(RaftNodes.address(alone, "color"), young).toCompletableFuture());
      assertUnavailable(
          alone
              .propose(
                  new ClusterCommand.Put(
                      RaftNodes.address(alone, "color"), "blue", OptionalLong.empty()),
                  Duration.ofMillis(500))
              .toCompletableFuture());
    }
  }

  @Test
  void whatANodeMayHaveKnownBeforeItsPowerFailedItDoesNotDenyWhenItIsStartedAlone()
      throws Exception {
    ForgetfulDisk disk = new ForgetfulDisk();
    try (RaftNodes nodes = new RaftNodes(directory, 3)) {
      nodes.writeTo("a", disk);
      nodes.startAll(THREE);
      nodes.awaitVotersAll();
      assertThat(put(nodes.get("a"), "size", "1").applied()).isTrue();
      assertThat(put(nodes.get("a"), "color", "red").applied()).isTrue();
      assertThat(put(nodes.get("a"), "last", "1").applied()).isTrue();
      disk.forgetful = true;
      assertThat(put(nodes.get("a"), "color", "green").applied()).isTrue();
      assertThat(anyAge(nodes.get("a"), "color")).contains("green");
      for (String node : THREE) {
        nodes.kill(node);
      }
      disk.forgetful = false;

      RaftCoordinator alone = nodes.start("a");

      assertThat(anyAge(alone, "size")).contains("1");
      ReadConsistency any = ReadConsistency.Local.ofAnyAge();
      assertUnavailable(alone.read(RaftNodes.address(alone, "color"), any).toCompletableFuture());
      assertUnavailable(alone.list("test", any).toCompletableFuture());

      nodes.start("b");
      nodes.awaitLeader();
      assertThat(latest(alone, "color").map(RegistryEntry::value)).contains("green");
      assertThat(anyAge(alone, "color")).contains("green");
    }
  }

  @Test
  void aNodeThatNeverHeardALeaderHasNothingToAnswerFrom() {
    try (RaftNodes nodes = new RaftNodes(directory, 3)) {
      RaftCoordinator alone = nodes.start("a");

      assertUnavailable(alone.list("test", ReadConsistency.Local.ofAnyAge()).toCompletableFuture());
    }
  }

  private static Optional<String> anyAge(RaftCoordinator node, String key) {
    return join(node.read(RaftNodes.address(node, key), ReadConsistency.Local.ofAnyAge())
            .toCompletableFuture())
        .map(RegistryEntry::value);
  }

  /** A disk that loses what it was not asked to wait for, as when the power fails. */
  private static final class ForgetfulDisk implements LogDisk {

    volatile boolean forgetful;

    @Override
    public void append(RandomAccessFile file, byte[] bytes, boolean wait) throws IOException {
      if (wait || !forgetful) {
        REAL.append(file, bytes, wait);
      }
    }

    @Override
    public void replace(Path target, Path temporary, byte[] content) throws IOException {
      REAL.replace(target, temporary, content);
    }
  }

  @Test
  void theWholeGroupStartsAgainInAnyOrder() {
    try (RaftNodes nodes = three()) {
      assertThat(put(nodes.get("a"), "round", "0").applied()).isTrue();
      Optional<String> group = nodes.get("a").status().group();
      String[][] orders = {{"a", "b", "c"}, {"b", "c", "a"}, {"c", "a", "b"}, {"c", "b", "a"}};
      for (int round = 0; round < orders.length; round++) {
        nodes.stopAll();
        for (String node : orders[round]) {
          nodes.start(node);
        }
        nodes.awaitLeader();
        for (RaftCoordinator node : nodes.all()) {
          assertThat(latest(node, "round").orElseThrow().value()).isEqualTo("" + round);
          assertThat(node.status().group()).isEqualTo(group);
        }
        assertThat(put(nodes.get(orders[round][2]), "round", "" + (round + 1)).applied()).isTrue();
      }
    }
  }

  @Test
  void aSnapshotTakesThePlaceOfTheLogAndBringsUpWhoWasAway() throws Exception {
    try (RaftNodes nodes = new RaftNodes(directory, 3, 64 << 10)) {
      nodes.startAll(THREE);
      nodes.awaitLeader();
      nodes.awaitVotersAll();
      nodes.stop("c");
      nodes.awaitLeader();
      String large = "x".repeat(8_000);
      for (int i = 0; i < 40; i++) {
        assertThat(put(nodes.get("a"), "key-" + i % 5, i + large).applied()).isTrue();
      }
      assertThat(nodes.get("a").status().logBytes()).isLessThan(40 * 8_000);

      RaftCoordinator back = nodes.start("c");
      nodes.awaitLeader();
      assertThat(latest(back, "key-4").orElseThrow().value()).isEqualTo("39" + large);
      await()
          .atMost(RaftNodes.LONG)
          .until(() -> back.status().entries() == nodes.get("a").status().entries());

      nodes.stopAll();
      nodes.startAll(THREE);
      nodes.awaitLeader();
      for (RaftCoordinator node : nodes.all()) {
        assertThat(latest(node, "key-3").orElseThrow().value()).isEqualTo("38" + large);
      }
    }
  }

  @Test
  void aFourthNodeIsGivenAVoteAndTakenItAgain() {
    try (RaftNodes nodes = three()) {
      assertThat(put(nodes.get("a"), "color", "red").applied()).isTrue();
      RaftCoordinator fourth = nodes.start("d");
      assertThat(latestWhenInTouch(nodes, fourth)).isEqualTo("red");
      assertThat(fourth.status().voters()).doesNotContain(new NodeId("d"));

      nodes.all().forEach(node -> node.admit(new NodeId("d")));
      awaitVoters(nodes, "a", "b", "c", "d");
      assertThat(fourth.leadership().quorum()).isEqualTo(3);

      nodes.all().forEach(node -> node.remove(new NodeId("d")));
      awaitVoters(nodes, "a", "b", "c");
      assertThat(put(fourth, "color", "blue").applied()).isTrue();
    }
  }

  @Test
  void aLeaderThatIsToLoseItsVoteHandsOverFirst() {
    try (RaftNodes nodes = three()) {
      String leader = nodes.awaitLeader();
      nodes.all().forEach(node -> node.remove(new NodeId(leader)));

      await()
          .atMost(RaftNodes.LONG)
          .untilAsserted(
              () ->
                  assertThat(nodes.all().stream().map(RaftCoordinator::status))
                      .noneMatch(status -> status.voters().contains(new NodeId(leader))));
      nodes.awaitOtherLeader(leader);
      assertThat(put(nodes.get(leader), "color", "blue").applied()).isTrue();
    }
  }

  @Test
  void aMinorityRefusesAndHealsWithoutDeposingALeader() throws Exception {
    try (RaftNodes nodes = three()) {
      String leader = nodes.awaitLeader();
      String cut = leader.equals("c") ? "b" : "c";
      String other =
          List.of(THREE).stream()
              .filter(n -> !n.equals(leader) && !n.equals(cut))
              .findFirst()
              .orElseThrow();
      RaftNodes.cut(nodes.get(cut));

      RaftCoordinator minority = nodes.get(cut);
      await().atMost(RaftNodes.LONG).until(() -> !minority.leadership().available());
      CompletableFuture<CommandResult> refused =
          minority
              .propose(
                  new ClusterCommand.Put(
                      RaftNodes.address(minority, "color"), "blue", OptionalLong.empty()),
                  Duration.ofMillis(500))
              .toCompletableFuture();
      assertUnavailable(refused);
      assertThatThrownBy(refused::join).hasMessageContaining("nothing was changed");
      String majority = nodes.awaitLeader(leader, other);
      long term = nodes.get(majority).leadership().term();
      assertThat(put(nodes.get(other), "color", "red").applied()).isTrue();

      RaftNodes.heal(minority);
      assertThat(nodes.awaitLeader()).isNotEqualTo(cut);
      assertThat(latestWhenInTouch(nodes, minority)).isEqualTo("red");
      assertThat(term).isPositive();
    }
  }

  /**
   * What others said while it stood still reaches a node all at once when it goes on: that they had
   * no leader, that they voted, that one of them leads.
   */
  @Test
  void aLeaderThatStoodStillDeposesNobodyWhenItGoesOn() throws Exception {
    try (RaftNodes nodes = new RaftNodes(directory, 3)) {
      nodes.start("a");
      nodes.startAll("b", "c");
      nodes.awaitLeader();
      nodes.awaitVotersAll();
      // The first in view would hold the next election, if a majority wanted one.
      String frozen = "a";
      assertThat(firstInView(nodes)).isEqualTo(frozen);
      leadBy(nodes, frozen);
      HeldMessages held = HeldMessages.of(nodes.get(frozen));

      String[] others =
          List.of(THREE).stream().filter(node -> !node.equals(frozen)).toArray(String[]::new);
      String successor = nodes.awaitOtherLeader(frozen, others);
      long term = nodes.get(successor).leadership().term();
      assertThat(put(nodes.get(successor), "color", "red").applied()).isTrue();
      await().atMost(RaftNodes.LONG).until(() -> !nodes.get(frozen).leadership().available());
      assertThat(held.count()).isPositive();
      held.release();

      assertThat(nodes.awaitLeader()).isEqualTo(successor);
      assertThat(nodes.get(frozen).leadership().term()).isEqualTo(term);
      assertThat(latestWhenInTouch(nodes, nodes.get(frozen))).isEqualTo("red");
    }
  }

  private static String firstInView(RaftNodes nodes) {
    GroupChannel channel = nodes.get("a").channel();
    return Objects.requireNonNull(GroupChannel.nodeOf(channel.inView().get(0))).value();
  }

  /** Has leaders hand over until that node leads. */
  private static void leadBy(RaftNodes nodes, String wanted) {
    await()
        .atMost(RaftNodes.LONG)
        .until(
            () -> {
              String leader = nodes.awaitLeader();
              if (!leader.equals(wanted)) {
                join(nodes.get(leader).handOver(RaftNodes.LONG).toCompletableFuture());
              }
              return nodes.awaitLeader().equals(wanted);
            });
  }

  @Test
  void countersThatExpectAVersionCountWhatWasApplied() throws Exception {
    try (RaftNodes nodes = three()) {
      assertThat(put(nodes.get("a"), "counter", "0").applied()).isTrue();
      List<CompletableFuture<Integer>> counters =
          nodes.all().stream()
              .map(
                  node ->
                      CompletableFuture.supplyAsync(
                          () -> count(node, 15), task -> new Thread(task, "counter").start()))
              .toList();
      // The leader changes under their hands.
      RaftCoordinator leader = nodes.get(nodes.awaitLeader());
      join(leader.handOver(RaftNodes.LONG).toCompletableFuture());

      int applied = counters.stream().mapToInt(RaftNodes::join).sum();
      assertThat(latest(nodes.get("b"), "counter").orElseThrow().value()).isEqualTo("" + applied);
      assertThat(applied).isEqualTo(45);
    }
  }

  @Test
  void whoeverWatchesLeadershipIsTold() throws Exception {
    try (RaftNodes nodes = three()) {
      String first = nodes.awaitLeader();
      RaftCoordinator watcher = nodes.get(first.equals("a") ? "b" : "a");
      List<Optional<NodeId>> told = new CopyOnWriteArrayList<>();
      watcher.watchLeadership(leadership -> told.add(leadership.leader()));
      nodes.kill(first);

      String second = nodes.awaitOtherLeader(first);
      await().atMost(RaftNodes.LONG).until(() -> told.contains(Optional.of(new NodeId(second))));
    }
  }

  /** Counts up that many times, each time from what it read. */
  private static int count(RaftCoordinator node, int times) {
    int applied = 0;
    while (applied < times) {
      RegistryEntry now = latest(node, "counter").orElseThrow();
      String next = "" + (Integer.parseInt(now.value()) + 1);
      if (put(node, "counter", next, OptionalLong.of(now.version())).applied()) {
        applied++;
      }
    }
    return applied;
  }

  private RaftNodes three() {
    RaftNodes nodes = new RaftNodes(directory, 3);
    nodes.startAll(THREE);
    nodes.awaitLeader();
    // One that came too late to found is let in later, as any other node.
    nodes.awaitVotersAll();
    return nodes;
  }

  private static String latestWhenInTouch(RaftNodes nodes, RaftCoordinator node) {
    await(nodes.describe()).atMost(RaftNodes.LONG).until(() -> node.leadership().available());
    return latest(node, "color").orElseThrow().value();
  }

  private static void awaitVoters(RaftNodes nodes, String... voters) {
    List<NodeId> expected =
        IntStream.range(0, voters.length).mapToObj(i -> new NodeId(voters[i])).toList();
    await()
        .atMost(RaftNodes.LONG)
        .until(
            () -> nodes.all().stream().allMatch(node -> node.status().voters().equals(expected)));
  }

  private static void assertUnavailable(CompletableFuture<?> answer) {
    assertThatThrownBy(() -> join(answer))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            error -> assertThat(error.code()).isEqualTo(StandardErrorCode.UNAVAILABLE));
  }
}
