package io.datawarehouse.kernel.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.testkit.cluster.FakeCluster;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RetiredNodesTest {

  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");

  private final FakeCluster cluster = new FakeCluster(A, new ManualClock());
  private final FakeAgreement agreement = new FakeAgreement(A);
  private final List<String> votesTaken = new ArrayList<>();

  @BeforeEach
  void threeNodes() {
    cluster.add("b", "c");
    follow("on a");
    follow("on c");
  }

  private RetiredNodes follow(String name) {
    return new RetiredNodes(
        cluster.membership(),
        agreement,
        node -> votesTaken.add(node + " " + name),
        Duration.ofSeconds(1));
  }

  private ClusterNode b() {
    return cluster.membership().view().find(B).orElseThrow();
  }

  @Test
  void everyNodeTakesTheVoteOfOneThatIsGivenUp() {
    cluster.move("b", NodeState.DEAD, "no sign of life");

    follow("on b's friend").giveUp(B, b().incarnation());

    assertThat(votesTaken).containsExactly("b on a", "b on c", "b on b's friend");
  }

  @Test
  void nodeThatCameBackKeepsItsVoteWhenTheLogIsReadAgain() {
    RetiredNodes retired = follow("here");

    retired.giveUp(B, b().incarnation());

    assertThat(b().state()).isEqualTo(NodeState.ACTIVE);
    assertThat(votesTaken).isEmpty();
  }

  @Test
  void nodeThatIsJustComingBackKeepsItsVoteToo() {
    cluster.move("b", NodeState.DEAD, "no sign of life");
    ClusterNode lost = b();
    cluster.move("b", NodeState.JOINING, "it was started again");

    follow("here").giveUp(B, lost.incarnation());

    assertThat(votesTaken).isEmpty();
  }

  @Test
  void withoutAMajorityNobodyIsGivenUp() {
    cluster.move("b", NodeState.DEAD, "no sign of life");
    agreement.available(false);

    assertThatThrownBy(() -> follow("here").giveUp(B, b().incarnation()))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.UNAVAILABLE));
    assertThat(votesTaken).isEmpty();
  }

  @Test
  void onlyNodesThatAreNotThereAreGone() {
    assertThat(List.of(NodeState.values()).stream().filter(RetiredNodes::isGone))
        .containsExactlyInAnyOrder(NodeState.SUSPECT, NodeState.DEAD, NodeState.LEFT);
  }
}
