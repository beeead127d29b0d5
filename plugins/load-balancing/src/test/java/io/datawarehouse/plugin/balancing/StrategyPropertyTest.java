package io.datawarehouse.plugin.balancing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.CandidateTable.Candidate;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.testkit.balance.FakeSignals;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What strategies promise, over many tables; the seed stands in every message. */
class StrategyPropertyTest {

  private static final long SEEDS = 20;

  static List<LoadBalancerStrategy> all() {
    return Tables.all(42);
  }

  private static CandidateTable anyTable(SplittableRandom random) {
    double[] weights = random.doubles(2 + random.nextInt(20), 0.2, 10).toArray();
    return Tables.of(weights.length, number -> weights[number]);
  }

  private static double[] weights(CandidateTable table) {
    return table.candidates().stream().mapToDouble(Candidate::weight).toArray();
  }

  private static double allWeights(CandidateTable table) {
    return table.candidates().stream().mapToDouble(Candidate::weight).sum();
  }

  @Test
  void turnsAreSmooth() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      CandidateTable table = anyTable(new SplittableRandom(seed));
      SmoothSchedule schedule = new SmoothSchedule(weights(table));
      int[] all = new int[table.size()];
      IntStream.range(0, schedule.length()).forEach(turn -> all[schedule.at(turn)]++);
      int[] had = new int[table.size()];
      for (int turn = 0; turn < schedule.length(); turn++) {
        had[schedule.at(turn)]++;
        for (int number = 0; number < had.length; number++) {
          double due = (double) all[number] * (turn + 1) / schedule.length();
          assertThat(had[number] - due)
              .as("turns too many after %s, seed %s", turn + 1, seed)
              .isBetween(-1.0, 1.0);
        }
      }
    }
  }

  @Test
  void turnsAreByWeight() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      CandidateTable table = anyTable(new SplittableRandom(seed));
      requireWeights(new WeightedRoundRobin(seed), table, 0.01, seed);
      requireWeights(new RandomChoice(seed, 1), table, 0.2, seed);
    }
  }

  private static void requireWeights(
      LoadBalancerStrategy strategy, CandidateTable table, double off, long seed) {
    NodeSelector selector = Tables.prepared(strategy, table);
    FakeSignals signals = new FakeSignals(table.size());
    double[] counts = new double[table.size()];
    int choices = 200_000;
    for (int i = 0; i < choices; i++) {
      counts[selector.select(signals)]++;
    }
    for (int number = 0; number < counts.length; number++) {
      double wanted = table.candidates().get(number).weight() / allWeights(table) * choices;
      assertThat(counts[number])
          .as("%s, candidate %s, seed %s", strategy.strategyName(), number, seed)
          .isCloseTo(wanted, within(wanted * off + 2));
    }
  }

  @Test
  void roundRobinIsFairToTheRequest() {
    for (int size = 1; size <= 20; size++) {
      NodeSelector selector = Tables.prepared(new RoundRobin(size), Tables.of(size, n -> n + 1));
      int[] counts = new int[size];
      FakeSignals signals = new FakeSignals(size);
      for (int i = 0; i < size * 10 + 1; i++) {
        counts[selector.select(signals)]++;
      }
      assertThat(Arrays.stream(counts).max().orElseThrow()).isLessThanOrEqualTo(11);
      assertThat(Arrays.stream(counts).min().orElseThrow()).isGreaterThanOrEqualTo(10);
    }
  }

  /** What a node that is away would have got is shared by all others, not by its neighbour. */
  @ParameterizedTest
  @MethodSource("all")
  void loadOfANodeThatIsLeftOutIsSharedByTheOthers(LoadBalancerStrategy strategy) {
    int size = 10;
    NodeSelector selector = Tables.prepared(strategy, Tables.of(size));
    FakeSignals signals = new FakeSignals(size).usable(4, false);
    double[] counts = new double[size];
    for (int i = 0; i < 45_000; i++) {
      counts[selector.select(signals)]++;
    }

    assertThat(counts[4]).isZero();
    for (int number = 0; number < size; number++) {
      if (number != 4) {
        assertThat(counts[number]).as("candidate %s", number).isBetween(4_300.0, 5_800.0);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void newNodeStartsSlowly(LoadBalancerStrategy strategy) {
    int size = 10;
    NodeSelector selector = Tables.prepared(strategy, Tables.of(size));
    Map<Double, Integer> shares = new HashMap<>();
    for (double warmth : new double[] {0.1, 0.5, 1}) {
      FakeSignals signals = new FakeSignals(size).warmth(3, warmth);
      int[] underWay = new int[300];
      Arrays.fill(underWay, -1);
      int count = 0;
      for (int i = 0; i < 30_000; i++) {
        if (underWay[i % 300] >= 0) {
          signals.underWay(underWay[i % 300], -1);
        }
        int chosen = selector.select(signals);
        underWay[i % 300] = chosen;
        signals.underWay(chosen, 1);
        count += chosen == 3 ? 1 : 0;
      }
      shares.put(warmth, count);
    }

    assertThat(shares.get(0.1)).as("a tenth warm").isBetween(1, 600);
    assertThat(shares.get(0.5)).as("half warm").isBetween(shares.get(0.1), 2_200);
    assertThat(shares.get(1.0)).as("warm").isBetween(2_500, 3_500);
  }

  @ParameterizedTest
  @MethodSource("all")
  void coldNodeIsUsedWhereThereIsNoOther(LoadBalancerStrategy strategy) {
    NodeSelector selector = Tables.prepared(strategy, Tables.of(3));
    FakeSignals signals = new FakeSignals(3).usable(0, false).usable(2, false).warmth(1, 0.01);

    for (int i = 0; i < 1_000; i++) {
      assertThat(selector.select(signals)).isEqualTo(1);
    }
  }

  @Test
  void sameSeedMeansTheSameChoicesAndAnotherSeedOthers() {
    for (int which = 0; which < all().size(); which++) {
      CandidateTable table = Tables.of(9);
      FakeSignals signals = new FakeSignals(9);
      NodeSelector one = Tables.prepared(Tables.all(5).get(which), table);
      NodeSelector same = Tables.prepared(Tables.all(5).get(which), table);
      NodeSelector other = Tables.prepared(Tables.all(6).get(which), table);
      int different = 0;
      for (int i = 0; i < 1_000; i++) {
        int chosen = one.select(signals);
        assertThat(same.select(signals)).isEqualTo(chosen);
        different += other.select(signals) == chosen ? 0 : 1;
      }
      assertThat(different).as(Tables.all(5).get(which).strategyName()).isPositive();
    }
  }

  @Test
  void fewestUnderWayWinsAlwaysAndUnknownLatencyIsNoAdvantage() {
    NodeSelector fewest = Tables.prepared(new LeastConnections(1), Tables.of(5));
    FakeSignals signals = new FakeSignals(5);
    IntStream.range(0, 5).forEach(number -> signals.underWay(number, 5 + number));
    signals.underWay(3, -6);
    for (int i = 0; i < 100; i++) {
      assertThat(fewest.select(signals)).isEqualTo(3);
    }

    NodeSelector soonest = Tables.prepared(new LatencyBased(1), Tables.of(3));
    FakeSignals known = new FakeSignals(3).latency(0, 1_000_000).latency(2, 9_000_000);
    int[] counts = new int[3];
    for (int i = 0; i < 9_000; i++) {
      counts[soonest.select(known)]++;
    }
    // Drawn with either of the others it is as good as that one: the first of the two has it.
    assertThat(counts[1]).isBetween(2_500, 3_500);
    assertThat(counts[0]).isGreaterThan(counts[1]);
    assertThat(counts[2]).isLessThan(counts[1]);
  }

  @Test
  void nodeWhoseLoadIsNotKnownIsMiddlingForTheResourceAware() {
    NodeSelector selector = Tables.prepared(new ResourceAware(1, 256), Tables.of(3));
    FakeSignals signals = new FakeSignals(3).busy(0, 10).busy(2, 90);
    int[] counts = new int[3];
    for (int i = 0; i < 9_000; i++) {
      counts[selector.select(signals)]++;
    }

    assertThat(counts[0]).isBetween(5_500, 6_500);
    assertThat(counts[1]).isBetween(2_500, 3_500);
    assertThat(counts[2]).isLessThan(100);
  }

  /** Of 5, 1 and 1 in any seven turns, as the smooth weighted round robin of nginx has them. */
  @ParameterizedTest
  @CsvSource({"5 1 1,5 1 1", "2.5 0.5 0.5,5 1 1", "1.5 1,3 2", "0.3 0.1 0.2,3 1 2", "1 100,1 100"})
  void weightsThatAreWholeToEachOtherAreKeptInEveryWindow(String weights, String wanted) {
    double[] each = Arrays.stream(weights.split(" ")).mapToDouble(Double::parseDouble).toArray();
    int[] turns = Arrays.stream(wanted.split(" ")).mapToInt(Integer::parseInt).toArray();
    int window = Arrays.stream(turns).sum();
    NodeSelector selector =
        Tables.prepared(new WeightedRoundRobin(7), Tables.of(each.length, n -> each[n]));
    FakeSignals signals = new FakeSignals(each.length);
    int[] chosen = IntStream.range(0, window * 4).map(i -> selector.select(signals)).toArray();

    for (int from = 0; from + window <= chosen.length; from++) {
      int[] counts = new int[each.length];
      Arrays.stream(chosen, from, from + window).forEach(number -> counts[number]++);
      assertThat(counts).as("turns from %s on", from).isEqualTo(turns);
    }
  }

  @Test
  void weightsFarApartAreKeptAndARoundHasAnEnd() {
    SmoothSchedule thousand = new SmoothSchedule(new double[] {1, 1_000});
    assertThat(thousand.length()).isEqualTo(1_001);
    assertThat(IntStream.range(0, 1_001).filter(turn -> thousand.at(turn) == 0)).hasSize(1);

    SmoothSchedule uneven = new SmoothSchedule(new double[] {1, Math.PI, Math.E});
    assertThat(uneven.length()).isEqualTo(64 + 201 + 174);

    SmoothSchedule farthest = new SmoothSchedule(new double[] {1e-9, 1, 1e6});
    assertThat(farthest.length()).isLessThanOrEqualTo(65_536 + 2);
    assertThat(IntStream.range(0, farthest.length()).map(farthest::at)).contains(0, 1, 2);
  }

  @Test
  void tablesWithTheSameWeightsShareTheirRound() {
    Schedules schedules = new Schedules();
    SmoothSchedule one = schedules.of(Tables.of(3, n -> n + 0.7));

    assertThat(schedules.of(Tables.named("other-", 0, 3, n -> n + 0.7))).isSameAs(one);
    assertThat(schedules.of(Tables.of(3, n -> n + 0.8))).isNotSameAs(one);
  }

  /** Whatever ends between two choices, nobody has more than its share times the bound. */
  @ParameterizedTest
  @ValueSource(ints = {10, 100, 200})
  void boundHoldsForEveryChoiceHoweverMuchEndsBetweenTwo(int size) {
    double bound = 1.25;
    for (long seed = 1; seed <= SEEDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      CandidateTable table = Tables.of(size, number -> 1 + number % 3);
      double all = allWeights(table);
      NodeSelector selector = Tables.prepared(new ConsistentHashing(seed, 128, bound), table);
      FakeSignals signals = new FakeSignals(size);
      int total = 0;
      for (int i = 0; i < 5_000; i++) {
        // Few keys, so that nodes are full often.
        int chosen = selector.select(signals, KeyHash.mix(random.nextInt(size / 5)));
        signals.underWay(chosen, 1);
        total++;
        double most = Math.ceil(bound * total / all * table.candidates().get(chosen).weight());
        assertThat(signals.inFlight(chosen))
            .as("%s of %s, choice %s, seed %s", chosen, total, i, seed)
            .isLessThanOrEqualTo((int) most);
        if (random.nextInt(100) == 0) {
          // All at once ends what most nodes have.
          int first = random.nextInt(size);
          for (int step = 0; step < size * 9 / 10; step++) {
            int number = (first + step) % size;
            total -= signals.inFlight(number);
            signals.underWay(number, -signals.inFlight(number));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 20, 33, 100, 300, 5_000})
  void fewestUnderWayOfAllIsFoundByWeightAndHealth(int size) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      CandidateTable table = Tables.of(size, number -> 1 + number % 3);
      NodeSelector selector = Tables.prepared(new LeastConnections(seed), table);
      FakeSignals signals = new FakeSignals(size);
      for (int number = 0; number < size; number++) {
        boolean usable = random.nextInt(10) > 0;
        // What is not usable mostly has nothing to do.
        int few = usable ? 1 : 0;
        signals.underWay(number, random.nextInt(few, 50)).usable(number, usable);
      }
      for (int i = 0; i < 20_000 / size + 10; i++) {
        int chosen = selector.select(signals);
        assertThat(signals.usable(chosen)).isTrue();
        assertThat(forItsWeight(signals, table, chosen))
            .as("under way at %s for its weight, choice %s, seed %s", chosen, i, seed)
            .isCloseTo(fewest(signals, table), within(1e-9));
        signals.underWay(chosen, 1);
      }
    }
  }

  private static double forItsWeight(FakeSignals signals, CandidateTable table, int number) {
    return signals.inFlight(number) / table.candidates().get(number).weight();
  }

  private static double fewest(FakeSignals signals, CandidateTable table) {
    return IntStream.range(0, table.size())
        .filter(signals::usable)
        .mapToDouble(number -> forItsWeight(signals, table, number))
        .min()
        .orElseThrow();
  }

  @Test
  void idleNodesThatAreNotUsableHideNobody() {
    NodeSelector selector = Tables.prepared(new LeastConnections(1), Tables.of(100));
    FakeSignals signals = new FakeSignals(100);
    IntStream.range(0, 100).forEach(n -> signals.underWay(n, n % 5 == 0 ? 0 : 9));
    IntStream.range(0, 100).forEach(n -> signals.usable(n, n % 5 != 0));
    signals.underWay(57, -3);

    for (int i = 0; i < 200; i++) {
      assertThat(selector.select(signals)).as("choice %s", i).isEqualTo(57);
    }
  }

  /** Several senders with the same figures before them go to different nodes. */
  @Test
  void equalsAreSharedAmongSendersAndChoices() {
    int size = 100;
    FakeSignals signals = new FakeSignals(size);
    IntStream.range(0, size).forEach(n -> signals.underWay(n, n % 2 == 0 ? 3 : 4));
    int[] counts = new int[size];
    for (long sender = 1; sender <= 500; sender++) {
      NodeSelector selector = Tables.prepared(new LeastConnections(sender), Tables.of(size));
      for (int i = 0; i < 10; i++) {
        counts[selector.select(signals)]++;
      }
    }

    for (int number = 0; number < size; number++) {
      assertThat(counts[number])
          .as("choices of %s, which has %s under way", number, signals.inFlight(number))
          .isBetween(number % 2 == 0 ? 50 : 0, number % 2 == 0 ? 150 : 0);
    }
  }

  @Test
  void fewestUnderWayAmongThreeHundredIsEvenAtEveryMoment() {
    NodeSelector selector = Tables.prepared(new LeastConnections(1), Tables.of(300));
    FakeSignals signals = new FakeSignals(300);
    int[] counts = new int[300];
    for (int i = 0; i < 300 * 20; i++) {
      int chosen = selector.select(signals);
      assertThat(counts[chosen]).as("choice %s", i).isEqualTo(i / 300);
      signals.underWay(chosen, 1);
      counts[chosen]++;
    }
  }
}
