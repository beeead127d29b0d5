package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.BalancingAlgorithms;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Locale;

/**
 * Of two that are drawn by weight the one with fewer requests of this node under way, compared to
 * its weight; or, with one choice, the one that is drawn. Immutable.
 *
 * <p>Source: Azar, Broder, Karlin, Upfal: Balanced Allocations, SIAM Journal on Computing 29, 1999;
 * see {@link PairSelector}.
 */
public final class RandomChoice implements LoadBalancerStrategy {

  /** How many are drawn as a rule. */
  public static final int USUAL_CHOICES = 2;

  private final Seeds seeds;
  private final int choices;

  /**
   * Makes the strategy.
   *
   * @param seed where random numbers come from
   * @param choices how many are drawn, 1 or 2
   */
  public RandomChoice(long seed, int choices) {
    if (choices < 1 || choices > USUAL_CHOICES) {
      throw WarehouseException.invalid("choices", choices, "use 1 or 2");
    }
    this.seeds = new Seeds(seed);
    this.choices = choices;
  }

  @Override
  public String strategyName() {
    return BalancingAlgorithms.RANDOM;
  }

  @Override
  public boolean followsKeys() {
    return false;
  }

  @Override
  public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
    return new Drawn(table, seeds.next(), choices);
  }

  /** Thread-safe. */
  private static final class Drawn extends PairSelector {

    private final double[] parts;
    private final boolean compares;

    Drawn(CandidateTable table, long seed, int choices) {
      super(table, seed, choices);
      parts = table.candidates().stream().mapToDouble(one -> 1 / one.weight()).toArray();
      compares = choices > 1;
    }

    @Override
    boolean better(NodeSignals signals, int first, int second) {
      return score(signals, second) < score(signals, first);
    }

    @Override
    double score(NodeSignals signals, int number) {
      return compares
          ? signals.inFlight(number) * parts[number] / signals.warmth(number)
          : Double.NaN;
    }

    @Override
    String reason(NodeSignals signals, int number) {
      return String.format(
          Locale.ROOT,
          "%d under way, weight %s",
          signals.inFlight(number),
          table.candidates().get(number).weight());
    }

    @Override
    String because(NodeSignals signals, long turn) {
      return compares
          ? "of the two that were drawn it has fewer requests under way for its weight"
          : "it was drawn";
    }
  }
}
