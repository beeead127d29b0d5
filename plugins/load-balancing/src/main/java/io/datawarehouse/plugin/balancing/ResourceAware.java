package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.BalancingAlgorithms;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.balance.ResourceScore;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Locale;

/**
 * The lowest {@link ResourceScore} of two that are drawn by weight; where their scores are less
 * than a tenth apart, the one with fewer requests of this node under way for its weight. Load that
 * others tell is up to a second old: were it compared among all, or to the last digit, every sender
 * would run to the same node. Immutable.
 *
 * <p>Source: the score is this product's own; for the two that are drawn see {@link PairSelector}.
 */
public final class ResourceAware implements LoadBalancerStrategy {

  /** How many requests of one sender a node is meant to have under way at most, as a rule. */
  public static final int USUAL_CONNECTIONS = 256;

  private final Seeds seeds;
  private final int mostConnections;

  /**
   * Makes the strategy.
   *
   * @param seed where random numbers come from
   * @param mostConnections how many requests of one sender a node of weight 1 is meant to have
   *     under way at most, 1 or more
   */
  public ResourceAware(long seed, int mostConnections) {
    if (mostConnections < 1) {
      throw WarehouseException.invalid("mostConnections", mostConnections, "must be at least 1");
    }
    this.seeds = new Seeds(seed);
    this.mostConnections = mostConnections;
  }

  @Override
  public String strategyName() {
    return BalancingAlgorithms.RESOURCE_AWARE;
  }

  @Override
  public boolean followsKeys() {
    return false;
  }

  @Override
  public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
    return new MostRoom(table, seeds.next(), mostConnections);
  }

  /** Thread-safe. */
  private static final class MostRoom extends PairSelector {

    /** Scores that are less apart are alike: what was told is older than what was sent. */
    private static final double ALIKE = 0.1;

    private final double[] parts;

    MostRoom(CandidateTable table, long seed, int mostConnections) {
      super(table, seed, 2);
      parts =
          table.candidates().stream()
              .mapToDouble(one -> 1 / (one.weight() * mostConnections))
              .toArray();
    }

    @Override
    boolean better(NodeSignals signals, int first, int second) {
      double one = score(signals, first);
      double other = score(signals, second);
      return Math.abs(one - other) > ALIKE
          ? other < one
          : connections(signals, second) < connections(signals, first);
    }

    @Override
    double score(NodeSignals signals, int number) {
      return ResourceScore.of(
          signals.cpuPercent(number),
          signals.memoryPercent(number),
          signals.diskPercent(number),
          connections(signals, number));
    }

    /** The share of the connections that it is meant to have, fewer while it warms up. */
    private double connections(NodeSignals signals, int number) {
      return signals.inFlight(number) * parts[number] / signals.warmth(number);
    }

    @Override
    String reason(NodeSignals signals, int number) {
      return Double.isNaN(signals.cpuPercent(number))
          ? "its load is not known and counts as middling, "
              + signals.inFlight(number)
              + " under way"
          : String.format(
              Locale.ROOT,
              "processors %.0f %%, memory %.0f %%, disk %.0f %%, %d under way",
              signals.cpuPercent(number),
              signals.memoryPercent(number),
              signals.diskPercent(number),
              signals.inFlight(number));
    }

    @Override
    String because(NodeSignals signals, long turn) {
      return "of the two that were drawn it has the lower score, which is more room; or about the same and"
          + " fewer requests under way";
    }
  }
}
