package io.datawarehouse.kernel.cluster.infinispan;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.NodeState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InfinispanClusterTest {

  @TempDir Path directory;

  private final List<TestNode> nodes = new ArrayList<>();

  @AfterEach
  void close() {
    nodes.forEach(TestNode::close);
  }

  private TestNode start(TestNode.Plan plan) {
    TestNode node = plan.make();
    nodes.add(node);
    return node;
  }

  @Test
  void threeFormACluster() {
    long t0 = System.nanoTime();
    TestNode a = start(TestNode.Plan.of("a", directory)).joined();
    long t1 = System.nanoTime();
    TestNode b = start(TestNode.Plan.of("b", directory)).joined();
    long t2 = System.nanoTime();
    TestNode c = start(TestNode.Plan.of("c", directory)).joined();
    long t3 = System.nanoTime();
    System.err.println(
        "FIGURE start ms "
            + (t1 - t0) / 1000000
            + " "
            + (t2 - t1) / 1000000
            + " "
            + (t3 - t2) / 1000000);

    for (TestNode node : List.of(a, b, c)) {
      node.awaitSeeing(NodeState.ACTIVE, "a", "b", "c");
    }
    assertThat(nodes.stream().filter(node -> node.cluster.coordinates())).hasSize(1);
  }
}
