package io.datawarehouse.kernel.coordination.raft;

import static io.datawarehouse.kernel.coordination.raft.RaftNodes.latest;
import static io.datawarehouse.kernel.coordination.raft.RaftNodes.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes whose disk fails under the log, and works again. */
final class RaftLogFailureTest {

  @TempDir Path directory;

  private final Map<String, FailingDisk> disks =
      Map.of("a", new FailingDisk(), "b", new FailingDisk(), "c", new FailingDisk());

  @Test
  void aFollowerWhoseLogFailsSaysWhyAndCatchesUpByItselfWhenTheDiskWorks() {
    try (RaftNodes nodes = three()) {
      String ill = followerOf(nodes, nodes.awaitLeader());
      RaftCoordinator follower = nodes.get(ill);
      RaftCoordinator well = nodes.get(ill.equals("a") ? "b" : "a");
      FailingDisk disk = diskOf(ill);
      List<String> told = new CopyOnWriteArrayList<>();
      var watch =
          follower.watch(
              "test", change -> told.add(change.entry().map(entry -> entry.value()).orElse("-")));
      assertThat(put(well, "color", "red").applied()).isTrue();
      await().atMost(RaftNodes.LONG).until(() -> told.contains("red"));

      disk.fail();
      assertThat(put(well, "color", "green").applied()).isTrue();
      await().atMost(RaftNodes.LONG).until(() -> follower.status().fault().isPresent());

      assertThat(follower.leadership().available()).isFalse();
      assertRefusedWithTheCause(
          follower.propose(
              new ClusterCommand.Put(
                  RaftNodes.address(follower, "size"), "1", OptionalLong.empty()),
              RaftNodes.LONG));
      assertRefusedWithTheCause(
          follower.read(
              RaftNodes.address(follower, "color"),
              new ReadConsistency.Local(Duration.ofHours(1))));
      int refused = disk.refused.get();
      await().atMost(RaftNodes.LONG).until(() -> disk.refused.get() > refused + 1);
      assertThat(put(well, "color", "blue").applied()).isTrue();
      assertThat(nodes.count(ill, "cluster.coordinator.log.failures")).isEqualTo(1);

      disk.work();
      await().atMost(RaftNodes.LONG).until(() -> follower.status().fault().isEmpty());
      nodes.awaitLeader();
      assertThat(latest(follower, "color").orElseThrow().value()).isEqualTo("blue");
      assertThat(put(follower, "size", "1").applied()).isTrue();
      await().atMost(RaftNodes.LONG).until(() -> told.contains("1"));
      // Once each, in their order, also what came while it could not take part.
      assertThat(told).containsExactly("red", "green", "blue", "1");
      assertThat(nodes.count(ill, "cluster.coordinator.log.recoveries")).isEqualTo(1);
      assertThat(follower.status().voters()).contains(new NodeId(ill));
      watch.close();
    }
  }

  @Test
  void aLeaderWhoseLogFailsIsReplacedAndNothingAcknowledgedIsLost() {
    try (RaftNodes nodes = three()) {
      String ill = nodes.awaitLeader();
      FailingDisk disk = diskOf(ill);
      RaftCoordinator survivor = nodes.get(ill.equals("a") ? "b" : "a");
      for (int i = 0; i < 10; i++) {
        assertThat(put(survivor, "key-" + i, "value-" + i).applied()).isTrue();
      }

      disk.failBehind();
      for (int i = 10; i < 20; i++) {
        assertThat(put(survivor, "key-" + i, "value-" + i).applied()).isTrue();
      }
      assertThat(nodes.get(ill).status().fault().orElseThrow()).contains(FailingDisk.REASON);
      disk.work();

      await().atMost(RaftNodes.LONG).until(() -> nodes.get(ill).status().fault().isEmpty());
      nodes.awaitLeader();
      for (RaftCoordinator node : nodes.all()) {
        for (int i = 0; i < 20; i++) {
          assertThat(latest(node, "key-" + i).orElseThrow().value()).isEqualTo("value-" + i);
        }
      }
    }
  }

  @Test
  void aNodeAloneRefusesChangesWhileItsDiskFailsAndHasAllItAcknowledgedAfterwards() {
    FailingDisk disk = diskOf("a");
    try (RaftNodes nodes = new RaftNodes(directory, 1)) {
      nodes.writeTo("a", disk);
      RaftCoordinator alone = nodes.start("a");
      nodes.awaitLeader();
      assertThat(put(alone, "color", "red").applied()).isTrue();

      disk.fail();
      assertRefusedWithTheCause(
          alone.propose(
              new ClusterCommand.Put(
                  RaftNodes.address(alone, "color"), "green", OptionalLong.empty()),
              RaftNodes.LONG));
      disk.work();

      nodes.awaitLeader();
      assertThat(latest(alone, "color").orElseThrow().value()).isEqualTo("red");
      assertThat(put(alone, "color", "blue").applied()).isTrue();

      nodes.stop("a");
      RaftCoordinator again = nodes.start("a");
      nodes.awaitLeader();
      assertThat(latest(again, "color").orElseThrow().value()).isEqualTo("blue");
    }
  }

  @Test
  void aLogThatDiffersFromWhatWasAgreedOnIsNotOpenedAgain() {
    FailingDisk disk = diskOf("a");
    try (RaftNodes nodes = new RaftNodes(directory, 1)) {
      nodes.writeTo("a", disk);
      RaftCoordinator alone = nodes.start("a");
      nodes.awaitLeader();
      assertThat(put(alone, "color", "red").applied()).isTrue();
      int replaced = disk.replaced.get();

      assertThatThrownBy(() -> alone.channel().raft().log().deleteAllEntriesStartingFrom(1))
          .hasMessageContaining("agreed");

      assertThat(alone.status().fault().orElseThrow()).contains("started again");
      // As long as several attempts would take.
      await()
          .during(Duration.ofSeconds(1))
          .atMost(RaftNodes.LONG)
          .until(() -> disk.replaced.get() == replaced && alone.status().fault().isPresent());
    }
  }

  private RaftNodes three() {
    RaftNodes nodes = new RaftNodes(directory, 3);
    disks.forEach(nodes::writeTo);
    nodes.startAll("a", "b", "c");
    nodes.awaitLeader();
    nodes.awaitVotersAll();
    return nodes;
  }

  private FailingDisk diskOf(String node) {
    return Optional.ofNullable(disks.get(node)).orElseThrow();
  }

  private static String followerOf(RaftNodes nodes, String leader) {
    return nodes.names().stream().filter(name -> !name.equals(leader)).findFirst().orElseThrow();
  }

  private static void assertRefusedWithTheCause(CompletionStage<?> stage) {
    CompletableFuture<?> future = stage.toCompletableFuture();
    assertThatThrownBy(() -> RaftNodes.join(future))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.UNAVAILABLE))
        .hasMessageContaining("log failed")
        .hasMessageContaining(FailingDisk.REASON);
  }
}
