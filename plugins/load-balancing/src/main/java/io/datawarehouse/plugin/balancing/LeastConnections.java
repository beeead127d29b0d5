package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.BalancingAlgorithms;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import java.util.Locale;

/**
 * The one with the fewest requests of this node under way, compared to its weight. Among equals it
 * is the turn that decides, by weight, so that idle nodes are used evenly and senders that begin
 * together do not all take the same. It looks at all up to 32, of more at 32 from a random one on:
 * what it compares is this node's own, and counted before the next choice. Immutable.
 *
 * <p>Source: Winston: Optimality of the Shortest Line Discipline, Journal of Applied Probability
 * 14, 1977; weights as in the "wlc" scheduler of the Linux Virtual Server (Zhang, 2000).
 */
public final class LeastConnections implements LoadBalancerStrategy {

  private final Seeds seeds;

  /** Makes the strategy; whose turn it is among equals comes from the seed. */
  public LeastConnections(long seed) {
    this.seeds = new Seeds(seed);
  }

  @Override
  public String strategyName() {
    return BalancingAlgorithms.LEAST_CONNECTIONS;
  }

  @Override
  public boolean followsKeys() {
    return false;
  }

  @Override
  public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
    return new Fewest(table, seeds.next());
  }

  /** Thread-safe. */
  private static final class Fewest extends TurnSelector {

    /** At how many candidates it looks at most. */
    private static final int LOOKS = 32;

    private final SmoothSchedule schedule;
    private final double[] parts;

    Fewest(CandidateTable table, long seed) {
      super(table, seed);
      schedule = new SmoothSchedule(table);
      parts = table.candidates().stream().mapToDouble(one -> 1 / one.weight()).toArray();
    }

    @Override
    int choose(NodeSignals signals, long turn) {
      int best = NONE;
      int first = schedule.at(turn);
      if (signals.usable(first) && takesPart(signals, first, turn)) {
        best = first;
      }
      int start = Turns.below(turns.draw(turn, 0), size);
      int end = start + Math.min(size, LOOKS);
      best = better(signals, turn, best, start, Math.min(size, end));
      best = better(signals, turn, best, 0, Math.max(0, end - size));
      return best == NONE ? anyUsable(signals, turn) : best;
    }

    /** Returns the best so far or a better one of a range. */
    private int better(NodeSignals signals, long turn, int before, int from, int to) {
      int best = before;
      double lowest = best == NONE ? Double.POSITIVE_INFINITY : score(signals, best);
      for (int number = from; number < to && lowest > 0; number++) {
        // How warm it is, and whether it is usable, is asked only of those that may win.
        if (signals.inFlight(number) * parts[number] < lowest
            && score(signals, number) < lowest
            && signals.usable(number)
            && takesPart(signals, number, turn)) {
          best = number;
          lowest = score(signals, number);
        }
      }
      return best;
    }

    @Override
    double score(NodeSignals signals, int number) {
      return signals.inFlight(number) * parts[number] / signals.warmth(number);
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
      return "it has the fewest requests under way for its weight, or it is its turn among equals";
    }
  }
}
