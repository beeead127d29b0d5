package io.datawarehouse.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.JoinRequest;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.testkit.cluster.SampleMember.Switchboard;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;

class SampleMemberContractTest extends ClusteredMembershipContract {

  private final Switchboard board = new Switchboard();
  private final List<SampleMember> made = new ArrayList<>();
  private final SampleMember member = made("a", 1);
  private final SampleMember neighbour = made("b", 1);
  private final SampleMember thirdNode = made("c", 1);

  private SampleMember made(String node, long incarnation) {
    SampleMember member = make(board, descriptor(node, incarnation));
    made.add(member);
    return member;
  }

  /** Makes a member; those that break the contract make others. */
  SampleMember make(Switchboard at, NodeDescriptor self) {
    return new SampleMember(at, self);
  }

  private static NodeDescriptor descriptor(String node, long incarnation) {
    return new NodeDescriptor(
        new NodeId(node),
        incarnation,
        node + ":9000",
        Map.of(),
        "z",
        "",
        1,
        "test",
        Instant.EPOCH,
        Set.of(),
        Map.of());
  }

  @AfterEach
  void end() {
    made.forEach(SampleMember::close);
  }

  @Override
  protected ClusterMembership.Member member() {
    return member;
  }

  @Override
  protected JoinRequest requestOf(ClusterMembership.Member node) {
    return new JoinRequest(
        "dw", ((SampleMember) node).descriptor(), List.of(), Duration.ofSeconds(5));
  }

  @Override
  protected ClusterMembership.Member neighbour() {
    return neighbour;
  }

  @Override
  protected ClusterMembership.Member thirdNode() {
    return thirdNode;
  }

  @Override
  protected ClusterMembership.Member nextRunOfNeighbour() {
    return made("b", 2);
  }

  @Override
  protected void kill(ClusterMembership.Member node) {
    ((SampleMember) node).vanish();
  }

  @Override
  protected void sayLate(NodeDescriptor earlier) {
    member.hear(new ClusterNode(earlier, NodeState.ACTIVE, Instant.EPOCH, "late"));
    try {
      member.settle();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    assertThat(member.view().find(earlier.id())).isPresent();
  }
}
