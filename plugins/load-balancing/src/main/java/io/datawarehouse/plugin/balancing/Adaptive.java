package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.AdaptiveChoice;
import io.datawarehouse.sdk.balance.BalancingAlgorithms;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.balance.RouteExplanation;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whatever of the others fits the moment, by {@link AdaptiveChoice}. It looks again every {@value
 * #EVERY} choices. What it found in load or latency holds for some thousand choices after it was
 * last seen: the strategy that it leads to is what makes it vanish. Immutable.
 *
 * <p>A load is the requests of this node under way at a candidate for its weight, or its processors
 * in use; that either stands out is enough. A handful of requests, or processors that are nearly
 * idle, do not.
 *
 * <p>Source: the rule is this product's own; that a remedy must outlast its symptom is hysteresis,
 * as in Schmitt's trigger (1938).
 */
public final class Adaptive implements LoadBalancerStrategy {

  static final int EVERY = 64;

  /** For how many choices a finding holds. */
  static final int HOLD = 4_096;

  /** With fewer requests under way at the node with the most no load stands out. */
  static final int FEW = 4;

  /** With processors less in use no load stands out. */
  static final double IDLE_PERCENT = 20;

  private static final AdaptiveChoice[] CHOICES = AdaptiveChoice.values();
  private static final int CHOICE_BITS = 3;

  private final Seeds seeds;
  private final Map<String, LoadBalancerStrategy> others;

  /**
   * Makes the strategy.
   *
   * @param seed where random numbers come from
   */
  public Adaptive(long seed) {
    this(
        seed,
        ConsistentHashing.USUAL_POINTS,
        ConsistentHashing.NO_BOUND,
        ResourceAware.USUAL_CONNECTIONS);
  }

  /**
   * Makes the strategy with settings of those that it may mean.
   *
   * @param seed where random numbers come from
   * @param points as for {@link ConsistentHashing}
   * @param bound as for {@link ConsistentHashing}
   * @param mostConnections as for {@link ResourceAware}
   */
  public Adaptive(long seed, int points, double bound, int mostConnections) {
    this.seeds = new Seeds(seed);
    this.others =
        Map.of(
            BalancingAlgorithms.LEAST_CONNECTIONS,
            new LeastConnections(seeds.next()),
            BalancingAlgorithms.LATENCY_BASED,
            new LatencyBased(seeds.next()),
            BalancingAlgorithms.CONSISTENT_HASHING,
            new ConsistentHashing(seeds.next(), points, bound),
            BalancingAlgorithms.RESOURCE_AWARE,
            new ResourceAware(seeds.next(), mostConnections),
            BalancingAlgorithms.WEIGHTED_ROUND_ROBIN,
            new WeightedRoundRobin(seeds.next()));
  }

  @Override
  public String strategyName() {
    return BalancingAlgorithms.ADAPTIVE;
  }

  @Override
  public boolean followsKeys() {
    return false;
  }

  @Override
  public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
    NodeSelector[] selectors = new NodeSelector[CHOICES.length];
    AdaptiveChoice preferred = AdaptiveChoice.preferredBy(config.tier());
    for (AdaptiveChoice choice : CHOICES) {
      if (choice.found() || choice == preferred) {
        LoadBalancerStrategy strategy = others.get(choice.algorithm());
        if (strategy != null) {
          selectors[choice.ordinal()] = strategy.prepare(table, config);
        }
      }
    }
    return new Fitting(table, config.tier(), seeds.next(), selectors);
  }

  /** Thread-safe. */
  private static final class Fitting implements NodeSelector {

    private final int size;
    private final DeploymentTier tier;
    private final Turns turns;
    private final NodeSelector[] selectors;
    private final double[] parts;

    /** The choice in its low bits, above them the turn until which it holds. */
    private final AtomicLong standing;

    Fitting(CandidateTable table, DeploymentTier tier, long seed, NodeSelector[] selectors) {
      this.size = table.size();
      this.tier = tier;
      this.turns = new Turns(seed, EVERY);
      this.selectors = selectors.clone();
      this.parts = table.candidates().stream().mapToDouble(one -> 1 / one.weight()).toArray();
      this.standing = new AtomicLong(AdaptiveChoice.preferredBy(tier).ordinal());
    }

    @Override
    public int select(NodeSignals signals) {
      return at(turn(signals)).select(signals);
    }

    @Override
    public int select(NodeSignals signals, long keyHash) {
      return at(turn(signals)).select(signals, keyHash);
    }

    private long turn(NodeSignals signals) {
      long turn = turns.take();
      if (turn % EVERY != 0) {
        return standing.get();
      }
      // One of many threads has this turn; the others go on as before.
      long found = judged(signals, turn);
      standing.set(found);
      return found;
    }

    private NodeSelector at(long found) {
      return selectors[(int) (found & (1 << CHOICE_BITS) - 1)];
    }

    @Override
    public RouteExplanation explain(NodeSignals signals, long keyHash) {
      long turn = turns.peek();
      long found = turn % EVERY == 0 ? judged(signals, turn) : standing.get();
      AdaptiveChoice choice = CHOICES[(int) (found & (1 << CHOICE_BITS) - 1)];
      RouteExplanation explained = at(found).explain(signals, keyHash);
      return new RouteExplanation(
          explained.chosen(),
          explained.candidates(),
          choice.algorithm() + ", as " + because(choice) + ": " + explained.because());
    }

    private static String because(AdaptiveChoice choice) {
      return choice.found() ? choice.because() + " or was lately" : choice.because();
    }

    private long judged(NodeSignals signals, long turn) {
      AdaptiveChoice now = judge(signals);
      long before = standing.get();
      return now.found() || before >>> CHOICE_BITS <= turn
          ? turn + HOLD << CHOICE_BITS | now.ordinal()
          : before;
    }

    private AdaptiveChoice judge(NodeSignals signals) {
      int mostRequests = 0;
      double mostUnderWay = 0;
      double underWay = 0;
      double mostBusy = 0;
      double busy = 0;
      int known = 0;
      int usable = 0;
      long fastest = Long.MAX_VALUE;
      long slowest = 0;
      for (int number = 0; number < size; number++) {
        if (!signals.usable(number)) {
          continue;
        }
        usable++;
        int here = signals.inFlight(number);
        mostRequests = Math.max(mostRequests, here);
        underWay += here * parts[number];
        mostUnderWay = Math.max(mostUnderWay, here * parts[number]);
        double percent = signals.cpuPercent(number);
        if (!Double.isNaN(percent)) {
          known++;
          busy += percent;
          mostBusy = Math.max(mostBusy, percent);
        }
        long nanos = signals.latencyNanos(number);
        if (nanos >= 0) {
          fastest = Math.min(fastest, nanos);
          slowest = Math.max(slowest, nanos);
        }
      }
      long spread = slowest >= fastest ? slowest - fastest : 0;
      if (mostRequests >= FEW
          && AdaptiveChoice.of(tier, mostUnderWay, underWay / usable, spread)
              == AdaptiveChoice.UNEVEN_LOAD) {
        return AdaptiveChoice.UNEVEN_LOAD;
      }
      boolean working = mostBusy >= IDLE_PERCENT;
      return AdaptiveChoice.of(tier, working ? mostBusy : 0, working ? busy / known : 0, spread);
    }
  }
}
