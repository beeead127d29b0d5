package io.datawarehouse.plugin.balancing;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.balance.BalancingAlgorithms;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Strategies under simulated load; the whole table stands in every message. */
class SimulationTest {

  private static final int SPECIAL = 4;
  private static final int WINDOWS_OF_A_HEARTBEAT = 5;

  private static double[] nodes(double special) {
    double[] speeds = new double[10];
    Arrays.fill(speeds, 1);
    speeds[SPECIAL] = special;
    return speeds;
  }

  /** The ninety-ninth percentile of each strategy in the same run. */
  private static Map<String, Double> tails(Simulation.Plan plan) {
    Map<String, Double> tails = new LinkedHashMap<>();
    List<LoadBalancerStrategy> all = Tables.all(0);
    for (int which = 0; which < all.size(); which++) {
      int chosen = which;
      tails.put(
          all.get(which).strategyName(),
          Simulation.run(plan, seed -> Tables.all(seed).get(chosen)).percentile(0.99));
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
        Map<String, Double> tails =
            tails(
                new Simulation.Plan(
                    seed, 1, nodes(1.0 / 3), utilisation, 10_000, 1.1, 60_000, tier));
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

  @ParameterizedTest
  @ValueSource(
      strings = {"least-connections", "latency-based", "random", "resource-aware", "adaptive"})
  void eightSendersDoNotRunToTheOneFastNodeAndBack(String name) {
    for (long seed = 1; seed <= 3; seed++) {
      Shares shares =
          Shares.ofTheFastNode(
              seed,
              from ->
                  Tables.all(from).stream()
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
      List<int[]> windows =
          Simulation.run(
                  new Simulation.Plan(
                      seed, 8, nodes(4), 0.6, 10_000, 0, 60_000, DeploymentTier.HIGH_STAKES),
                  strategies)
              .windows();
      // Neither the beginning, when nothing is known, nor the end, when nothing comes any more.
      List<int[]> steady = windows.subList(20, windows.size() * 9 / 10);
      double[] each =
          steady.stream().mapToDouble(one -> (double) one[SPECIAL] / sum(one)).toArray();
      return new Shares(
          each,
          Arrays.stream(each).average().orElseThrow(),
          steady.stream().mapToInt(Shares::sum).average().orElseThrow());
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
      return new TurnSelector(table, 1) {
        @Override
        int choose(NodeSignals signals, long turn) {
          int best = 0;
          for (int number = 1; number < size; number++) {
            best = score(signals, number) < score(signals, best) ? number : best;
          }
          return best;
        }

        @Override
        double score(NodeSignals signals, int number) {
          return signals.cpuPercent(number);
        }

        @Override
        String reason(NodeSignals signals, int number) {
          return "busy";
        }

        @Override
        String because(NodeSignals signals, long turn) {
          return "it is the least busy";
        }
      };
    }
  }
}
