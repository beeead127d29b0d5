package io.datawarehouse.testkit.cluster;

import io.datawarehouse.sdk.cluster.HealthEvidence;
import io.datawarehouse.sdk.cluster.HealthReport;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeHealthMonitor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeLoad;
import io.datawarehouse.sdk.cluster.Watch;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Judges by silence and by failures in a row; looks at the clock when told to. Thread-safe. */
class SampleMonitor implements NodeHealthMonitor, NodeHealthMonitor.Feed {

  private static final Duration TOO_LONG = Duration.ofSeconds(10);
  private static final int TOO_MANY = 5;

  private static final class Heard {
    Optional<NodeLoad> load = Optional.empty();
    Optional<Instant> last = Optional.empty();
    Optional<String> lost = Optional.empty();
    int failures;
  }

  private final NodeId self;
  private final Clock clock;
  private final Map<NodeId, Heard> heard = new TreeMap<>();
  private final Map<NodeId, HealthReport> reports = new ConcurrentHashMap<>();
  private final List<Consumer<HealthReport>> listeners = new CopyOnWriteArrayList<>();
  private volatile Optional<String> brake = Optional.empty();

  SampleMonitor(NodeId self, Collection<NodeId> others, Clock clock) {
    this.self = self;
    this.clock = clock;
    others.forEach(node -> heard.put(node, new Heard()));
    look();
  }

  @Override
  public synchronized void accept(NodeId node, HealthEvidence evidence) {
    Heard known = heard.get(node);
    if (known == null) {
      return;
    }
    if (evidence instanceof HealthEvidence.Lost lost) {
      known.lost = Optional.of(lost.detail());
    } else if (evidence instanceof HealthEvidence.Failed) {
      known.failures++;
    } else {
      known.last = Optional.of(clock.instant());
      known.lost = Optional.empty();
      if (evidence instanceof HealthEvidence.Heartbeat beat) {
        known.load = Optional.of(beat.load());
      } else {
        known.failures = 0;
      }
    }
    look();
  }

  /** Judges all anew. */
  final synchronized void look() {
    long silent = heard.values().stream().filter(this::silent).count();
    brake =
        brakes(silent, heard.size())
            ? Optional.of(silent + " of " + heard.size() + " nodes are silent at once")
            : Optional.empty();
    judge(self, NodeHealth.HEALTHY, new Heard(), "the node that judges");
    heard.forEach((node, known) -> judge(node, healthOf(known), known, reasonOf(known)));
  }

  /** Returns whether so many silent nodes are no reason to give any up. */
  boolean brakes(long silent, int all) {
    return 2 * silent > all;
  }

  private boolean silent(Heard known) {
    return known.last.isPresent()
        && Duration.between(known.last.get(), clock.instant()).compareTo(TOO_LONG) > 0;
  }

  private NodeHealth healthOf(Heard known) {
    if (known.lost.isPresent()) {
      return NodeHealth.OFFLINE;
    }
    if (known.last.isEmpty()) {
      return ofNeverHeard();
    }
    if (silent(known)) {
      return brake.isPresent() ? NodeHealth.UNKNOWN : NodeHealth.OFFLINE;
    }
    return known.failures >= TOO_MANY ? NodeHealth.UNHEALTHY : NodeHealth.HEALTHY;
  }

  NodeHealth ofNeverHeard() {
    return NodeHealth.UNKNOWN;
  }

  private static String reasonOf(Heard known) {
    return known.lost.orElseGet(
        () -> known.last.map(time -> "last heard at " + time).orElse("never heard"));
  }

  private void judge(NodeId node, NodeHealth health, Heard known, String reason) {
    HealthReport before = reports.get(node);
    HealthReport report = new HealthReport(node, health, 0, known.load, known.last, reason);
    reports.put(node, report);
    if (before != null && before.health() != health) {
      tell(report);
    }
  }

  void tell(HealthReport report) {
    for (Consumer<HealthReport> listener : listeners) {
      try {
        listener.accept(report);
      } catch (RuntimeException e) {
        System.getLogger(SampleMonitor.class.getName())
            .log(System.Logger.Level.DEBUG, "a listener failed", e);
      }
    }
  }

  @Override
  public NodeHealth health(NodeId node) {
    HealthReport report = reports.get(node);
    return report == null ? NodeHealth.UNKNOWN : report.health();
  }

  @Override
  public Optional<HealthReport> report(NodeId node) {
    return Optional.ofNullable(reports.get(node));
  }

  @Override
  public List<HealthReport> reports() {
    return List.copyOf(new TreeMap<>(reports).values());
  }

  @Override
  public Optional<String> brake() {
    return brake;
  }

  @Override
  public Watch watch(Consumer<HealthReport> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
