package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.BalancingAlgorithms;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import java.util.Locale;

/**
 * Of two that are drawn by weight the one where a request would be answered sooner: its recent
 * latency, times the requests that are under way there, compared to its weight, and this one. A
 * latency that is not known counts as much as the other's, so that the one with fewer requests
 * wins. Immutable.
 *
 * <p>Source: the peak exponentially weighted moving average of Finagle (Twitter; Visa: Decay Your
 * Latency, 2015) over the power of two choices, see {@link PairSelector}. The average itself is
 * measured by the kernel: it takes a longer time at once and forgets it slowly.
 */
public final class LatencyBased implements LoadBalancerStrategy {

  private final Seeds seeds;

  /** Makes the strategy; who is drawn comes from the seed. */
  public LatencyBased(long seed) {
    this.seeds = new Seeds(seed);
  }

  @Override
  public String strategyName() {
    return BalancingAlgorithms.LATENCY_BASED;
  }

  @Override
  public boolean followsKeys() {
    return false;
  }

  @Override
  public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
    return new Soonest(table, seeds.next());
  }

  /** Thread-safe. */
  private static final class Soonest extends PairSelector {

    private final double[] parts;

    Soonest(CandidateTable table, long seed) {
      super(table, seed, 2);
      parts = table.candidates().stream().mapToDouble(one -> 1 / one.weight()).toArray();
    }

    @Override
    boolean better(NodeSignals signals, int first, int second) {
      long one = signals.latencyNanos(first);
      long other = signals.latencyNanos(second);
      boolean comparable = one >= 0 && other >= 0;
      return cost(signals, second, comparable ? other : 1)
          < cost(signals, first, comparable ? one : 1);
    }

    private double cost(NodeSignals signals, int number, double nanos) {
      return (nanos + 1) * (signals.inFlight(number) * parts[number] + 1) / signals.warmth(number);
    }

    @Override
    double score(NodeSignals signals, int number) {
      long known = signals.latencyNanos(number);
      return cost(signals, number, known >= 0 ? known : meanOfKnown(signals));
    }

    private double meanOfKnown(NodeSignals signals) {
      double sum = 0;
      int count = 0;
      for (int number = 0; number < size; number++) {
        long nanos = signals.latencyNanos(number);
        sum += Math.max(0, nanos);
        count += nanos >= 0 ? 1 : 0;
      }
      return count == 0 ? 0 : sum / count;
    }

    @Override
    String reason(NodeSignals signals, int number) {
      long nanos = signals.latencyNanos(number);
      return nanos < 0
          ? "its latency is not known and counts as the mean of the others', "
              + signals.inFlight(number)
              + " under way"
          : String.format(
              Locale.ROOT, "%.3f ms, %d under way", nanos / 1e6, signals.inFlight(number));
    }

    @Override
    String because(NodeSignals signals, long turn) {
      return "of the two that were drawn it would answer sooner";
    }
  }
}
