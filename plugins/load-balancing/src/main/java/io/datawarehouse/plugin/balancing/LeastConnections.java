package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.BalancingAlgorithms;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import java.util.Arrays;
import java.util.Locale;

/**
 * The one with the fewest requests of this node under way, compared to its weight. Among equals it
 * is the turn that decides, by weight, so that idle nodes are used evenly and senders that begin
 * together do not all take the same. It looks at all up to 32, of more at as many from a random one
 * on: what it compares is this node's own, and counted before the next choice. Immutable.
 *
 * <p>Source: Winston: Optimality of the Shortest Line Discipline, Journal of Applied Probability
 * 14, 1977; weights as in the "wlc" scheduler of the Linux Virtual Server (Zhang, 2000).
 */
public final class LeastConnections implements LoadBalancerStrategy {

  private final Seeds seeds;
  private final Schedules schedules = new Schedules();

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
    return new Fewest(table, seeds.next(), schedules.of(table));
  }

  /** Thread-safe. */
  private static final class Fewest extends TurnSelector {

    /** At how many candidates it looks at most. */
    static final int LOOKS = 32;

    /** How many that are fewest but not usable are passed over before each is asked. */
    private static final int ATTEMPTS = 3;

    private static final int STEP_BITS = Integer.numberOfTrailingZeros(LOOKS);
    private static final int PART_BITS = 32;

    /** Less than this is what calculating with fractions may have added. */
    private static final int ROUNDING_BITS = 12;

    private static final long HALF = 1L << ROUNDING_BITS - 1;
    private static final long NOBODY = Long.MAX_VALUE;

    private final SmoothSchedule schedule;
    private final double[] parts;

    /** The parts as whole numbers, that of the lightest candidate the largest. */
    private final long[] wholeParts;

    private final int looks;

    Fewest(CandidateTable table, long seed, SmoothSchedule schedule) {
      super(table, seed);
      this.schedule = schedule;
      this.looks = Math.min(size, LOOKS);
      parts = table.candidates().stream().mapToDouble(one -> 1 / one.weight()).toArray();
      double most = Arrays.stream(parts).max().orElse(1);
      wholeParts =
          Arrays.stream(parts)
              .mapToLong(part -> Math.round(part / most * (1L << PART_BITS)))
              .toArray();
    }

    @Override
    int choose(NodeSignals signals, long turn) {
      int first = schedule.at(turn);
      boolean takes = signals.usable(first) && signals.warmth(first) >= 1;
      long load = takes ? load(signals.inFlight(first), first) : NOBODY;
      if (load == 0) {
        return first;
      }
      int start = Turns.below(turns.draw(turn, 0), size);
      long key = -1;
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        key = lowest(signals, start, key);
        if (load <= key >> STEP_BITS) {
          return first;
        }
        int number = start + (int) (key & LOOKS - 1);
        number = number < size ? number : number - size;
        if (key == NOBODY || signals.warmth(number) < 1) {
          break;
        }
        if (signals.usable(number)) {
          return number;
        }
      }
      return oneByOne(signals, turn, first, start);
    }

    private long load(int underWay, int number) {
      return underWay * wholeParts[number] + HALF >> ROUNDING_BITS;
    }

    /**
     * Returns the lowest key above another one: in its high bits what is under way for the weight,
     * in its low ones how many steps the candidate is from the start. It has no branches but for an
     * idle candidate, so that what it takes does not hang on what is under way.
     */
    private long lowest(NodeSignals signals, int start, long above) {
      long lowest = NOBODY;
      for (int step = 0; step < looks; step++) {
        int number = start + step < size ? start + step : start + step - size;
        int underWay = signals.inFlight(number);
        long key = (load(underWay, number) << STEP_BITS) + step;
        if (underWay == 0 && key > above) {
          return key;
        }
        lowest = key > above ? Math.min(lowest, key) : lowest;
      }
      return lowest;
    }

    /** Asks each whether it is usable and warm. */
    private int oneByOne(NodeSignals signals, long turn, int first, int start) {
      int best = signals.usable(first) && takesPart(signals, first, turn) ? first : NONE;
      double lowest = best == NONE ? Double.POSITIVE_INFINITY : score(signals, best);
      for (int step = 0; step < looks && lowest > 0; step++) {
        int number = start + step < size ? start + step : start + step - size;
        // How warm it is, and whether it is usable, is asked only of those that may win.
        if (signals.inFlight(number) * parts[number] < lowest
            && score(signals, number) < lowest
            && signals.usable(number)
            && takesPart(signals, number, turn)) {
          best = number;
          lowest = score(signals, number);
        }
      }
      return best == NONE ? anyUsable(signals, turn) : best;
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
