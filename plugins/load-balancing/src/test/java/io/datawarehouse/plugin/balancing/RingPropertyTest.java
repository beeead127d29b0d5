package io.datawarehouse.plugin.balancing;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.CandidateTable.Candidate;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.balance.FakeSignals;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the ring promises, over many sets of nodes and keys; the seed stands in every message. */
class RingPropertyTest {

  private static final int POINTS = 128;
  private static final double MOST_DEVIATION = 0.07;
  private static final double MOST_OFF = 0.10;

  private static String[] names(SplittableRandom random, int count) {
    return LongStream.generate(random::nextLong)
        .mapToObj(number -> "node-%016x".formatted(number))
        .distinct()
        .limit(count)
        .sorted()
        .toArray(String[]::new);
  }

  private static CandidateTable table(List<String> names) {
    return new CandidateTable(
        1,
        names.stream()
            .sorted()
            .map(name -> new Candidate(new NodeId(name), 1, "zone", false))
            .toList());
  }

  private static long[] keys(int count) {
    return IntStream.range(0, count).mapToLong(i -> KeyHash.of("bucket/key-" + i)).toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 10, 30, 100, 300, 1_000})
  void loadDeviatesByLessThanATenthOfTheMean(int nodes) {
    for (long seed = 1; seed <= (nodes < 1_000 ? 6 : 2); seed++) {
      CandidateTable table = table(List.of(names(new SplittableRandom(seed), nodes)));
      Ring ring = new Ring(table, POINTS);
      double[] load = new double[nodes];
      int keys = nodes * 2_000;
      for (int i = 0; i < keys; i++) {
        load[ring.find(KeyHash.of("bucket/key-" + i))]++;
      }
      double mean = (double) keys / nodes;
      double variance = DoubleStream.of(load).map(one -> (one - mean) * (one - mean)).sum() / nodes;

      assertThat(Math.sqrt(variance) / mean)
          .as("deviation of %s nodes, seed %s", nodes, seed)
          .isLessThanOrEqualTo(MOST_DEVIATION);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 10, 100})
  void joinMovesTheJoinersShareAndNothingBetweenOldNodes(int nodes) {
    long[] keys = keys(Math.max(100_000, nodes * 3_000));
    for (long seed = 1; seed <= 6; seed++) {
      String[] names = names(new SplittableRandom(seed), nodes + 1);
      List<String> all = new ArrayList<>(List.of(names));
      String joiner = all.remove((int) (seed % names.length));
      CandidateTable before = table(all);
      all.add(joiner);
      CandidateTable after = table(all);
      Ring old = new Ring(before, POINTS);
      Ring grown = new Ring(after, POINTS);
      int moved = 0;
      for (long key : keys) {
        NodeId from = before.node(old.find(key));
        NodeId to = after.node(grown.find(key));
        if (!from.equals(to)) {
          assertThat(to.value()).as("where a key moves, seed %s", seed).isEqualTo(joiner);
          moved++;
        }
      }
      double wanted = 1.0 / (nodes + 1);

      assertThat((double) moved / keys.length)
          .as("moved share when one joins %s, seed %s", nodes, seed)
          .isBetween(wanted * (1 - MOST_OFF), wanted * (1 + MOST_OFF));
    }
  }

  @Test
  void leavingOutANodeIsLikeARingWithoutIt() {
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 20; round++) {
      int nodes = 2 + random.nextInt(12);
      String[] names = names(random, nodes);
      CandidateTable table = table(List.of(names));
      FakeSignals signals = new FakeSignals(nodes);
      List<String> left = new ArrayList<>();
      for (int number = 0; number < nodes; number++) {
        boolean usable = number == 0 || random.nextInt(3) > 0;
        signals.usable(number, usable);
        if (usable) {
          left.add(names[number]);
        }
      }
      NodeSelector selector =
          Tables.prepared(new ConsistentHashing(1, POINTS, ConsistentHashing.NO_BOUND), table);
      CandidateTable smaller = table(left);
      Ring ring = new Ring(smaller, POINTS);
      for (long key : keys(500)) {
        assertThat(table.node(selector.select(signals, key)))
            .as("round %s", round)
            .isEqualTo(smaller.node(ring.find(key)));
      }
    }
  }

  @Test
  void weightsAreRespected() {
    CandidateTable table = Tables.of(5, number -> new double[] {0.5, 1, 1, 2, 4}[number]);
    Ring ring = new Ring(table, POINTS);
    double[] load = new double[5];
    long[] keys = keys(200_000);
    for (long key : keys) {
      load[ring.find(key)]++;
    }

    for (int number = 0; number < 5; number++) {
      double share = table.candidates().get(number).weight() / 8.5;
      assertThat(load[number] / keys.length)
          .as("share of weight %s", table.candidates().get(number).weight())
          .isBetween(share * 0.85, share * 1.15);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1.1, 1.25, 2})
  void nobodyIsOverItsBound(double bound) {
    SplittableRandom random = new SplittableRandom(11);
    for (int round = 0; round < 20; round++) {
      int nodes = 2 + random.nextInt(20);
      CandidateTable table = Tables.of(nodes, number -> 1 + number % 3);
      double weights = table.candidates().stream().mapToDouble(Candidate::weight).sum();
      NodeSelector selector = Tables.prepared(new ConsistentHashing(1, POINTS, bound), table);
      FakeSignals signals = new FakeSignals(nodes);
      int underWay = 0;
      for (int i = 0; i < 2_000; i++) {
        // One key in two is the same: without a bound it would all go to one node.
        long key = KeyHash.of("key " + (random.nextBoolean() ? 0 : random.nextInt(100)));
        int chosen = selector.select(signals, key);
        signals.underWay(chosen, 1);
        underWay++;
        double most =
            Math.ceil(-1e-9 + bound * underWay * table.candidates().get(chosen).weight() / weights);

        assertThat((double) signals.inFlight(chosen))
            .as("under way at candidate %s of %s, round %s", chosen, nodes, round)
            .isLessThanOrEqualTo(most);
        int done = random.nextInt(nodes);
        if (random.nextInt(3) == 0 && signals.inFlight(done) > 0) {
          signals.underWay(done, -1);
          underWay--;
        }
      }
    }
  }

  @Test
  void keysStayAtHomeWhereTheBoundAllowsIt() {
    CandidateTable table = Tables.of(10);
    NodeSelector bounded = Tables.prepared(new ConsistentHashing(1, POINTS, 2), table);
    Ring ring = new Ring(table, POINTS);
    FakeSignals signals = new FakeSignals(10);
    IntStream.range(0, 10).forEach(number -> signals.underWay(number, 10));

    for (long key : keys(1_000)) {
      assertThat(bounded.select(signals, key)).isEqualTo(ring.find(key));
    }
  }

  @Test
  void nobodyIsOverItsBoundWhereThereAreMany() {
    SplittableRandom random = new SplittableRandom(13);
    int nodes = 200;
    CandidateTable table = Tables.of(nodes);
    NodeSelector selector = Tables.prepared(new ConsistentHashing(1, POINTS, 1.25), table);
    FakeSignals signals = new FakeSignals(nodes);
    ArrayDeque<Integer> underWay = new ArrayDeque<>();
    for (int i = 0; i < 50_000; i++) {
      long key = KeyHash.of("key " + (random.nextBoolean() ? 0 : random.nextInt(1_000)));
      int chosen = selector.select(signals, key);
      signals.underWay(chosen, 1);
      underWay.add(chosen);
      if (underWay.size() > 2_000) {
        signals.underWay(underWay.remove(), -1);
      }
      double most = Math.ceil(1.25 * (underWay.size() + 1) / nodes);

      assertThat((double) signals.inFlight(chosen)).as("choice %s", i).isLessThanOrEqualTo(most);
    }
  }

  @Test
  void whatIsOverTheBoundIsSpreadOverAllOthersAndNotLeftToTheNeighbour() {
    int nodes = 20;
    CandidateTable table = Tables.of(nodes);
    NodeSelector selector = Tables.prepared(new ConsistentHashing(1, POINTS, 1.25), table);
    Ring ring = new Ring(table, POINTS);
    FakeSignals signals = new FakeSignals(nodes);
    IntStream.range(0, nodes).forEach(number -> signals.underWay(number, number == 7 ? 30 : 10));
    int[] taken = new int[nodes];
    int over = 0;
    for (long key : keys(40_000)) {
      if (ring.find(key) == 7) {
        taken[selector.select(signals, key)]++;
        over++;
      }
    }

    for (int number = 0; number < nodes; number++) {
      double share = number == 7 ? 0 : 1.0 / (nodes - 1);
      assertThat((double) taken[number] / over)
          .as("share of candidate %s of %s", number, over)
          .isBetween(share * 0.6, share * 1.4);
    }
  }

  @Test
  void asksTheSameAgainAndFindsTheSame() {
    CandidateTable table = Tables.of(50);
    Ring asked = new Ring(table, POINTS);
    long[] keys = keys(20_000);
    int[] first = LongStream.of(keys).mapToInt(asked::find).toArray();
    Ring other = new Ring(table, POINTS);

    for (int i = keys.length - 1; i >= 0; i--) {
      assertThat(asked.find(keys[i])).isEqualTo(first[i]).isEqualTo(other.find(keys[i]));
    }
  }

  @Test
  void tablesWithTheSameNodesAndWeightsShareARing() {
    Rings rings = new Rings(POINTS);
    Ring ring = rings.of(Tables.of(5));

    assertThat(rings.of(new CandidateTable(9, Tables.of(5).candidates()))).isSameAs(ring);
    assertThat(rings.of(Tables.of(6))).isNotSameAs(ring);
    assertThat(rings.of(Tables.of(5, number -> 1 + number))).isNotSameAs(ring);
  }
}
