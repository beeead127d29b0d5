package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.BalancingAlgorithms;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;

/**
 * One after the other, as often as its weight says and as evenly spread as that allows: a {@link
 * SmoothSchedule}, which names the sources. The turn of a candidate that is not usable goes to the
 * owner of another turn, drawn at random, so that the others share it by weight. Immutable.
 */
public final class WeightedRoundRobin implements LoadBalancerStrategy {

  private final Seeds seeds;
  private final Schedules schedules = new Schedules();

  /** Makes the strategy; where it begins, and who stands in, comes from the seed. */
  public WeightedRoundRobin(long seed) {
    this.seeds = new Seeds(seed);
  }

  @Override
  public String strategyName() {
    return BalancingAlgorithms.WEIGHTED_ROUND_ROBIN;
  }

  @Override
  public boolean followsKeys() {
    return false;
  }

  @Override
  public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
    return new InTurn(table, seeds.next(), schedules.of(table));
  }

  /** Thread-safe. */
  private static final class InTurn extends TurnSelector {

    private static final int ATTEMPTS = 8;

    private final SmoothSchedule schedule;

    InTurn(CandidateTable table, long seed, SmoothSchedule schedule) {
      super(table, seed);
      this.schedule = schedule;
    }

    @Override
    int choose(NodeSignals signals, long turn) {
      int number = schedule.at(turn);
      for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
        if (signals.usable(number) && takesPart(signals, number, turn)) {
          return number;
        }
        number = schedule.at(Turns.below(turns.draw(turn, attempt), schedule.length()));
      }
      return anyUsable(signals, turn);
    }

    @Override
    double score(NodeSignals signals, int number) {
      return Double.NaN;
    }

    @Override
    String reason(NodeSignals signals, int number) {
      return "weight " + table.candidates().get(number).weight();
    }

    @Override
    String because(NodeSignals signals, long turn) {
      return "it is this one's turn by weight, or it stands in for one that is not usable or still"
          + " warms up";
    }
  }
}
