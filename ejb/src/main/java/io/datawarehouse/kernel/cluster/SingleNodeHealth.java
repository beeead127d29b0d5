package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.cluster.HealthReport;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeHealthMonitor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Watch;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The health of a node as itself sees it: who can ask is there. Immutable. */
public final class SingleNodeHealth implements NodeHealthMonitor {

  private final NodeId self;
  private final Clock clock;

  /** Makes the monitor of that node. */
  public SingleNodeHealth(NodeId self, Clock clock) {
    this.self = self;
    this.clock = clock;
  }

  @Override
  public NodeHealth health(NodeId node) {
    return node.equals(self) ? NodeHealth.HEALTHY : NodeHealth.UNKNOWN;
  }

  @Override
  public Optional<HealthReport> report(NodeId node) {
    return node.equals(self) ? Optional.of(ofSelf()) : Optional.empty();
  }

  @Override
  public List<HealthReport> reports() {
    return List.of(ofSelf());
  }

  @Override
  public Optional<String> brake() {
    return Optional.empty();
  }

  /** Never calls the listener: nothing changes as long as somebody can listen. */
  @Override
  public Watch watch(Consumer<HealthReport> listener) {
    return () -> {};
  }

  private HealthReport ofSelf() {
    return new HealthReport(
        self,
        NodeHealth.HEALTHY,
        0,
        Optional.empty(),
        Optional.of(clock.instant()),
        "the node that judges");
  }
}
