package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.BalancingAlgorithms;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.balance.RouteExplanation;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Locale;

/**
 * The one that has the key on a {@link Ring}, which names the sources; when a node comes only keys
 * that it gets move, when one goes only keys that it had. A message without a key goes to a place
 * drawn at random. Immutable.
 *
 * <p>With a bound no candidate gets more requests of this node under way than its share by weight,
 * times the bound, rounded up; what would be over goes to the next on the ring (Mirrokni, Thorup,
 * Zadimoghaddam: Consistent Hashing with Bounded Loads, SODA 2018). As that depends on what this
 * node has under way, two nodes may then choose differently for one key.
 */
public final class ConsistentHashing implements LoadBalancerStrategy {

  /** Says that nodes may have any number of requests. */
  public static final double NO_BOUND = Ring.NO_BOUND;

  /** How many points a node of weight 1 has on the ring as a rule. */
  public static final int USUAL_POINTS = Ring.USUAL_POINTS;

  private static final int MOST_POINTS = 4_096;

  private final Seeds seeds;
  private final int points;
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
    this.points = points;
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
    return new OnTheRing(table, seeds.next(), points, bound);
  }

  /** Thread-safe. */
  private static final class OnTheRing extends TurnSelector {

    private static final int ATTEMPTS = 8;

    private final Ring ring;
    private final double bound;
    private final double weight;

    OnTheRing(CandidateTable table, long seed, int points, double bound) {
      super(table, seed);
      this.ring = new Ring(table, points);
      this.bound = bound;
      double all = 0;
      for (CandidateTable.Candidate candidate : table.candidates()) {
        all += candidate.weight();
      }
      this.weight = all;
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
      int number = ring.find(hash);
      if (signals.usable(number) && isWithinTheBound(signals, number)) {
        return number;
      }
      int any = anyUsable(signals, hash >>> 1);
      if (any == NONE) {
        return NONE;
      }
      int next = ring.find(hash, signals, most(signals));
      if (next == NONE && bound != NO_BOUND) {
        // Those that are not usable have a part of the bound; now the others share it all.
        next = ring.find(hash, signals, mostOfUsable(signals));
      }
      return next == NONE ? any : next;
    }

    /**
     * Returns whether a candidate may have one request more; counts those of all only until it is
     * certain.
     */
    private boolean isWithinTheBound(NodeSignals signals, int number) {
      if (bound == NO_BOUND) {
        return true;
      }
      double needed =
          1 + signals.inFlight(number) * weight / (bound * table.candidates().get(number).weight());
      long all = 1;
      for (int other = 0; other < size && all <= needed; other++) {
        all += signals.inFlight(other);
      }
      return all > needed || ring.fits(signals, number, bound * all / weight);
    }

    /** Returns how many requests each unit of weight may have. */
    private double most(NodeSignals signals) {
      if (bound == NO_BOUND) {
        return NO_BOUND;
      }
      long all = 1;
      for (int number = 0; number < size; number++) {
        all += signals.inFlight(number);
      }
      return bound * all / weight;
    }

    private double mostOfUsable(NodeSignals signals) {
      long all = 1;
      double weights = 0;
      for (int number = 0; number < size; number++) {
        if (signals.usable(number)) {
          all += signals.inFlight(number);
          weights += table.candidates().get(number).weight();
        }
      }
      return weights > 0 ? bound * all / weights : NO_BOUND;
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
              Math.ceil(most(signals) * table.candidates().get(number).weight()));
    }

    @Override
    String because(NodeSignals signals, long turn) {
      return bound == NO_BOUND
          ? "its point on the ring is the nearest behind the key's places"
          : "its point on the ring is the nearest behind the key's places of those within the bound";
    }
  }
}
