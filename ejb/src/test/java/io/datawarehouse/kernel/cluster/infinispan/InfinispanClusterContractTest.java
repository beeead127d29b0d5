package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.JoinRequest;
import io.datawarehouse.sdk.cluster.JoinResult;
import io.datawarehouse.sdk.cluster.MembershipChange;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.testkit.cluster.ClusteredMembershipContract;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class InfinispanClusterContractTest extends ClusteredMembershipContract {

  @TempDir Path directory;

  private ClusterOfNodes nodes;
  private final Map<String, Activating> members = new HashMap<>();
  private long run = 1;

  @BeforeEach
  void make() {
    nodes = new ClusterOfNodes(directory);
  }

  @AfterEach
  void close() {
    nodes.close();
  }

  @Override
  protected ClusterMembership.Member member() {
    return memberOf("member");
  }

  @Override
  protected ClusterMembership.Member neighbour() {
    return memberOf("neighbour");
  }

  @Override
  protected ClusterMembership.Member thirdNode() {
    return memberOf("third");
  }

  @Override
  protected ClusterMembership.Member nextRunOfNeighbour() {
    run++;
    // How long it waits for a run before it to go is told by the silence.
    return new Activating(
        nodes.make(nodes.plan("neighbour").run(run).timed(TestNode.quick(Duration.ofSeconds(4)))));
  }

  private ClusterMembership.Member memberOf(String id) {
    return members.computeIfAbsent(id, key -> new Activating(nodes.make(nodes.plan(key))));
  }

  @Override
  protected JoinRequest requestOf(ClusterMembership.Member member) {
    return new JoinRequest(
        TestNode.CLUSTER, ((Activating) member).node().descriptor, List.of(), TestNode.LIMIT);
  }

  @Override
  protected void kill(ClusterMembership.Member node) {
    ((Activating) node).node().kill();
  }

  @Override
  protected void sayLate(NodeDescriptor earlier) {
    NodeStatement statement =
        new NodeStatement(
            earlier, NodeState.ACTIVE, earlier.startedAt(), "said long ago", Map.of());
    ((Activating) member())
        .node()
        .cluster
        .hear(
            InfinispanCluster.NODES,
            earlier.id(),
            new VersionedRecord(earlier.incarnation(), 99, statement.toJson()));
  }

  /** Does what a kernel does: activates the node when it was let in and its plugins run. */
  private record Activating(TestNode node) implements ClusterMembership.Member {

    @Override
    public NodeId localNodeId() {
      return node.cluster.localNodeId();
    }

    @Override
    public ClusterView view() {
      return node.cluster.view();
    }

    @Override
    public List<MembershipChange> history(NodeId id) {
      return node.cluster.history(id);
    }

    @Override
    public Watch watch(Consumer<MembershipChange> listener) {
      return node.cluster.watch(listener);
    }

    @Override
    public JoinResult join(JoinRequest request) {
      JoinResult result = node.cluster.join(request);
      if (result.joined()) {
        node.cluster.activate("plugins run");
      }
      return result;
    }

    @Override
    public boolean drain(NodeId id, String reason) {
      return node.cluster.drain(id, reason);
    }

    @Override
    public void leave(String reason) {
      node.cluster.leave(reason);
    }
  }
}
