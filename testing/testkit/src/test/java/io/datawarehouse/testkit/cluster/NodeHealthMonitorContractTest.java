package io.datawarehouse.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.HealthEvidence;
import io.datawarehouse.sdk.cluster.HealthReport;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.contract.BrokenContracts;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The contract notices what monitors do wrong. */
class NodeHealthMonitorContractTest {

  /** Makes a broken monitor. */
  private interface Maker {
    SampleMonitor make(NodeId self, Collection<NodeId> others, Clock clock);
  }

  private static Maker maker = SampleMonitor::new;

  static class OfBroken extends SampleMonitorContractTest {
    @Override
    SampleMonitor make(NodeId self, Collection<NodeId> others, Clock clock) {
      return maker.make(self, others, clock);
    }

    @Override
    protected Duration soon() {
      return Duration.ofSeconds(2);
    }
  }

  @Test
  void healthOfWhomNobodyHeardIsNoticed() {
    assertThat(
            failures(
                (self, others, clock) ->
                    new SampleMonitor(self, others, clock) {
                      @Override
                      NodeHealth ofNeverHeard() {
                        return NodeHealth.HEALTHY;
                      }
                    }))
        .contains("nodeThatWasNeverHeardIsUnknown");
  }

  @Test
  void missingBrakeIsNoticed() {
    assertThat(
            failures(
                (self, others, clock) ->
                    new SampleMonitor(self, others, clock) {
                      @Override
                      boolean brakes(long silent, int all) {
                        return false;
                      }
                    }))
        .containsExactly("brakeIsPulledWhenAllSeemDeadAtOnceAndReleasedAfterwards");
  }

  @Test
  void brakeThatIsPulledForOneNodeIsNoticed() {
    assertThat(
            failures(
                (self, others, clock) ->
                    new SampleMonitor(self, others, clock) {
                      @Override
                      boolean brakes(long silent, int all) {
                        return silent > 0;
                      }
                    }))
        .containsExactly("nodeThatFallsSilentIsNotUsedAnyMore");
  }

  @Test
  void nodeThatIsGivenUpForEverIsNoticed() {
    assertThat(
            failures(
                (self, others, clock) ->
                    new SampleMonitor(self, others, clock) {
                      private final Set<NodeId> givenUp = new HashSet<>();

                      @Override
                      public synchronized void accept(NodeId node, HealthEvidence evidence) {
                        if (health(node) == NodeHealth.OFFLINE) {
                          givenUp.add(node);
                        }
                        if (!givenUp.contains(node)) {
                          super.accept(node, evidence);
                        }
                      }
                    }))
        .contains(
            "nodeThatComesBackIsUsedAgain",
            "nodeThatComesBackInAnotherRunIsUsedAgain",
            "nodeWhoseConnectionBrokeIsNotHealthyUntilItIsHeardAgain");
  }

  @Test
  void laterRunThatIsNotHeardIsNoticed() {
    assertThat(
            failures(
                (self, others, clock) ->
                    new SampleMonitor(self, others, clock) {
                      @Override
                      public synchronized void accept(NodeId node, HealthEvidence evidence) {
                        if (!(evidence instanceof HealthEvidence.Heartbeat beat)
                            || beat.incarnation() == 1) {
                          super.accept(node, evidence);
                        }
                      }
                    }))
        .containsExactly("nodeThatComesBackInAnotherRunIsUsedAgain");
  }

  @Test
  void failuresThatDoNotCountAreNoticed() {
    assertThat(
            failures(
                (self, others, clock) ->
                    new SampleMonitor(self, others, clock) {
                      @Override
                      public synchronized void accept(NodeId node, HealthEvidence evidence) {
                        if (!(evidence instanceof HealthEvidence.Failed)) {
                          super.accept(node, evidence);
                        }
                      }
                    }))
        .containsExactly("nodeThatFailsEveryRequestIsNotHealthyThoughItIsAlive");
  }

  @Test
  void judgementThatIsNotToldIsNoticed() {
    assertThat(
            failures(
                (self, others, clock) ->
                    new SampleMonitor(self, others, clock) {
                      @Override
                      void tell(HealthReport report) {
                        if (report.health() == NodeHealth.HEALTHY) {
                          super.tell(report);
                        }
                      }
                    }))
        .containsExactly("listenerHearsOfChangedJudgementsUntilItIsTakenOff");
  }

  @Test
  void unsortedReportsAreNoticed() {
    assertThat(
            failures(
                (self, others, clock) ->
                    new SampleMonitor(self, others, clock) {
                      @Override
                      public List<HealthReport> reports() {
                        List<HealthReport> reversed = new ArrayList<>(super.reports());
                        Collections.reverse(reversed);
                        return reversed;
                      }
                    }))
        .containsExactly("reportsAreSortedAndHoldTheNodeItself");
  }

  @Test
  void knownStrangerIsNoticed() {
    assertThat(
            failures(
                (self, others, clock) ->
                    new SampleMonitor(self, others, clock) {
                      @Override
                      public NodeHealth health(NodeId node) {
                        return report(node).map(HealthReport::health).orElse(NodeHealth.HEALTHY);
                      }

                      @Override
                      public Optional<String> brake() {
                        return Optional.of("always");
                      }
                    }))
        .contains("strangerIsUnknown", "evidenceOnAStrangerIsIgnored", "nothingIsWrongAtFirst");
  }

  private static Set<String> failures(Maker broken) {
    maker = broken;
    return BrokenContracts.failuresOf(OfBroken.class);
  }
}
