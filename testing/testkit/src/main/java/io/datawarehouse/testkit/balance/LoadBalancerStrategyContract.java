package io.datawarehouse.testkit.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.CandidateTable.Candidate;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.balance.RouteExplanation;
import io.datawarehouse.sdk.balance.RouteExplanation.CandidateScore;
import io.datawarehouse.sdk.balance.StrategySetting;
import io.datawarehouse.sdk.balance.StrategyValues;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.contract.Allocations;
import io.datawarehouse.testkit.contract.Crowd;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What a {@link LoadBalancerStrategy} and its {@link NodeSelector}s must do. Whatever is random
 * here comes from a fixed seed, so that a failure comes again.
 */
public abstract class LoadBalancerStrategyContract {

  /** How a strategy promises to spread messages over candidates that are alike but for weight. */
  protected enum Spread {
    /** It promises nothing, as it prefers some to others. */
    NONE,
    /** Each gets about as much as any other, whatever their weights are. */
    EVEN,
    /** Each gets about as much as its weight says. */
    BY_WEIGHT
  }

  private static final long SEED = 20260101;
  private static final int MANY = 100;
  private static final int ROUNDS = 2_000;
  private static final int CHOICES = 20_000;
  private static final int THREADS = 4;
  private static final Duration SOON = Duration.ofSeconds(30);

  /**
   * Makes the strategy under test, a new one at each call and all of them alike: where it draws
   * random numbers, from the same seed.
   */
  protected abstract LoadBalancerStrategy strategy();

  /** Returns what the strategy promises. */
  protected abstract Spread spread();

  /**
   * Returns by how much a candidate's share may differ from what it should be, as a part of it. A
   * ring with few points for each node needs more than a strategy that counts.
   */
  protected double tolerance() {
    return 0.35;
  }

  /** Returns the settings that the strategy is prepared with. */
  protected LoadBalancingConfig config() {
    return DeploymentTier.ENTERPRISE.defaults();
  }

  @Test
  void nameCanStandInSettings() {
    LoadBalancerStrategy strategy = strategy();

    assertThat(config().withAlgorithm(strategy.strategyName()).algorithm())
        .isEqualTo(strategy().strategyName());
    assertThat(strategy.followsKeys()).isEqualTo(strategy().followsKeys());
  }

