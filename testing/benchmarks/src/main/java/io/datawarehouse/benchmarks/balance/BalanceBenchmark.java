package io.datawarehouse.benchmarks.balance;

import io.datawarehouse.benchmarks.report.Rounds;
import io.datawarehouse.benchmarks.report.Subject;
import io.datawarehouse.plugin.balancing.Adaptive;
import io.datawarehouse.plugin.balancing.ConsistentHashing;
import io.datawarehouse.plugin.balancing.LatencyBased;
import io.datawarehouse.plugin.balancing.LeastConnections;
import io.datawarehouse.plugin.balancing.RandomChoice;
import io.datawarehouse.plugin.balancing.ResourceAware;
import io.datawarehouse.plugin.balancing.RoundRobin;
import io.datawarehouse.plugin.balancing.WeightedRoundRobin;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.CandidateTable.Candidate;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.balance.FakeSignals;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Chooses a node among 100 by every strategy, all of them usable and each with another load; then
 * the node of a key on a ring of 1,000 nodes with 128 points each. One thread, one choice after the
 * other; what counts is the thread's processor time.
 */
public final class BalanceBenchmark {

  private static final long SEED = 1;
  private static final int NODES = 100;
  private static final int MANY_NODES = 1_000;
  private static final int POINTS = 128;
  private static final double BOUND = 1.25;
  private static final double CHOICE_GOAL = 200;
  private static final double LOOKUP_GOAL = 150;
  private static final int BATCH = 1_000;
  private static final Rounds.Plan PLAN =
      new Rounds.Plan(Duration.ofSeconds(2), Duration.ofMillis(500), 7);

  private BalanceBenchmark() {}

  /** Runs it; takes no arguments. */
  public static void main(String[] arguments) throws Exception {
    List<LoadBalancerStrategy> strategies =
        List.of(
            new RoundRobin(SEED),
            new LeastConnections(SEED),
            new WeightedRoundRobin(SEED),
            new LatencyBased(SEED),
            new ConsistentHashing(SEED, POINTS, ConsistentHashing.NO_BOUND),
            new RandomChoice(SEED, 2),
            new ResourceAware(SEED, ResourceAware.USUAL_CONNECTIONS),
            new Adaptive(SEED));
    List<Choices> choices = new ArrayList<>();
    for (LoadBalancerStrategy strategy : strategies) {
      choices.add(new Choices(strategy.strategyName(), strategy, NODES, false));
    }
    LoadBalancerStrategy bounded = new ConsistentHashing(SEED, POINTS, BOUND);
    choices.add(new Choices("consistent-hashing, bounded", bounded, NODES, true));
    compare("a node among 100", CHOICE_GOAL, choices);
    LoadBalancerStrategy ring = new ConsistentHashing(SEED, POINTS, ConsistentHashing.NO_BOUND);
    compare(
        "the node of a key on a ring of 1,000 nodes, 128 points each",
        LOOKUP_GOAL,
        List.of(new Choices("ring", ring, MANY_NODES, true)));
  }

  private static void compare(String what, double goal, List<Choices> choices) throws Exception {
    Map<String, Double> medians =
        new Rounds(System.out, what, "choices/s", 1).compare(PLAN, choices);
    medians.forEach(
        (name, perSecond) ->
            System.out.printf(
                Locale.ROOT,
                "  %-60s %6.1f ns (goal: at most %.0f)%n",
                name,
                1e9 / perSecond,
                goal));
  }

  /** Choices as fast as one after the other can be made. */
  private static final class Choices implements Subject {

    private final String name;
    private final NodeSelector selector;
    private final NodeSignals signals;
    private final boolean byKey;
    private long sum;

    Choices(String name, LoadBalancerStrategy strategy, int nodes, boolean byKey) {
      this.name = name;
      this.selector = strategy.prepare(table(nodes), DeploymentTier.ENTERPRISE.defaults());
      this.signals = signals(nodes);
      this.byKey = byKey;
    }

    private static CandidateTable table(int nodes) {
      return new CandidateTable(
          1,
          IntStream.range(0, nodes)
              .mapToObj(
                  number ->
                      new Candidate(
                          new NodeId("node-%05d".formatted(number)),
                          nodes == NODES ? 1 + number % 3 : 1,
                          "zone",
                          number == 0))
              .toList());
    }

    private static FakeSignals signals(int nodes) {
      FakeSignals signals = new FakeSignals(nodes);
      for (int number = 0; number < nodes; number++) {
        signals
            .busy(number, number * 37 % 100)
            .latency(number, 1_000L * (1 + number * 53 % 100))
            .underWay(number, 1 + number * 7 % 10);
      }
      return signals;
    }

    private static long cpuNanos() {
      return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Measured run(Duration time) {
      long end = System.nanoTime() + time.toNanos();
      long begin = cpuNanos();
      long count = 0;
      long key = KeyHash.mix(end);
      while (System.nanoTime() < end) {
        for (int i = 0; i < BATCH; i++) {
          key += 0x9e3779b97f4a7c15L;
          sum += byKey ? selector.select(signals, key) : selector.select(signals);
        }
        count += BATCH;
      }
      double seconds = (cpuNanos() - begin) / 1e9;
      if (sum == Long.MIN_VALUE) {
        throw new IllegalStateException("never; but now the sum is used");
      }
      return new Measured(count / seconds, 0, 0);
    }
  }
}
