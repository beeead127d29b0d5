package io.datawarehouse.kernel.detector;

import io.datawarehouse.sdk.cluster.HealthEvidence;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeLoad;
import io.datawarehouse.testkit.cluster.FakeCluster;
import io.datawarehouse.testkit.kernel.ManualClock;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A monitor whose time the test lets pass, in ticks as they come in a running node. */
final class MonitorFixture {

  static final NodeId SELF = new NodeId("node-0");
  static final NodeLoad CALM = new NodeLoad(20, 30, 40, 1, 2, 3);

  final ManualClock clock = new ManualClock();
  final FakeCluster cluster = new FakeCluster(SELF, clock);
  final RecordingMetrics metrics = new RecordingMetrics();
  final List<NodeId> others;
  final ClusterHealthMonitor monitor;
  volatile NodeLoad ownLoad = CALM;
  private volatile long nanos;

  MonitorFixture(int others) {
    this.others =
        IntStream.rangeClosed(1, others).mapToObj(number -> new NodeId("node-" + number)).toList();
    this.others.forEach(node -> cluster.add(node.value()));
    this.monitor =
        new ClusterHealthMonitor(
            new ClusterHealthMonitor.Options(
                cluster.membership(),
                HealthSettings.standard(),
                () -> ownLoad,
                clock,
                this::nanos,
                metrics));
  }

  long nanos() {
    return nanos;
  }

  /** Lets time pass at one stroke, without a look. */
  void advance(Duration time) {
    clock.advance(time);
    nanos += time.toNanos();
  }

  NodeId node(int number) {
    return others.get(number - 1);
  }

  NodeHealth health(int number) {
    return monitor.health(node(number));
  }

  String reason(int number) {
    return monitor.report(node(number)).orElseThrow().reason();
  }

  /** Lets time pass with a look each tick. */
  void pass(Duration time) {
    Duration left = time;
    while (!left.isZero()) {
      Duration step =
          left.compareTo(ClusterHealthMonitor.TICK) < 0 ? left : ClusterHealthMonitor.TICK;
      advance(step);
      monitor.tick();
      left = left.minus(step);
    }
  }

  void beat(int number) {
    beat(number, 1, CALM);
  }

  void beat(int number, long incarnation, NodeLoad load) {
    monitor.accept(node(number), new HealthEvidence.Heartbeat(incarnation, load));
  }

  /** Lets some time pass in which all but the named nodes say that they are alive. */
  void live(Duration time, Integer... silent) {
    List<Integer> quiet = List.of(silent);
    List<Integer> talking = new ArrayList<>();
    for (int number = 1; number <= others.size(); number++) {
      if (!quiet.contains(number)) {
        talking.add(number);
      }
    }
    Duration beat = HealthSettings.standard().heartbeat();
    for (Duration left = time; !left.isNegative() && !left.isZero(); left = left.minus(beat)) {
      pass(left.compareTo(beat) < 0 ? left : beat);
      talking.forEach(this::beat);
    }
  }
}
