package io.datawarehouse.kernel.coordination.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.sdk.cluster.NodeId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RaftFoundingTest {

  @TempDir Path directory;

  @Test
  void aNodeAloneFoundsAGroupOfItself() {
    try (RaftNodes nodes = new RaftNodes(directory, 1)) {
      RaftCoordinator alone = nodes.start("a");

      assertThat(nodes.awaitLeader()).isEqualTo("a");
      assertThat(RaftNodes.put(alone, "color", "red").applied()).isTrue();
      assertThat(RaftNodes.latest(alone, "color").orElseThrow().value()).isEqualTo("red");
      assertThat(alone.status().voters()).containsExactly(new NodeId("a"));
    }
  }

  @RepeatedTest(10)
  void threeThatStartTogetherFoundOneGroup() {
    try (RaftNodes nodes = new RaftNodes(directory, 3)) {
      nodes.startAll("a", "b", "c");

      nodes.awaitLeader();
      assertThat(nodes.all().stream().map(node -> node.status().group()).distinct()).hasSize(1);
      assertThat(RaftNodes.put(nodes.get("c"), "color", "red").applied()).isTrue();
      assertThat(RaftNodes.latest(nodes.get("a"), "color").orElseThrow().value()).isEqualTo("red");
      assertThat(nodes.all().stream().map(node -> node.status().group()).distinct())
          .allMatch(Optional::isPresent);
    }
  }

  /** They would found one with the others in sight after five seconds. */
  @Test
  void nodesThatFoundNothingWaitForTheGroupThatIsThere() {
    try (RaftNodes nodes = new RaftNodes(directory, 1)) {
      RaftNodes.put(nodes.start("c"), "color", "red");
      nodes.awaitLeader();
      String group = nodes.get("c").status().group().orElseThrow();
      nodes.stop("c");
      nodes.announce("a", 0);
      nodes.announce("b", 0);
      nodes.startAll("a", "b");

      await()
          .during(Duration.ofSeconds(7))
          .atMost(RaftNodes.LONG)
          .until(() -> nodes.all().stream().allMatch(node -> node.status().group().isEmpty()));
      assertThat(nodes.get("a").status().inView()).hasSize(2);

      nodes.start("c");
      nodes.awaitVotersAll();
      assertThat(nodes.all()).allMatch(node -> node.status().group().equals(Optional.of(group)));
      assertThat(RaftNodes.latest(nodes.get("a"), "color").orElseThrow().value()).isEqualTo("red");
    }
  }

  @Test
  void nodeThatFoundsNothingKeepsNobodyFromFounding() {
    try (RaftNodes nodes = new RaftNodes(directory, 1)) {
      nodes.announce("a", 0);
      nodes.startAll("a", "b");

      nodes.awaitLeader();
      assertThat(nodes.all().stream().map(node -> node.status().group()).distinct()).hasSize(1);
    }
  }

  @Test
  void whoIsClosedHoldsNoVoteAnyMore() {
    try (RaftNodes nodes = new RaftNodes(directory, 1)) {
      nodes.start("alone");
      nodes.awaitLeader();
      CarefulElection election = nodes.get("alone").channel().election();
      nodes.get("alone").close();

      election.startVotingThread();

      assertThat(election.isVotingThreadRunning()).isFalse();
    }
  }
}