  @Test
  void choosesAUsableOneOrNoneExactlyIfThereIsNoSuch() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int size : new int[] {0, 1, 2, 3, 7, 20}) {
      NodeSelector selector = prepared(size);
      for (int round = 0; round < ROUNDS / 10; round++) {
        FakeSignals signals = someUsable(size, random);
        requireRight(signals, selector.select(signals));
        requireRight(signals, selector.select(signals, random.nextLong()));
      }
      FakeSignals none = new FakeSignals(size);
      IntStream.range(0, size).forEach(number -> none.usable(number, false));
      assertThat(selector.select(none)).isEqualTo(NodeSelector.NONE);
      assertThat(selector.select(none, random.nextLong())).isEqualTo(NodeSelector.NONE);
    }
  }

  @Test
  void onlyUsableOneIsAlwaysFound() {
    NodeSelector selector = prepared(MANY);
    for (int only = 0; only < MANY; only++) {
      FakeSignals signals = new FakeSignals(MANY);
      for (int number = 0; number < MANY; number++) {
        signals.usable(number, number == only);
      }
      assertThat(selector.select(signals)).isEqualTo(only);
      assertThat(selector.select(signals, KeyHash.of("key " + only))).isEqualTo(only);
    }
  }

  @Test
  void survivesSignalsThatChangeWhileItLooks() {
    int wrong = Crowd.elsewhere(SOON, this::wrongChoicesAmongRestless);

    assertThat(wrong).as("choices that are no candidates").isZero();
  }

  private int wrongChoicesAmongRestless() {
    int wrong = 0;
    for (int size = 1; size < 10; size++) {
      NodeSelector selector = prepared(size);
      RestlessSignals restless = new RestlessSignals(size, SEED + size);
      for (int i = 0; i < ROUNDS; i++) {
        wrong += inRange(selector.select(restless), size) ? 0 : 1;
        wrong += inRange(selector.select(restless, KeyHash.of("key " + i)), size) ? 0 : 1;
        selector.explain(restless, i);
      }
    }
    return wrong;
  }

  @Test
  void choosingAllocatesNothing() {
    NodeSelector selector = prepared(MANY);
    FakeSignals signals = busy(MANY);

    Allocations.requireNone("select(signals)", i -> selector.select(signals));
    Allocations.requireNone(
        "select(signals, hash)", i -> selector.select(signals, i * 0x9E3779B97F4A7C15L));
  }

  @Test
  void manyThreadsMayChooseAtOnce() {
    NodeSelector selector = prepared(7);
    FakeSignals signals = new FakeSignals(7).usable(3, false);

    List<Integer> wrong =
        Crowd.all(
            THREADS,
            SOON,
            thread -> {
              int found = 0;
              for (int i = 0; i < ROUNDS; i++) {
                int chosen =
                    i % 2 == 0 ? selector.select(signals) : selector.select(signals, i * 31L);
                found += inRange(chosen, 7) && chosen >= 0 && chosen != 3 ? 0 : 1;
              }
              return found;
            });

    assertThat(wrong).containsOnly(0);
  }

  @Test
  void strategiesMadeAlikeChooseAlike() {
    NodeSelector one = prepared(9);
    NodeSelector other = prepared(9);
    FakeSignals signals = busy(9);

    for (int i = 0; i < ROUNDS; i++) {
      assertThat(one.select(signals)).as("choice %s", i).isEqualTo(other.select(signals));
      long hash = KeyHash.of("key " + i);
      assertThat(one.select(signals, hash)).isEqualTo(other.select(signals, hash));
    }
  }

  @Test
  void oldAndNewSelectorWorkSideBySide() {
    LoadBalancerStrategy strategy = strategy();
    NodeSelector old = strategy.prepare(table(5, SAME), config());
    NodeSelector undisturbed = prepared(5);
    NodeSelector next = strategy.prepare(table(9, SAME), config());

    for (int i = 0; i < ROUNDS; i++) {
      int chosen = old.select(new FakeSignals(5));
      assertThat(chosen).isEqualTo(undisturbed.select(new FakeSignals(5)));
      assertThat(next.select(new FakeSignals(9))).isBetween(0, 8);
      assertThat(next.select(new FakeSignals(9), i)).isBetween(0, 8);
    }
  }

  @Test
  void settingsHaveNamesOfTheirOwnAndWhatIsConfiguredIsAllowed() {
    LoadBalancerStrategy strategy = strategy();

    assertThat(strategy.settings()).isEqualTo(strategy().settings());
    assertThat(strategy.settings()).extracting(StrategySetting::name).doesNotHaveDuplicates();
    assertThat(StrategyValues.of(strategy.settings(), strategy.configured()).byName())
        .containsAllEntriesOf(strategy.configured());
  }

  @Test
  void otherValuesMakeAnotherStrategyAndLeaveThisOneAlone() {
    LoadBalancerStrategy strategy = strategy();
    NodeSelector own = strategy.prepare(table(5, SAME), config());
    NodeSelector undisturbed = prepared(5);

    LoadBalancerStrategy other = strategy.with(StrategyValues.usual(strategy.settings()));
    NodeSelector next = other.prepare(table(5, SAME), config());

    assertThat(other.strategyName()).isEqualTo(strategy.strategyName());
    assertThat(other.settings()).isEqualTo(strategy.settings());
    if (!strategy.settings().isEmpty()) {
      assertThat(other).isNotSameAs(strategy);
    }
    FakeSignals signals = busy(5);
    for (int i = 0; i < ROUNDS; i++) {
      assertThat(next.select(signals)).isBetween(0, 4);
      assertThat(own.select(signals)).as("choice %s", i).isEqualTo(undisturbed.select(signals));
    }
  }

  @Test
  void keysAreFollowedOnAllNodesAlikeWhereItSaysSo() {
    LoadBalancerStrategy strategy = strategy();
    if (!strategy.followsKeys()) {
      requireThatItSaysSoConstantly(strategy);
      return;
    }
    NodeSelector here = strategy.prepare(table(9, SAME, 0), config());
    NodeSelector there = strategy().prepare(table(9, SAME, 8), config());
    FakeSignals idle = new FakeSignals(9).usable(4, false);
    FakeSignals busy = busy(9).usable(4, false);
    for (int i = 0; i < ROUNDS; i++) {
      long hash = KeyHash.of("bucket/key-" + i);
      int chosen = here.select(idle, hash);
      here.select(idle);
      assertThat(here.select(idle, hash)).as("again").isEqualTo(chosen);
      assertThat(there.select(busy, hash)).as("elsewhere").isEqualTo(chosen);
    }
  }

  private static void requireThatItSaysSoConstantly(LoadBalancerStrategy strategy) {
    strategy.prepare(table(3, SAME), DeploymentTier.SMB.defaults());
    assertThat(strategy.followsKeys()).isFalse();
  }

  @Test
  void explainingAgreesWithTheChoiceThatFollowsAndChangesNothing() {
    NodeSelector explained = prepared(6);
    NodeSelector silent = prepared(6);
    SplittableRandom random = new SplittableRandom(SEED);
    CandidateTable table = table(6, SAME);
    for (int i = 0; i < ROUNDS; i++) {
      FakeSignals signals = someUsable(6, random);
      long hash = random.nextLong();

      RouteExplanation first = explained.explain(signals, hash);
      RouteExplanation second = explained.explain(signals, hash);
      int chosen = explained.select(signals, hash);

      assertThat(second.chosen()).as("explained twice").isEqualTo(first.chosen());
      assertThat(first.chosen()).as("as explained").isEqualTo(nodeOf(table, chosen));
      assertThat(silent.select(signals, hash)).as("without explanation").isEqualTo(chosen);
      assertThat(explained.select(signals)).isEqualTo(silent.select(signals));
    }
  }

  @Test
  void explanationNamesEveryCandidateAndWhyItWasLeftOut() {
    CandidateTable table = table(6, SAME);
    NodeSelector selector = prepared(6);
    FakeSignals signals = new FakeSignals(6).usable(1, false).usable(5, false);

    RouteExplanation explanation = selector.explain(signals, KeyHash.of("key"));

    assertThat(explanation.because()).isNotBlank();
    assertThat(explanation.candidates())
        .extracting(CandidateScore::nodeId)
        .containsExactlyElementsOf(table.candidates().stream().map(Candidate::node).toList());
    assertThat(explanation.candidates()).allMatch(score -> !score.reason().isBlank());
    assertThat(explanation.candidates().get(1).excluded()).isTrue();
    assertThat(explanation.candidates().get(5).excluded()).isTrue();
    assertThat(explanation.candidates())
        .filteredOn(score -> explanation.chosen().equals(Optional.of(score.nodeId())))
        .singleElement()
        .matches(score -> !score.excluded());
    assertThat(prepared(0).explain(new FakeSignals(0), 1).chosen()).isEmpty();
  }

  @Test
  void whatIsNotKnownIsNeitherBestNorWorst() {
    CandidateTable table = new CandidateTable(1, candidates(3, SAME, -1));
    FakeSignals signals = new FakeSignals(3);
    signals.busy(0, 1).latency(0, 10_000).requests(0, 1);
    signals.busy(2, 99).latency(2, 60_000_000_000L).requests(2, 100_000).underWay(2, 20);
    signals.underWay(1, 10);

    List<CandidateScore> scores =
        strategy().prepare(table, config()).explain(signals, KeyHash.of("key")).candidates();

    if (scores.stream().noneMatch(score -> Double.isNaN(score.score()))) {
      assertThat(scores).extracting(CandidateScore::score).isSorted();
    }
    FakeSignals nothingKnown = new FakeSignals(3);
    assertThat(strategy().prepare(table, config()).select(nothingKnown)).isBetween(0, 2);
  }

  @Test
  void spreadsAsItPromises() {
    switch (spread()) {
      case NONE -> assertThat(prepared(5).select(new FakeSignals(5))).isBetween(0, 4);
      case EVEN -> {
        requireShares(SAME, number -> 1.0 / 5);
        requireShares(RISING, number -> 1.0 / 5);
      }
      case BY_WEIGHT -> {
        requireShares(SAME, number -> 1.0 / 5);
        requireShares(RISING, number -> (number + 1) / 15.0);
      }
    }
  }

  private void requireShares(IntToDoubleFunction weights, IntToDoubleFunction share) {
    LoadBalancerStrategy strategy = strategy();
    NodeSelector selector = strategy.prepare(table(5, weights), config());
    FakeSignals signals = new FakeSignals(5);
    int[] counts =
        strategy.followsKeys()
            ? counted(signals, i -> selector.select(signals, KeyHash.of("bucket/key-" + i)))
            : counted(signals, i -> selector.select(signals));
    for (int number = 0; number < 5; number++) {
      double expected = share.applyAsDouble(number) * CHOICES;
      assertThat((double) counts[number])
          .as("how often candidate %s of weight %s", number, weights.applyAsDouble(number))
          .isBetween(expected * (1 - tolerance()), expected * (1 + tolerance()));
    }
  }

  /** Chooses again and again while the latest choices are under way. */
  private static int[] counted(FakeSignals signals, IntUnaryOperator choose) {
    int[] counts = new int[signals.size()];
    Deque<Integer> underWay = new ArrayDeque<>();
    for (int i = 0; i < CHOICES; i++) {
      int chosen = choose.applyAsInt(i);
      counts[chosen]++;
      signals.underWay(chosen, 1);
      underWay.add(chosen);
      if (underWay.size() > 3 * 5 * signals.size()) {
        signals.underWay(underWay.remove(), -1);
      }
    }
    return counts;
  }

  @Test
  void manyCandidatesCanBePrepared() {
    NodeSelector selector =
        Crowd.elsewhere(SOON, () -> strategy().prepare(table(1000, SAME), config()));

    assertThat(selector.select(new FakeSignals(1000))).isBetween(0, 999);
  }

  private static final IntToDoubleFunction SAME = number -> 1;
  private static final IntToDoubleFunction RISING = number -> number + 1;

  private NodeSelector prepared(int size) {
    return strategy().prepare(table(size, SAME), config());
  }

  private static CandidateTable table(int size, IntToDoubleFunction weights) {
    return table(size, weights, 0);
  }

  private static CandidateTable table(int size, IntToDoubleFunction weights, int local) {
    return new CandidateTable(1, candidates(size, weights, local));
  }

  private static List<Candidate> candidates(int size, IntToDoubleFunction weights, int local) {
    List<Candidate> candidates = new ArrayList<>();
    for (int number = 0; number < size; number++) {
      candidates.add(
          new Candidate(
              new NodeId("node-%04d".formatted(number)),
              weights.applyAsDouble(number),
              "zone-" + number % 2,
              number == local));
    }
    return candidates;
  }

  /** Each candidate another load, so that there is something to compare. */
  private static FakeSignals busy(int size) {
    FakeSignals signals = new FakeSignals(size);
    for (int number = 0; number < size; number++) {
      signals
          .busy(number, number * 37 % 100)
          .latency(number, 1_000L * (1 + number * 53 % 100))
          .requests(number, number * 11 % 100)
          .underWay(number, number * 7 % 10);
    }
    return signals;
  }

  private static FakeSignals someUsable(int size, SplittableRandom random) {
    FakeSignals signals = new FakeSignals(size);
    for (int number = 0; number < size; number++) {
      signals.usable(number, random.nextInt(4) > 0);
      if (random.nextBoolean()) {
        signals.busy(number, random.nextInt(101)).latency(number, random.nextInt(1_000_000));
      }
      signals.underWay(number, random.nextInt(5));
    }
    return signals;
  }

  private static void requireRight(NodeSignals signals, int chosen) {
    boolean any = IntStream.range(0, signals.size()).anyMatch(signals::usable);
    if (any) {
      assertThat(chosen).isBetween(0, signals.size() - 1);
      assertThat(signals.usable(chosen)).as("candidate %s is usable", chosen).isTrue();
    } else {
      assertThat(chosen).isEqualTo(NodeSelector.NONE);
    }
  }

  private static boolean inRange(int chosen, int size) {
    return chosen == NodeSelector.NONE || chosen >= 0 && chosen < size;
  }

  private static Optional<NodeId> nodeOf(CandidateTable table, int chosen) {
    return chosen == NodeSelector.NONE ? Optional.empty() : Optional.of(table.node(chosen));
  }
}
