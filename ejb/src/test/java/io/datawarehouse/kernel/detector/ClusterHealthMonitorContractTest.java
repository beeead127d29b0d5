package io.datawarehouse.kernel.detector;

import io.datawarehouse.sdk.cluster.NodeHealthMonitor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.cluster.FedHealthMonitorContract;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

class ClusterHealthMonitorContractTest extends FedHealthMonitorContract {

  private final MonitorFixture fixture = new MonitorFixture(9);

  @Override
  protected NodeHealthMonitor monitor() {
    return fixture.monitor;
  }

  @Override
  protected NodeHealthMonitor.Feed feed() {
    return fixture.monitor;
  }

  @Override
  protected NodeId self() {
    return MonitorFixture.SELF;
  }

  @Override
  protected List<NodeId> others() {
    return fixture.others;
  }

  @Override
  protected void advance(Duration by) {
    fixture.pass(by);
  }

  @Override
  protected Instant now() {
    return fixture.clock.instant();
  }

  @Override
  protected Duration beat() {
    return HealthSettings.standard().heartbeat();
  }

  @Override
  protected Duration longSilence() {
    return Duration.ofSeconds(20);
  }
}
