package io.datawarehouse.kernel.cluster.infinispan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.kernel.cluster.NodeRecords;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InfinispanClusterSplitTest {

  /** What is asked of a healed cluster. */
  private static final Duration HEALED = Duration.ofSeconds(20);

  @TempDir Path directory;

  @Test
  void splitClusterHealsAndHoldsWhatBothSidesSaid() {
    try (ClusterOfNodes nodes = new ClusterOfNodes(directory)) {
      List<TestNode> three = startSensitive(nodes, "a", "b", "c");
      TestNode a = three.get(0);
      three.forEach(node -> node.removalAllowed.set(false));
      three.forEach(node -> say(node, "before"));

      a.cutFrom(three.get(1), three.get(2));
      three.get(1).cutFrom(a);
      three.get(2).cutFrom(a);
      a.awaitSeeing(NodeState.SUSPECT, "b", "c");
      three.get(1).awaitSeeing(NodeState.SUSPECT, "a");
      three.get(2).awaitSeeing(NodeState.SUSPECT, "a");
      assertThat(three).allMatch(node -> node.state(node.id.value()) == NodeState.ACTIVE);
      three.forEach(node -> say(node, "in between"));

      long start = System.nanoTime();
      three.forEach(TestNode::heal);
      await()
          .atMost(HEALED)
          .pollInterval(Duration.ofMillis(20))
          .until(
              () ->
                  three.stream().allMatch(node -> node.sees(NodeState.ACTIVE, "a", "b", "c"))
                      && three.stream().allMatch(InfinispanClusterSplitTest::holdsAll));
      Figures.tell("healed after", start);

      three.forEach(node -> say(node, "after"));
      three.forEach(
          node ->
              await()
                  .atMost(TestNode.LIMIT)
                  .until(
                      () ->
                          node.cluster.records("subscriptions").snapshot().equals(said("after"))));
    }
  }

  @Test
  void sideThatWasGivenUpComesBackInTheSameRun() {
    try (ClusterOfNodes nodes = new ClusterOfNodes(directory)) {
      List<TestNode> two = startSensitive(nodes, "a", "b");
      two.get(0).cutFrom(two.get(1));
      two.get(1).cutFrom(two.get(0));
      two.get(0).awaitSeeing(NodeState.DEAD, "b");
      two.get(1).awaitSeeing(NodeState.DEAD, "a");

      two.forEach(TestNode::heal);

      two.get(0).awaitSeeing(NodeState.ACTIVE, "a", "b");
      two.get(1).awaitSeeing(NodeState.ACTIVE, "a", "b");
      assertThat(two.get(0).cluster.history(two.get(1).id))
          .extracting(change -> change.node().state())
          .endsWith(NodeState.DEAD, NodeState.JOINING, NodeState.ACTIVE);
      assertThat(two.get(0).metrics.count("cluster.merges")).isPositive();
    }
  }

  @Test
  void nodeThatWasToDrainWhileItWasSuspectIsUsedWhenItIsBack() {
    try (ClusterOfNodes nodes = new ClusterOfNodes(directory)) {
      List<TestNode> three = startSensitive(nodes, "a", "b", "c");
      TestNode a = three.get(0);
      TestNode b = three.get(1);
      three.forEach(node -> node.removalAllowed.set(false));
      b.cutFrom(a, three.get(2));
      a.cutFrom(b);
      three.get(2).cutFrom(b);
      a.awaitSeeing(NodeState.SUSPECT, "b");

      assertThat(a.cluster.drain(b.id, "it is given up")).isFalse();
      assertThat(a.cluster.drains()).isEmpty();
      three.forEach(TestNode::heal);

      three.forEach(node -> node.awaitSeeing(NodeState.ACTIVE, "a", "b", "c"));
      assertThat(b.cluster.history(b.id))
          .extracting(change -> change.node().state())
          .doesNotContain(NodeState.DRAINING);
      assertThat(a.cluster.drain(b.id, "now it hears it")).isTrue();
      three.forEach(node -> node.awaitSeeing(NodeState.DRAINING, "b"));
    }
  }

  /** Nodes that miss each other soon: nobody breaks a connection here. */
  private static List<TestNode> startSensitive(ClusterOfNodes nodes, String... ids) {
    List<TestNode> started = new ArrayList<>();
    for (String id : ids) {
      started.add(nodes.start(nodes.plan(id).timed(TestNode.quick(Duration.ofSeconds(2)))));
    }
    started.forEach(node -> node.awaitSeeing(NodeState.ACTIVE, ids));
    return started;
  }

  private static void say(TestNode node, String what) {
    NodeRecords records = node.cluster.records("subscriptions");
    for (int i = 0; i < 20; i++) {
      records.publish(node.id + " " + what + " " + i);
    }
    records.publish(node.id + " " + what);
  }

  private static boolean holdsAll(TestNode node) {
    return node.cluster.records("subscriptions").snapshot().equals(said("in between"));
  }

  private static Map<NodeId, String> said(String what) {
    return Map.of(
        new NodeId("a"), "a " + what,
        new NodeId("b"), "b " + what,
        new NodeId("c"), "c " + what);
  }
}
