package io.datawarehouse.testkit.cluster;

import io.datawarehouse.sdk.cluster.NodeHealthMonitor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

class SampleMonitorContractTest extends FedHealthMonitorContract {

  private static final NodeId SELF = new NodeId("self");

  private final ManualClock clock = new ManualClock();
  private final List<NodeId> others =
      IntStream.range(0, 9).mapToObj(i -> new NodeId("node-" + i)).toList();
  private final SampleMonitor monitor = make(SELF, others, clock);

  /** Makes a monitor; those that break the contract make others. */
  SampleMonitor make(NodeId self, Collection<NodeId> nodes, Clock time) {
    return new SampleMonitor(self, nodes, time);
  }

  @Override
  protected NodeHealthMonitor monitor() {
    return monitor;
  }

  @Override
  protected NodeId self() {
    return SELF;
  }

  @Override
  protected NodeHealthMonitor.Feed feed() {
    return monitor;
  }

  @Override
  protected List<NodeId> others() {
    return others;
  }

  @Override
  protected void advance(Duration by) {
    clock.advance(by);
    monitor.look();
  }

  @Override
  protected Instant now() {
    return clock.instant();
  }
}
