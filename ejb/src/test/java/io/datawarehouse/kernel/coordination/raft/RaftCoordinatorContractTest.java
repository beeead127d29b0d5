package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.cluster.ClusteredCoordinatorContract;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes over loopback, one cluster for all tests. */
final class RaftCoordinatorContractTest extends ClusteredCoordinatorContract {

  @TempDir static Path directory;
  private static RaftNodes nodes;

  @BeforeAll
  static void start() {
    nodes = new RaftNodes(directory, 3);
    nodes.startAll("a", "b", "c");
    nodes.awaitLeader();
    nodes.awaitVotersAll();
  }

  @AfterAll
  static void stop() {
    nodes.close();
  }

  @Override
  protected SortedMap<NodeId, ClusterCoordinator> coordinators() {
    SortedMap<NodeId, ClusterCoordinator> coordinators = new TreeMap<>();
    nodes.names().forEach(name -> coordinators.put(new NodeId(name), nodes.get(name)));
    return coordinators;
  }

  @Override
  protected void isolate(NodeId node) {
    try {
      RaftNodes.cut(nodes.get(node.value()));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected void heal() {
    nodes.all().forEach(RaftNodes::heal);
  }

  @Override
  protected void restartAll() {
    try {
      String[] names = nodes.names().toArray(String[]::new);
      for (String name : names) {
        nodes.kill(name);
      }
      nodes.startAll(names);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
