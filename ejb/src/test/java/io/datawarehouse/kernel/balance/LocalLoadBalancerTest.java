package io.datawarehouse.kernel.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.CandidateTable.Candidate;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.balance.RouteExplanation;
import io.datawarehouse.sdk.balance.RouteExplanation.CandidateScore;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.List;
import org.junit.jupiter.api.Test;

class LocalLoadBalancerTest {

  private static final LoadBalancingConfig CONFIG = DeploymentTier.INDIVIDUAL.defaults();
  private static final long HASH = KeyHash.of("bucket/key");

  private final LocalLoadBalancer balancer = new LocalLoadBalancer();
  private final CandidateTable three =
      new CandidateTable(
          1, List.of(candidate("a", false), candidate("b", true), candidate("c", false)));

  @Test
  void oneNodeIsChosenForEverything() {
    NodeSelector selector =
        balancer.prepare(new CandidateTable(0, List.of(candidate("a", true))), CONFIG);

    assertThat(selector.select(usable(true))).isZero();
    assertThat(selector.select(usable(true), HASH)).isZero();
    assertThat(selector.select(usable(false))).isEqualTo(NodeSelector.NONE);
  }

  @Test
  void theNodeThatChoosesComesFirstAndTheOthersStepIn() {
    NodeSelector selector = balancer.prepare(three, CONFIG);

    assertThat(selector.select(usable(true, true, true), HASH)).isEqualTo(1);
    assertThat(selector.select(usable(false, false, true), HASH)).isEqualTo(2);
    assertThat(selector.select(usable(false, false, false), HASH)).isEqualTo(NodeSelector.NONE);
    assertThat(balancer.prepare(new CandidateTable(0, List.of()), CONFIG).select(usable()))
        .isEqualTo(NodeSelector.NONE);
  }

  @Test
  void decisionIsExplained() {
    NodeSelector selector = balancer.prepare(three, CONFIG);

    RouteExplanation here = selector.explain(usable(true, true, false), HASH);
    RouteExplanation elsewhere = selector.explain(usable(true, false, false), HASH);
    RouteExplanation nowhere = selector.explain(usable(false, false, false), HASH);

    assertThat(here.chosen()).contains(new NodeId("b"));
    assertThat(here.because()).isEqualTo("the node that chooses is usable");
    assertThat(here.candidates())
        .extracting(CandidateScore::excluded)
        .containsExactly(false, false, true);
    assertThat(elsewhere.chosen()).contains(new NodeId("a"));
    assertThat(elsewhere.candidates().get(1).reason())
        .isEqualTo("not usable now, the node that chooses");
    assertThat(nowhere.chosen()).isEmpty();
    assertThat(nowhere.because()).isEqualTo("no node is usable");
  }

  private static Candidate candidate(String node, boolean local) {
    return new Candidate(new NodeId(node), 1, "z", local);
  }

  private static NodeSignals usable(boolean... usable) {
    return new NodeSignals() {
      @Override
      public int size() {
        return usable.length;
      }

      @Override
      public boolean usable(int number) {
        return usable[number];
      }

      @Override
      public int inFlight(int number) {
        return 0;
      }

      @Override
      public long latencyNanos(int number) {
        return -1;
      }

      @Override
      public double cpuPercent(int number) {
        return Double.NaN;
      }

      @Override
      public double memoryPercent(int number) {
        return Double.NaN;
      }

      @Override
      public double diskPercent(int number) {
        return Double.NaN;
      }

      @Override
      public double requestsPerSecond(int number) {
        return Double.NaN;
      }

      @Override
      public double warmth(int number) {
        return 1;
      }
    };
  }
}
