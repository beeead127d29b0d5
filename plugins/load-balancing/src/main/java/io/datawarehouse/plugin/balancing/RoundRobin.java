package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.BalancingAlgorithms;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;

/**
 * One after the other, whatever their weight. The turn of a candidate that is not usable goes to
 * one drawn at random, so that its neighbour does not get twice as much. Immutable.
 *
 * <p>Source: Kleinrock: Analysis of a Time-Shared Processor, Naval Research Logistics Quarterly 11,
 * 1964, for the rule; the random stand-in is our own.
 */
public final class RoundRobin implements LoadBalancerStrategy {

  private final Seeds seeds;

  /** Makes the strategy; where it begins, and who stands in, comes from the seed. */
  public RoundRobin(long seed) {
    this.seeds = new Seeds(seed);
  }

  @Override
  public String strategyName() {
    return BalancingAlgorithms.ROUND_ROBIN;
  }

  @Override
  public boolean followsKeys() {
    return false;
  }

  @Override
  public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
    return new InTurn(table, seeds.next());
  }

  /** Thread-safe. */
  private static final class InTurn extends TurnSelector {

    private static final int ATTEMPTS = 8;

    InTurn(CandidateTable table, long seed) {
      super(table, seed);
    }

    @Override
    int choose(NodeSignals signals, long turn) {
      int number = (int) (turn % size);
      for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
        if (signals.usable(number) && takesPart(signals, number, turn)) {
          return number;
        }
        number = Turns.below(turns.draw(turn, attempt), size);
      }
      return anyUsable(signals, turn);
    }

    @Override
    double score(NodeSignals signals, int number) {
      return Double.NaN;
    }

    @Override
    String reason(NodeSignals signals, int number) {
      return "usable";
    }

    @Override
    String because(NodeSignals signals, long turn) {
      return "it is this one's turn, or it stands in for one that is not usable or still warms up";
    }
  }
}
