package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.BalancingAlgorithms;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.balance.RouteExplanation;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Arrays;
import java.util.Locale;

/**
 * The one that has the key on a {@link Ring}, which names the sources; when a node comes only keys
 * that it gets move, when one goes only keys that it had. A message without a key goes to a place
 * drawn at random. Immutable.
 *
 * <p>With a bound no candidate gets more requests of this node under way than its share by weight,
 * times the bound, rounded up (Mirrokni, Thorup, Zadimoghaddam: Consistent Hashing with Bounded
 * Loads, SODA 2018); what would be over jumps to another place, the same for every node that asks
 * and another for every key, so that it is not the neighbour that is over next (Chen, Coleman,
 * Shrivastava: Revisiting Consistent Hashing with Bounded Loads, AAAI 2021). As that depends on
 * what this node has under way, two nodes may then choose differently for one key.
 */
public final class ConsistentHashing implements LoadBalancerStrategy {

  /** Says that nodes may have any number of requests. */
  public static final double NO_BOUND = Double.POSITIVE_INFINITY;

  /** How many points a node of weight 1 has on the ring as a rule. */
  public static final int USUAL_POINTS = Ring.USUAL_POINTS;

  private static final int MOST_POINTS = 4_096;

  private final Seeds seeds;
  private final Rings rings;
  private final double bound;

  /**
   * Makes the strategy.
   *
   * @param seed where messages without a key go
   * @param points how many points a node of weight 1 has on the ring, 1 to 4096
   * @param bound how many times its share a node may have, more than 1, or {@link #NO_BOUND}
   */
  public ConsistentHashing(long seed, int points, double bound) {
    if (points < 1 || points > MOST_POINTS) {
      throw WarehouseException.invalid("points", points, "use 1 to " + MOST_POINTS);
    }
    if (!(bound > 1)) {
      throw WarehouseException.invalid("bound", bound, "must be more than 1");
    }
    this.seeds = new Seeds(seed);
    this.rings = new Rings(points);
    this.bound = bound;
  }

  @Override
  public String strategyName() {
    return BalancingAlgorithms.CONSISTENT_HASHING;
  }

  @Override
  public boolean followsKeys() {
    return bound == NO_BOUND;
  }

