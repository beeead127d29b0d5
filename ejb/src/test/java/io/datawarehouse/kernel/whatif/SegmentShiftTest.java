package io.datawarehouse.kernel.whatif;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SegmentShiftTest {

  private static NodeId node(int number) {
    return new NodeId("node-" + (char) ('a' + number));
  }

  private static SortedMap<NodeId, Double> nodes(double... weights) {
    SortedMap<NodeId, Double> nodes = new TreeMap<>();
    for (int number = 0; number < weights.length; number++) {
      if (weights[number] > 0) {
        nodes.put(node(number), weights[number]);
      }
    }
    return nodes;
  }

  private static int moved(List<NodeId> before, List<NodeId> after) {
    int moved = 0;
    for (int segment = 0; segment < before.size(); segment++) {
      moved += before.get(segment).equals(after.get(segment)) ? 0 : 1;
    }
    return moved;
  }

  private static int count(List<NodeId> owners, int number) {
    return Collections.frequency(owners, node(number));
  }

  @Test
  void nodesThatComeGetTheirShareAndNothingElseMoves() {
    List<NodeId> alone = Collections.nCopies(256, node(0));

    List<NodeId> two = SegmentShift.of(alone, nodes(1, 1));
    List<NodeId> four = SegmentShift.of(two, nodes(1, 1, 2));

    assertThat(count(two, 1)).isEqualTo(128);
    assertThat(moved(alone, two)).isEqualTo(128);
    assertThat(count(four, 2)).isEqualTo(128);
    assertThat(moved(two, four)).isEqualTo(128);
    for (int segment = 0; segment < 256; segment++) {
      assertThat(four.get(segment)).isIn(two.get(segment), node(2));
    }
  }

  @Test
  void whatANodeThatGoesHadIsAllThatMoves() {
    List<NodeId> three = SegmentShift.of(Collections.nCopies(256, node(0)), nodes(1, 1, 1));
    int had = count(three, 1);

    List<NodeId> left = SegmentShift.of(three, nodes(1, 0, 1));

    assertThat(count(left, 1)).isZero();
    assertThat(moved(three, left)).isEqualTo(had);
  }

  @Test
  void everySegmentHasAnOwnerAndNobodyIsOffItsShareByMoreThanOneOrTwo() {
    SplittableRandom random = new SplittableRandom(3);
    List<NodeId> owners = Collections.nCopies(256, node(0));
    for (int round = 0; round < 200; round++) {
      double[] weights = new double[1 + random.nextInt(12)];
      double all = 0;
      for (int number = 0; number < weights.length; number++) {
        weights[number] = number == 0 ? 1 : random.nextInt(4);
        all += weights[number];
      }
      owners = SegmentShift.of(owners, nodes(weights));

      assertThat(owners).as("round %s", round).hasSize(256).allMatch(nodes(weights)::containsKey);
      for (int number = 0; number < weights.length; number++) {
        double share = weights[number] / all * 256;
        assertThat((double) count(owners, number))
            .as("round %s, node %s", round, number)
            .isBetween(Math.floor(share), Math.floor(share) + 1);
      }
    }
  }

  @Test
  void nothingMovesWhereNothingChanges() {
    List<NodeId> owners = SegmentShift.of(Collections.nCopies(256, node(0)), nodes(1, 2, 1.5));

    assertThat(SegmentShift.of(owners, nodes(1, 2, 1.5))).isEqualTo(owners);
  }
}
