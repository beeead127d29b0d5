package io.datawarehouse.kernel.whatif;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.plugin.balancing.Adaptive;
import io.datawarehouse.plugin.balancing.ConsistentHashing;
import io.datawarehouse.plugin.balancing.LatencyBased;
import io.datawarehouse.plugin.balancing.LeastConnections;
import io.datawarehouse.plugin.balancing.RandomChoice;
import io.datawarehouse.plugin.balancing.ResourceAware;
import io.datawarehouse.plugin.balancing.RoundRobin;
import io.datawarehouse.plugin.balancing.WeightedRoundRobin;
import io.datawarehouse.sdk.balance.BalancingAlgorithms;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.balance.RouteExplanation;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Strategies under simulated load; the whole table stands in every message. */
class StrategySimulationTest {

  private static final int SPECIAL = 4;
  private static final int WINDOWS_OF_A_HEARTBEAT = 5;
  private static final double WINDOW_MILLIS = 100;
  private static final int REQUESTS = 60_000;
  private static final int KEYS = 10_000;

  private static double[] nodes(double special) {
    double[] speeds = new double[10];
    Arrays.fill(speeds, 1);
    speeds[SPECIAL] = special;
    return speeds;
  }

  /** One of each, from a seed. */
  private static List<LoadBalancerStrategy> all(long seed) {
    return List.of(
        new RoundRobin(seed),
        new WeightedRoundRobin(seed),
        new LeastConnections(seed),
        new LatencyBased(seed),
        new ConsistentHashing(seed, ConsistentHashing.USUAL_POINTS, ConsistentHashing.NO_BOUND),
        new RandomChoice(seed, RandomChoice.USUAL_CHOICES),
        new ResourceAware(seed, ResourceAware.USUAL_CONNECTIONS),
        new Adaptive(seed));
  }

  /**
   * What is simulated.
   *
   * @param speeds how fast each node works, one request after the other
   * @param utilisation the part of all nodes' speed that is asked for
   * @param skew how uneven keys are: the exponent of Zipf's law
   */
  private record Run(
      long seed,
      int senders,
      double[] speeds,
      double utilisation,
      double skew,
      DeploymentTier tier) {

    List<TracedRequest> requests() {
      double pause = Traffic.MEAN_MILLIS / (Arrays.stream(speeds).sum() * utilisation);
      return Traffic.of(seed, REQUESTS, pause, senders, KEYS, skew);
    }

    LoadSimulation.Outcome of(LongFunction<LoadBalancerStrategy> strategies) {
      List<LoadSimulation.Choice> choices = new ArrayList<>();
      for (int sender = 0; sender < senders; sender++) {
        NodeSelector selector =
            strategies.apply(seed * 100 + sender).prepare(table(), tier.defaults());
        choices.add((request, signals) -> selector.select(signals, request.keyHash()));
      }
      return LoadSimulation.run(
          new LoadSimulation.Plan(
              Arrays.stream(speeds).mapToObj(speed -> new LoadSimulation.Server(speed, 1)).toList(),
              requests(),
              choices,
              10_000_000,
              () -> false));
    }

    private CandidateTable table() {
      return new CandidateTable(
          1,
          IntStream.range(0, speeds.length)
              .mapToObj(
                  number ->
                      new CandidateTable.Candidate(
                          new NodeId("node-%05d".formatted(number)), 1, "zone", number == 0))
              .toList());
    }
  }

  /** The ninety-ninth percentile of each strategy in the same run. */
  private static Map<String, Double> tails(Run run) {
    Map<String, Double> tails = new LinkedHashMap<>();
    List<LoadBalancerStrategy> strategies = all(0);
    for (int which = 0; which < strategies.size(); which++) {
      int chosen = which;
      tails.put(
          strategies.get(which).strategyName(),
          run.of(seed -> all(seed).get(chosen)).percentile(0.99));
    }
    return tails;
  }

  @ParameterizedTest
  @EnumSource(
      value = DeploymentTier.class,
      names = {"ENTERPRISE", "HIGH_STAKES", "HYPERSCALE"})
  void adaptiveKeepsTheTailShortThoughOneNodeIsThreeTimesSlower(DeploymentTier tier) {
    for (double utilisation : new double[] {0.32, 0.5, 0.7}) {
      for (long seed = 1; seed <= 3; seed++) {
        Map<String, Double> tails = tails(new Run(seed, 1, nodes(1.0 / 3), utilisation, 1.1, tier));
        double adaptive = tails.remove(BalancingAlgorithms.ADAPTIVE);
        double best = tails.values().stream().mapToDouble(tail -> tail).min().orElseThrow();

        assertThat(adaptive)
            .as(
                "milliseconds, %s, utilisation %s, seed %s, others %s",
                tier, utilisation, seed, tails)
            .isLessThanOrEqualTo(tails.get(BalancingAlgorithms.ROUND_ROBIN) / 2)
            .isLessThanOrEqualTo(best * 1.15);
      }
    }
  }

  /**
   * With several senders none sees what the others have under way; what latencies tell is then more
   * than what is under way does.
   */
  @ParameterizedTest
  @CsvSource({"1, 0.8", "4, 0.32", "4, 0.5", "4, 0.7", "4, 0.8", "8, 0.5", "8, 0.7", "8, 0.8"})
  void adaptiveKeepsTheTailShortForSeveralSendersAndBusyNodes(int senders, double utilisation) {
    for (DeploymentTier tier :
        List.of(DeploymentTier.ENTERPRISE, DeploymentTier.HIGH_STAKES, DeploymentTier.HYPERSCALE)) {
      requireShortTail(senders, utilisation, tier, 1.15);
    }
  }