  @Override
  public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
    return new OnTheRing(table, seeds.next(), rings.of(table), bound);
  }

  /** Thread-safe. */
  private static final class OnTheRing extends TurnSelector {

    private static final int ATTEMPTS = 8;

    /** How many are counted before it is asked whether that is enough. */
    private static final int AT_ONCE = 8;

    /** What calculating with fractions may have added to a bound that is a whole number. */
    private static final double ROUNDING = 1e-9;

    private static final long JUMP = 0xd1b54a32d192ed03L;

    private final Ring ring;
    private final double bound;
    private final double[] weights;
    private final double weight;

    /** How many must be under way for a candidate to have one, within its bound. */
    private final double[] allForOne;

    OnTheRing(CandidateTable table, long seed, Ring ring, double bound) {
      super(table, seed);
      this.ring = ring;
      this.bound = bound;
      this.weights =
          table.candidates().stream().mapToDouble(CandidateTable.Candidate::weight).toArray();
      this.weight = Arrays.stream(weights).sum();
      this.allForOne = Arrays.stream(weights).map(one -> weight / (bound * one)).toArray();
    }

    @Override
    int choose(NodeSignals signals, long turn) {
      for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
        int number = find(signals, turns.draw(turn, attempt));
        if (number == NONE || takesPart(signals, number, turn)) {
          return number;
        }
      }
      return anyUsable(signals, turn);
    }

    @Override
    public int select(NodeSignals signals, long keyHash) {
      return size == 0 ? NONE : find(signals, keyHash);
    }

    private int find(NodeSignals signals, long hash) {
      return bound == NO_BOUND ? home(signals, hash) : bounded(signals, hash);
    }

    private int home(NodeSignals signals, long hash) {
      int number = ring.find(hash);
      if (signals.usable(number)) {
        return number;
      }
      int any = anyUsable(signals, hash >>> 1);
      int found = any == NONE ? NONE : ring.find(hash, signals);
      return found == NONE ? any : found;
    }

    private int bounded(NodeSignals signals, long hash) {
      int number = home(signals, hash);
      if (number == NONE) {
        return NONE;
      }
      // Mostly a part of all that is under way is enough to let one more in.
      int here = signals.inFlight(number);
      long enough = (long) (here * allForOne[number]) + 2;
      double most = bound * countUntil(signals, enough) / weight;
      return fits(here, number, most) ? number : another(signals, hash, most);
    }

    private int another(NodeSignals signals, long hash, double most) {
      long jump = hash;
      for (int attempt = 1; attempt < ATTEMPTS; attempt++) {
        jump += JUMP;
        int number = home(signals, jump);
        if (number == NONE || fits(signals.inFlight(number), number, most)) {
          return number;
        }
      }
      int number = firstThatFits(signals, hash, most);
      // Those that are not usable have a part of the bound; where it is full the others share it.
      return number == NONE ? firstThatFits(signals, hash, mostOfUsable(signals)) : number;
    }

    private int firstThatFits(NodeSignals signals, long hash, double most) {
      int start = Turns.below(turns.draw(hash, 0), size);
      for (int step = 0; step < size; step++) {
        int number = start + step < size ? start + step : start + step - size;
        if (signals.usable(number) && fits(signals.inFlight(number), number, most)) {
          return number;
        }
      }
      return NONE;
    }

    /** Returns whether a candidate with so many may have one request more. */
    private boolean fits(int here, int number, double most) {
      return here + 1.0 <= Math.ceil(most * weights[number] - ROUNDING);
    }

    /**
     * Counts the requests of this node that are under way, with the one that is to be sent, until
     * there are enough. They are counted anew for every choice: how many have ended since the last
     * one nobody tells. It looks several at a time whether that is enough, so that reading does not
     * wait for adding.
     */
    private long countUntil(NodeSignals signals, long enough) {
      long all = 1;
      int number = 0;
      for (; number + AT_ONCE <= size && all < enough; number += AT_ONCE) {
        all +=
            (long) signals.inFlight(number)
                + signals.inFlight(number + 1)
                + signals.inFlight(number + 2)
                + signals.inFlight(number + 3)
                + signals.inFlight(number + 4)
                + signals.inFlight(number + 5)
                + signals.inFlight(number + 6)
                + signals.inFlight(number + 7);
      }
      for (; number < size && all < enough; number++) {
        all += signals.inFlight(number);
      }
      return all;
    }

    private double mostOfUsable(NodeSignals signals) {
      long all = 1;
      double usable = 0;
      for (int number = 0; number < size; number++) {
        if (signals.usable(number)) {
          all += signals.inFlight(number);
          usable += weights[number];
        }
      }
      return usable > 0 ? bound * all / usable : NO_BOUND;
    }

    @Override
    public RouteExplanation explain(NodeSignals signals, long keyHash) {
      return explained(signals, select(signals, keyHash), because(signals, 0));
    }

    @Override
    double score(NodeSignals signals, int number) {
      return Double.NaN;
    }

    @Override
    String reason(NodeSignals signals, int number) {
      return bound == NO_BOUND
          ? "usable"
          : String.format(
              Locale.ROOT,
              "%d under way of %.0f that it may have",
              signals.inFlight(number),
              Math.ceil(
                  bound * countUntil(signals, Long.MAX_VALUE) / weight * weights[number]
                      - ROUNDING));
    }

    @Override
    String because(NodeSignals signals, long turn) {
      return bound == NO_BOUND
          ? "its point on the ring is the nearest behind the places of the key's slot"
          : "it has the key's slot on the ring, or those before it were not within the bound";
    }
  }
}
