package io.datawarehouse.kernel.cluster.infinispan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.sdk.cluster.JoinResult;
import io.datawarehouse.sdk.cluster.MembershipChange;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InfinispanClusterTest {

  @TempDir Path directory;

  private ClusterOfNodes nodes;

  @BeforeEach
  void make() {
    nodes = new ClusterOfNodes(directory);
  }

  @AfterEach
  void close() {
    nodes.close();
  }

  @Test
  void threeFormAClusterAndKnowEachOther() {
    List<TestNode> three = nodes.start("a", "b", "c");

    for (TestNode node : three) {
      for (TestNode other : three) {
        assertThat(node.cluster.view().find(other.id).orElseThrow().descriptor())
            .isEqualTo(other.descriptor);
        assertThat(node.cluster.addressOf(other.id)).isPresent();
      }
      assertThat(node.cluster.addressOf(new NodeId("nobody"))).isEmpty();
    }
    await()
        .atMost(TestNode.LIMIT)
        .until(() -> three.stream().filter(node -> node.cluster.coordinates()).count() == 1);
  }

  @Test
  void killedNodeIsSuspectAtOnceAndDeadWhenItStaysAway() {
    List<TestNode> three = nodes.start("a", "b", "c");
    TestNode a = three.get(0);
    three.forEach(node -> node.removalAllowed.set(false));
    long start = System.nanoTime();

    three.get(1).kill();

    a.awaitSeeing(NodeState.SUSPECT, "b");
    Figures.tell("a killed node is suspect after", start);
    three.get(2).awaitSeeing(NodeState.SUSPECT, "b");
    await()
        .during(Duration.ofMillis(1_500))
        .atMost(TestNode.LIMIT)
        .until(() -> a.sees(NodeState.SUSPECT, "b"));
    three.forEach(node -> node.removalAllowed.set(true));
    a.awaitSeeing(NodeState.DEAD, "b");
    assertThat(a.cluster.history(new NodeId("b")))
        .extracting(change -> change.node().state())
        .endsWith(NodeState.ACTIVE, NodeState.SUSPECT, NodeState.DEAD);
    assertThat(a.cluster.view().find(new NodeId("b")).orElseThrow().reason())
        .startsWith("it was not heard for");
  }

  @Test
  void nodeThatLeavesSaysSoAndIsNeverSuspected() {
    List<TestNode> three = nodes.start("a", "b", "c");
    long start = System.nanoTime();

    three.get(2).cluster.leave("sold");

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    Figures.tell("leaving takes", start);
    three.get(0).awaitSeeing(NodeState.LEFT, "c");
    three.get(1).awaitSeeing(NodeState.LEFT, "c");
    assertThat(three.get(0).cluster.view().find(new NodeId("c")).orElseThrow().reason())
        .isEqualTo("sold");
    assertThat(three.get(0).changes)
        .extracting(change -> change.node().state())
        .doesNotContain(NodeState.SUSPECT);
    assertThat(three.get(2).state("a")).isEqualTo(NodeState.ACTIVE);
  }

  @Test
  void nodeThatLeftJoinsAgainInTheSameRun() {
    List<TestNode> two = nodes.start("a", "b");
    two.get(1).cluster.leave("for a moment");
    two.get(0).awaitSeeing(NodeState.LEFT, "b");

    two.get(1).joined();

    two.get(0).awaitSeeing(NodeState.ACTIVE, "b");
    two.get(1).awaitSeeing(NodeState.ACTIVE, "a", "b");
    assertThat(statesOf("b", two.get(0).cluster.history(new NodeId("b"))))
        .endsWith(NodeState.LEFT, NodeState.JOINING, NodeState.ACTIVE);
  }

  @Test
  void nodeThatWasKilledComesBackAsAnotherRun() {
    List<TestNode> two = nodes.start("a", "b");
    two.get(1).kill();

    TestNode again = nodes.start(nodes.plan("b").run(2));

    two.get(0).awaitSeeing(NodeState.ACTIVE, "b");
    assertThat(two.get(0).cluster.view().find(again.id).orElseThrow().incarnation()).isEqualTo(2);
    assertThat(statesOf("b", two.get(0).cluster.history(again.id)))
        .endsWith(NodeState.DEAD, NodeState.JOINING, NodeState.ACTIVE);
    again.awaitSeeing(NodeState.ACTIVE, "a", "b");
  }

  @Test
  void identityOfALivingNodeIsRefused() {
    List<TestNode> two = nodes.start("a", "b");

    // How long it waits for the other to go is told by the silence.
    JoinResult result =
        nodes.make(nodes.plan("b").run(2).timed(TestNode.quick(Duration.ofSeconds(2)))).join();

    assertThat(result)
        .isInstanceOfSatisfying(
            JoinResult.Refused.class,
            refused -> {
              assertThat(refused.cause()).isEqualTo(JoinResult.Cause.IDENTITY_TAKEN);
              assertThat(refused.detail()).contains("b");
            });
    assertThat(two.get(0).state("b")).isEqualTo(NodeState.ACTIVE);
    assertThat(two.get(0).cluster.view().find(new NodeId("b")).orElseThrow().incarnation())
        .isEqualTo(1);
  }

  @Test
  void runBeforeOneThatIsKnownIsRefused() {
    nodes.start("a");
    TestNode later = nodes.start(nodes.plan("b").run(5));
    later.cluster.leave("stopped");

    JoinResult result = nodes.make(nodes.plan("b").run(4)).join();

    // A proof of an earlier run may already be refused where the later one was let in.
    assertThat(result).isInstanceOf(JoinResult.Refused.class);
  }

  @Test
  void nodeOfAnotherNameIsNoConcernOfThisMembership() {
    TestNode a = nodes.make(nodes.plan("a"));
    TestNode b = nodes.make(nodes.plan("b"));

    JoinResult result =
        a.cluster.join(
            new io.datawarehouse.sdk.cluster.JoinRequest(
                TestNode.CLUSTER, b.descriptor, List.of(), TestNode.LIMIT));

    assertThat(result).isInstanceOf(JoinResult.Refused.class);
  }

  @Test
  void drainingOfAnotherIsFollowedAndForgotten() {
    List<TestNode> three = nodes.start("a", "b", "c");

    assertThat(three.get(0).cluster.drain(new NodeId("b"), "too old")).isTrue();

    three.forEach(node -> node.awaitSeeing(NodeState.DRAINING, "b"));
    await().atMost(TestNode.LIMIT).until(() -> three.get(0).cluster.drains().isEmpty());
    assertThat(three.get(2).cluster.view().find(new NodeId("b")).orElseThrow().reason())
        .isEqualTo("too old");
    assertThat(three.get(2).cluster.drain(new NodeId("b"), "again")).isFalse();
  }

  @Test
  void whoComesLateLearnsWhatIsAndWhatWas() {
    List<TestNode> two = nodes.start("a", "b");
    two.get(0).cluster.records("subscriptions").publish("of a");
    two.get(1).cluster.leave("sold");
    two.get(0).awaitSeeing(NodeState.LEFT, "b");

    TestNode late = nodes.start(nodes.plan("c"));

    late.awaitSeeing(NodeState.ACTIVE, "a", "c");
    late.awaitSeeing(NodeState.LEFT, "b");
    await()
        .atMost(TestNode.LIMIT)
        .until(
            () ->
                "of a"
                    .equals(late.cluster.records("subscriptions").snapshot().get(new NodeId("a"))));
  }

  @Test
  void noThreadIsLeftWhenItIsClosed() {
    List<TestNode> two = nodes.start("quiet-1", "quiet-2");
    assertThat(threadsOf("quiet-")).isNotEmpty();

    two.forEach(TestNode::close);
    two.forEach(TestNode::close);

    await().atMost(TestNode.LIMIT).untilAsserted(() -> assertThat(threadsOf("quiet-")).isEmpty());
  }

  /** Threads bear the names of the nodes that they work for. */
  private static Set<String> threadsOf(String node) {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.contains(node))
        .collect(Collectors.toSet());
  }

  @Test
  void closedMembershipDoesNotJoin() {
    TestNode a = nodes.make(nodes.plan("a"));
    a.close();

    assertThat(org.assertj.core.api.Assertions.catchThrowable(a::join)).isNotNull();
  }

  private static List<NodeState> statesOf(String id, List<MembershipChange> changes) {
    return changes.stream()
        .filter(change -> change.node().id().value().equals(id))
        .map(change -> change.node().state())
        .toList();
  }
}
