package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.sdk.cluster.NodeState;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that start at the same moment. {@code -Ddw.test.starts=50} starts them more often. */
class InfinispanClusterStartTest {

  private static final int STARTS = Integer.getInteger("dw.test.starts", 10);

  @TempDir Path directory;

  @Test
  void nodesThatStartAtTheSameMomentFormOneClusterEveryTime() {
    for (int start = 1; start <= STARTS; start++) {
      // The directory stays: addresses of runs before are in it, as after a power cut.
      try (ClusterOfNodes nodes = new ClusterOfNodes(directory)) {
        long began = System.nanoTime();
        List<TestNode> three =
            List.of(
                nodes.make(nodes.plan("a").run(start)),
                nodes.make(nodes.plan("b").run(start)),
                nodes.make(nodes.plan("c").run(start)));
        ClusterOfNodes.joinAtOnce(three);
        three.forEach(node -> node.awaitSeeing(NodeState.ACTIVE, "a", "b", "c"));
        Figures.tell("start " + start + " of three nodes at once took", began);
        three.forEach(TestNode::kill);
      }
    }
  }
}