  /** What many senders with little to do each find they find late: the tier's choice begins. */
  @ParameterizedTest
  @CsvSource({"ENTERPRISE, 1.25", "HIGH_STAKES, 1.15", "HYPERSCALE, 1.15"})
  void adaptiveIsLaterToShortenTheTailForEightSendersAtLowLoad(DeploymentTier tier, double most) {
    requireShortTail(8, 0.32, tier, most);
  }

  private static void requireShortTail(
      int senders, double utilisation, DeploymentTier tier, double most) {
    Map<String, Double> tails = tails(new Run(1, senders, nodes(1.0 / 3), utilisation, 1.1, tier));
    double adaptive = tails.remove(BalancingAlgorithms.ADAPTIVE);
    double best = tails.values().stream().mapToDouble(tail -> tail).min().orElseThrow();

    assertThat(adaptive)
        .as(
            "milliseconds, %s, %s senders, utilisation %s, seed 1, others %s",
            tier, senders, utilisation, tails)
        .isLessThanOrEqualTo(tails.get(BalancingAlgorithms.ROUND_ROBIN) / 2)
        .isLessThanOrEqualTo(best * most);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"least-connections", "latency-based", "random", "resource-aware", "adaptive"})
  void eightSendersDoNotRunToTheOneFastNodeAndBack(String name) {
    for (long seed = 1; seed <= 3; seed++) {
      Shares shares =
          Shares.ofTheFastNode(
              seed,
              from ->
                  all(from).stream()
                      .filter(one -> one.strategyName().equals(name))
                      .findFirst()
                      .orElseThrow());

      assertThat(shares.mean).as("%s, seed %s, share", name, seed).isBetween(0.1, 0.35);
      assertThat(shares.deviation())
          .as("%s, seed %s, deviation of the share, by chance %s", name, seed, shares.byChance())
          .isLessThan(shares.byChance() * 1.5);
      assertThat(Math.abs(shares.likeness(WINDOWS_OF_A_HEARTBEAT)))
          .as("%s, seed %s, how like the share is to that of a heartbeat ago", name, seed)
          .isLessThan(0.25);
    }
  }

  /** Shows that the test above would see it. */
  @Test
  void eightSendersThatAllTakeTheBestDoRunThereAndBack() {
    Shares shares = Shares.ofTheFastNode(1, seed -> new LeastBusyOfAll());

    assertThat(shares.deviation()).isGreaterThan(shares.byChance() * 4);
  }

  /** The share of the requests that the fast node got, in pieces of a tenth of a second. */
  private record Shares(double[] each, double mean, double requests) {

    static Shares ofTheFastNode(long seed, LongFunction<LoadBalancerStrategy> strategies) {
      Run run = new Run(seed, 8, nodes(4), 0.6, 0, DeploymentTier.HIGH_STAKES);
      List<int[]> windows = windows(run.requests(), run.of(strategies).nodes());
      // Neither the beginning, when nothing is known, nor the end, when nothing comes any more.
      List<int[]> steady = windows.subList(20, windows.size() * 9 / 10);
      double[] each =
          steady.stream().mapToDouble(one -> (double) one[SPECIAL] / sum(one)).toArray();
      return new Shares(
          each,
          Arrays.stream(each).average().orElseThrow(),
          steady.stream().mapToInt(Shares::sum).average().orElseThrow());
    }

    /** How many each node got in each window. */
    private static List<int[]> windows(List<TracedRequest> requests, int[] nodes) {
      List<int[]> windows = new ArrayList<>();
      for (int i = 0; i < nodes.length; i++) {
        while (windows.size() <= (int) (requests.get(i).atMillis() / WINDOW_MILLIS)) {
          windows.add(new int[10]);
        }
        windows.get(windows.size() - 1)[nodes[i]]++;
      }
      return windows;
    }

    private static int sum(int[] window) {
      return Math.max(1, Arrays.stream(window).sum());
    }

    double deviation() {
      return Math.sqrt(
          Arrays.stream(each).map(one -> (one - mean) * (one - mean)).average().orElseThrow());
    }

    /** The deviation if each request were a draw of its own. */
    double byChance() {
      return Math.sqrt(mean * (1 - mean) / requests);
    }

    double likeness(int apart) {
      double together = 0;
      double alone = 0;
      for (int i = 0; i + apart < each.length; i++) {
        together += (each[i] - mean) * (each[i + apart] - mean);
        alone += (each[i] - mean) * (each[i] - mean);
      }
      return together / alone;
    }
  }

  /** What not to do: of all nodes the one that said last that its processors are least in use. */
  private static final class LeastBusyOfAll implements LoadBalancerStrategy {

    @Override
    public String strategyName() {
      return "least-busy";
    }

    @Override
    public boolean followsKeys() {
      return false;
    }

    @Override
    public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
      return new NodeSelector() {
        @Override
        public int select(NodeSignals signals) {
          int best = 0;
          for (int number = 1; number < table.size(); number++) {
            best = signals.cpuPercent(number) < signals.cpuPercent(best) ? number : best;
          }
          return best;
        }

        @Override
        public int select(NodeSignals signals, long keyHash) {
          return select(signals);
        }

        @Override
        public RouteExplanation explain(NodeSignals signals, long keyHash) {
          throw new UnsupportedOperationException("nobody asks");
        }
      };
    }
  }
}
