package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.sdk.cluster.NodeState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that start at the same moment. {@code -Ddw.test.starts=50} starts them more often. */
class InfinispanClusterStartTest {

  private static final int STARTS = Integer.getInteger("dw.test.starts", 10);

  @TempDir Path directory;

  private void leaveAddressOf(String node, int port) {
    try {
      Path directoryOfNodes = Files.createDirectories(directory.resolve("nodes"));
      Files.writeString(directoryOfNodes.resolve(node + ".address"), "127.0.0.1:" + port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void nodesThatStartAtTheSameMomentFormOneClusterEveryTime() {
    for (int start = 1; start <= STARTS; start++) {
      // As after a power cut: addresses are there at which nobody is.
      leaveAddressOf("a", 1);
      leaveAddressOf("gone", 2);
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
      }
    }
  }
}
