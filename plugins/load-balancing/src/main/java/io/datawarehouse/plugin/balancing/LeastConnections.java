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
 * together do not all take the same; where whose turn it is has more, the first of the equals from
 * a random place on. It looks at all. Immutable.
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

    /** How many that are fewest but not usable are passed over before each is asked. */
    private static final int ATTEMPTS = 3;

    /** How many low bits of a key say how many steps a candidate is from the start. */
    private static final int STEP_BITS = 12;

    private static final long STEPS = (1L << STEP_BITS) - 1;

    /**
     * What a request counts for the lightest candidate. All numbers up to 16 divide it, so that
     * what is equal by weights that are small whole numbers to each other is equal to the last bit.
     */
    private static final double WHOLE = 720_720L << 7;

    private static final long NOBODY = Long.MAX_VALUE;

    private final SmoothSchedule schedule;
    private final double[] parts;

    /** What a request counts for each, with low bits that are empty. */
    private final long[] wholeParts;

    /** One through the smallest of them. */
    private final double mostForOne;

    /**
     * Who had the fewest when somebody looked last. Nobody's choice follows from it, so it may be
     * whoever it is: it says where about the fewest are, and who has more is passed over quickly.
     */
    private int lately;

    Fewest(CandidateTable table, long seed, SmoothSchedule schedule) {
      super(table, seed);
      this.schedule = schedule;
      parts = table.candidates().stream().mapToDouble(one -> 1 / one.weight()).toArray();
      double most = Arrays.stream(parts).max().orElse(1);
      wholeParts =
          Arrays.stream(parts)
              .mapToLong(part -> Math.max(1, Math.round(part / most * WHOLE)) << STEP_BITS)
              .toArray();
      mostForOne = 1.0 / Arrays.stream(wholeParts).min().orElse(1);
    }

    @Override
    int choose(NodeSignals signals, long turn) {
      int first = schedule.at(turn);
      boolean takes = signals.usable(first) && signals.warmth(first) >= 1;
      long load = takes ? load(signals, first) : NOBODY;
      if (load == 0) {
        return first;
      }
      int start = Turns.below(turns.draw(turn, 0), size);
      long key = -1;
      for (int attempt = 0; attempt < ATTEMPTS && size <= STEPS; attempt++) {
        key = attempt == 0 ? lowest(signals, start) : lowestAbove(signals, start, key);
        if (load <= (key & ~STEPS)) {
          return first;
        }
        int number = number(start, (int) (key & STEPS));
        if (key == NOBODY || signals.warmth(number) < 1) {
          break;
        }
        if (signals.usable(number)) {
          return number;
        }
      }
      return oneByOne(signals, turn, first, start);
    }

    /** Returns what is under way for the weight, the low bits empty. */
    private long load(NodeSignals signals, int number) {
      return signals.inFlight(number) * wholeParts[number];
    }

    /** Returns the number of the candidate that is so many steps from the start. */
    private int number(int start, int step) {
      int number = start + step;
      return number < size ? number : number - size;
    }

    /**
     * Returns the lowest key: in its high bits what is under way for the weight, in its low ones
     * how many steps the candidate is from the start. Looking at one takes reading and a comparison
     * whose outcome mostly is the same; only who may have the fewest is multiplied. {@link #NOBODY}
     * where all have more than can be multiplied.
     */
    private long lowest(NodeSignals signals, int start) {
      long bound = load(signals, lately) | STEPS;
      long lowest = lowestBelow(signals, start, bound);
      if (lowest == bound) {
        // It got more meanwhile, and all others have more as well.
        lowest = lowestBelow(signals, start, NOBODY);
      }
      if (lowest != NOBODY) {
        lately = number(start, (int) (lowest & STEPS));
      }
      return lowest;
    }

    private long lowestBelow(NodeSignals signals, int start, long bound) {
      int most = (int) (bound * mostForOne + 1);
      long ahead = lowest(signals, start, size, -start, bound, most);
      boolean found = ahead < bound && idle(ahead);
      return found ? ahead : lowest(signals, 0, start, size - start, ahead, most);
    }

    private long lowest(NodeSignals signals, int from, int to, int steps, long bound, int most) {
      long[] each = wholeParts;
      long lowest = bound;
      for (int number = from; number < to; number++) {
        int underWay = signals.inFlight(number);
        if (underWay <= most) {
          long key = underWay * each[number] + (number + steps);
          if (key < lowest) {
            lowest = key;
            if (idle(key)) {
              break;
            }
          }
        }
      }
      return lowest;
    }

    private static boolean idle(long key) {
      return key <= STEPS;
    }

    /** Returns the lowest key above another one, of an idle candidate only if it is usable. */
    private long lowestAbove(NodeSignals signals, int start, long above) {
      long lowest = NOBODY;
      for (int step = 0; step < size; step++) {
        int number = number(start, step);
        long key = load(signals, number) + step;
        if (key > above && key < lowest && !(idle(key) && !signals.usable(number))) {
          lowest = key;
        }
      }
      return lowest;
    }

    /** Asks each whether it is usable and warm. */
    private int oneByOne(NodeSignals signals, long turn, int first, int start) {
      int best = signals.usable(first) && takesPart(signals, first, turn) ? first : NONE;
      double lowest = best == NONE ? Double.POSITIVE_INFINITY : score(signals, best);
      for (int step = 0; step < size && lowest > 0; step++) {
        int number = number(start, step);
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
