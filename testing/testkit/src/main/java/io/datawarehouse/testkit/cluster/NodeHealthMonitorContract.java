package io.datawarehouse.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.HealthReport;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeHealthMonitor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.testkit.contract.Allocations;
import io.datawarehouse.testkit.contract.Crowd;
import io.datawarehouse.testkit.contract.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * What a {@link NodeHealthMonitor} must do, also that of a node which is alone. One that is fed
 * with what is heard of other nodes extends {@link FedHealthMonitorContract}.
 */
public abstract class NodeHealthMonitorContract {

  /** A node that is not known. */
  protected static final NodeId STRANGER = new NodeId("never-heard-of");

  private static final int THREADS = 4;

  /** Returns the monitor under test, of a node that is well; the same object in one test. */
  protected abstract NodeHealthMonitor monitor();

  /** Returns the node whose monitor it is. */
  protected abstract NodeId self();

  /** Returns how long to wait for what has to happen soon; generous, as only a failure needs it. */
  protected Duration soon() {
    return Duration.ofSeconds(30);
  }

  @Test
  void strangerIsUnknown() {
    assertThat(monitor().health(STRANGER)).isEqualTo(NodeHealth.UNKNOWN);
    assertThat(monitor().report(STRANGER)).isEmpty();
    assertThat(monitor().reports()).extracting(HealthReport::node).doesNotContain(STRANGER);
  }

  @Test
  void reportsAreSortedAndHoldTheNodeItself() {
    List<HealthReport> reports = monitor().reports();

    assertThat(reports).extracting(HealthReport::node).contains(self());
    assertThat(reports).extracting(HealthReport::node).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void threeWaysToAskAgree() {
    for (HealthReport report : monitor().reports()) {
      assertThat(monitor().health(report.node())).isEqualTo(report.health());
      HealthReport alone = monitor().report(report.node()).orElseThrow();
      assertThat(alone.node()).isEqualTo(report.node());
      assertThat(alone.health()).isEqualTo(report.health());
      assertThat(report.reason()).isNotBlank();
    }
  }

  @Test
  void askingForHealthCostsNothing() {
    NodeId self = self();

    Allocations.requireNone("health()", i -> monitor().health(i % 2 == 0 ? self : STRANGER));
  }

  @Test
  void nothingIsWrongAtFirst() {
    assertThat(monitor().brake()).isEqualTo(Optional.empty());
  }

  @Test
  void watchCanBeClosedTwice() {
    Watch watch = monitor().watch(report -> {});
    watch.close();
    watch.close();

    assertThat(monitor().report(self())).isPresent();
  }

  @Test
  void manyMayAskAtOnce() {
    List<Boolean> answers =
        Crowd.all(
            THREADS,
            soon(),
            number -> {
              boolean there = true;
              for (int i = 0; i < 1000; i++) {
                there &= monitor().report(self()).isPresent();
                there &= monitor().health(STRANGER) == NodeHealth.UNKNOWN;
              }
              return there;
            });

    assertThat(answers).containsOnly(true);
  }

  /** Waits until that is so, at most {@link #soon()}. */
  protected final void awaitThat(String what, Supplier<Boolean> condition) {
    Eventually.is(what, soon(), condition::get);
  }
}
