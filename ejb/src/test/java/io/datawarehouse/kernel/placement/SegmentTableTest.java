package io.datawarehouse.kernel.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SegmentTableTest {

  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");

  @Test
  void equalNodesGetEqualShares() {
    assertThat(counts(SegmentTable.spread(List.of(node(A, 1), node(B, 1), node(C, 1)))))
        .isEqualTo(Map.of(A, 86, B, 85, C, 85));
  }

  @Test
  void weightsDecideTheShares() {
    assertThat(counts(SegmentTable.spread(List.of(node(A, 3), node(B, 1)))))
        .isEqualTo(Map.of(A, 192, B, 64));
  }

  @Test
  void everyNodeFindsTheSameTable() {
    assertThat(SegmentTable.spread(List.of(node(C, 1), node(A, 1), node(B, 1))))
        .isEqualTo(SegmentTable.spread(List.of(node(A, 1), node(B, 1), node(C, 1))));
  }

  @Test
  void newcomersGetTheirShareFromTheGiverAlone() {
    SegmentTable before = SegmentTable.allTo(A);

    SegmentTable after = before.relieved(A, List.of(node(A, 1), node(B, 1), node(C, 1)));

    assertThat(counts(after)).isEqualTo(Map.of(A, 86, B, 85, C, 85));
    assertThat(after.relieved(A, List.of(node(A, 1), node(B, 1), node(C, 1)))).isSameAs(after);
    assertThat(before.relieved(B, List.of(node(A, 1), node(B, 1)))).isSameAs(before);
  }

  @Test
  void nodeThatIsNotAmongThoseToShareGivesAllAway() {
    SegmentTable after = SegmentTable.allTo(A).relieved(A, List.of(node(B, 1), node(C, 1)));

    assertThat(counts(after)).isEqualTo(Map.of(B, 128, C, 128));
  }

  @Test
  void textSurvivesTheWayThereAndBack() {
    SegmentTable table = SegmentTable.spread(List.of(node(A, 2), node(B, 1)));

    assertThat(SegmentTable.parse(table.toText())).isEqualTo(table);
    assertThat(table.nodes()).containsExactly(A, B);
  }

  @Test
  void textThatIsNoTableIsRefusedNamingWhatIsWrong() {
    assertThatThrownBy(() -> SegmentTable.parse("{\"nodes\":[\"a\"],\"owners\":[0]}"))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("owners");
    String beyond = SegmentTable.allTo(A).toText().replace("\"owners\":[0", "\"owners\":[7");
    assertThatThrownBy(() -> SegmentTable.parse(beyond))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("7");
  }

  private static Map<NodeId, Integer> counts(SegmentTable table) {
    Map<NodeId, Integer> counts = new HashMap<>();
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      counts.merge(table.owner(segment), 1, Integer::sum);
    }
    return counts;
  }

  static ClusterNode node(NodeId id, double weight) {
    return new ClusterNode(
        NodeDescriptor.of(id, id + ":1", "test", Instant.EPOCH).weighing(weight),
        NodeState.ACTIVE,
        Instant.EPOCH,
        "test");
  }
}
