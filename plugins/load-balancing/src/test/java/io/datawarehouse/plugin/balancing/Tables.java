package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.CandidateTable.Candidate;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/** Tables of candidates for tests. */
final class Tables {

  static final LoadBalancingConfig CONFIG = DeploymentTier.ENTERPRISE.defaults();

  private Tables() {}

  /** As many nodes as asked for, all of weight 1. */
  static CandidateTable of(int size) {
    return of(size, number -> 1);
  }

  static CandidateTable of(int size, IntToDoubleFunction weights) {
    return named("node-", 0, size, weights);
  }

  /** Nodes whose names begin with a prefix, numbered from a first one on. */
  static CandidateTable named(String prefix, int first, int size, IntToDoubleFunction weights) {
    List<Candidate> candidates = new ArrayList<>();
    for (int number = 0; number < size; number++) {
      candidates.add(
          new Candidate(
              new NodeId("%s%05d".formatted(prefix, first + number)),
              weights.applyAsDouble(number),
              "zone",
              number == 0));
    }
    return new CandidateTable(1, candidates);
  }

  static NodeSelector prepared(LoadBalancerStrategy strategy, CandidateTable table) {
    return strategy.prepare(table, CONFIG);
  }

  /** One of each, from a seed. */
  static List<LoadBalancerStrategy> all(long seed) {
    return List.of(
        new RoundRobin(seed),
        new WeightedRoundRobin(seed),
        new LeastConnections(seed),
        new LatencyBased(seed),
        new ConsistentHashing(seed, ConsistentHashing.USUAL_POINTS, ConsistentHashing.NO_BOUND),
        new RandomChoice(seed, RandomChoice.USUAL_CHOICES),
        new ResourceAware(seed, ResourceAware.USUAL_CONNECTIONS),
        new Adaptive(seed));
  }
}
