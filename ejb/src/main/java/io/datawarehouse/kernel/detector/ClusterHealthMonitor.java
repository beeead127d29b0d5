package io.datawarehouse.kernel.detector;

import io.datawarehouse.kernel.cluster.OrderedListeners;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.HealthEvidence;
import io.datawarehouse.sdk.cluster.HealthReport;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeHealthMonitor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeLoad;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Judges the nodes of a cluster by their heartbeats, by how they answer, by their connections, by
 * what they say of their load, and by what the membership thinks of them. Thread-safe.
 *
 * <p>Time passes for it in {@link #tick()}. What cannot wait is judged at once: a broken
 * connection, a failed request, the first sign of life after a silence. Answers are counted without
 * a lock, and {@link #health} is one look into a map.
 *
 * <p>A silent node is UNHEALTHY first and OFFLINE later, both reversed by the next heartbeat. While
 * more than a set share of the members, this node among them, looks dead, it rather doubts its own
 * ears: none is OFFLINE for silence or a lost connection then, but UNHEALTHY, so that requests
 * still prefer whoever answers. When this node itself stood still, the silence of that time is
 * nobody's fault: whoever was well before is UNKNOWN until it is heard.
 */
public final class ClusterHealthMonitor
    implements NodeHealthMonitor, NodeHealthMonitor.Feed, AutoCloseable {

  /** How often {@link #tick()} should be called. */
  public static final Duration TICK = Duration.ofMillis(200);

  private static final System.Logger LOG = System.getLogger(ClusterHealthMonitor.class.getName());
  private static final long STANDSTILL_NANOS = Duration.ofMillis(1200).toNanos();
  private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();
  private static final int MOST_NAMES = 20;
  private static final long LOAD_COUNTS_NANOS = Duration.ofSeconds(10).toNanos();

  /**
   * What it works with.
   *
   * @param membership who belongs to the cluster
   * @param settings how nodes are judged
   * @param ownLoad how busy this node is, as it says to others
   * @param clock the node's clock, for what is shown
   * @param nanos measures time, as {@link System#nanoTime()} does
   * @param metrics shows the judgements
   */
  public record Options(
      ClusterMembership membership,
      HealthSettings settings,
      Supplier<NodeLoad> ownLoad,
      Clock clock,
      LongSupplier nanos,
      Metrics metrics) {}

  private final ClusterMembership membership;
  private final HealthSettings settings;
  private final Supplier<NodeLoad> ownLoad;
  private final Clock clock;
  private final LongSupplier nanos;
  private final NodeId self;
  private final Map<NodeHealth, Metrics.Counter> changes;
  private final Metrics.Counter standstills;
  private final OrderedListeners<HealthReport> listeners = new OrderedListeners<>();
  private final Map<NodeId, WatchedNode> others = new ConcurrentHashMap<>();
  private final Watch membershipWatch;
  private final Object lock = new Object();

  /** Written under lock. */
  private volatile Judgement ownJudgement = Judgement.SELF;

  /** Written under lock: who looks dead, of how many. */
  private volatile @Nullable String brake;

  // Guarded by lock, as the next three.
  private final Busyness busyness;
  private long lastTick;
  private long secondBegan;
  private long knownTopology = -1;

  /** Makes a monitor of the members that are known now, and of whoever comes. */
  public ClusterHealthMonitor(Options options) {
    this.membership = options.membership();
    this.settings = options.settings();
    this.ownLoad = options.ownLoad();
    this.clock = options.clock();
    this.nanos = options.nanos();
    this.self = membership.localNodeId();
    this.busyness = new Busyness(settings.overload());
    this.changes = new ConcurrentHashMap<>();
    this.lastTick = nanos.getAsLong();
    this.secondBegan = lastTick;
    Metrics metrics = options.metrics();
    this.standstills =
        metrics.counter(
            "cluster.health.standstills",
            "Times that this node stood still and forgave the silence of others",
            Map.of());
    show(metrics);
    synchronized (lock) {
      follow(lastTick);
    }
    this.membershipWatch = membership.watch(change -> judgeAll());
  }

  private void show(Metrics metrics) {
    for (NodeHealth health : NodeHealth.values()) {
      Map<String, String> tags = Map.of("health", health.name().toLowerCase(Locale.ROOT));
      changes.put(
          health,
          metrics.counter("cluster.health.changes", "Judgements that became another", tags));
      metrics.gauge(
          "cluster.health.nodes", "Nodes by how healthy they are", tags, () -> count(health));
    }
    metrics.gauge(
        "cluster.health.brake",
        "Whether so many nodes look dead that none is removed",
        Map.of(),
        () -> brake == null ? 0 : 1);
  }

  private long count(NodeHealth health) {
    return others.values().stream().filter(node -> node.judgement.health() == health).count()
        + (ownJudgement.health() == health ? 1 : 0);
  }

  // ---- asking --------------------------------------------------------------------------------

  @Override
  public NodeHealth health(NodeId node) {
    WatchedNode watched = others.get(node);
    if (watched != null) {
      return watched.judgement.health();
    }
    return node.equals(self) ? ownJudgement.health() : NodeHealth.UNKNOWN;
  }

  @Override
  public Optional<HealthReport> report(NodeId node) {
    synchronized (lock) {
      WatchedNode watched = others.get(node);
      if (watched != null) {
        return Optional.of(reportOf(watched, nanos.getAsLong()));
      }
      return node.equals(self) ? Optional.of(reportOfSelf()) : Optional.empty();
    }
  }

  @Override
  public List<HealthReport> reports() {
    List<HealthReport> reports = new ArrayList<>();
    synchronized (lock) {
      long now = nanos.getAsLong();
      others.values().forEach(node -> reports.add(reportOf(node, now)));
      reports.add(reportOfSelf());
    }
    reports.sort(Comparator.comparing(HealthReport::node));
    return List.copyOf(reports);
  }

  @Override
  public Optional<String> brake() {
    return Optional.ofNullable(brake);
  }

  @Override
  public Watch watch(Consumer<HealthReport> listener) {
    return listeners.watch(listener);
  }

  private HealthReport reportOf(WatchedNode node, long now) {
    Instant heard = clock.instant().minusNanos(node.wasHeard() ? node.notHeardFor(now) : 0);
    return new HealthReport(
        node.id,
        node.judgement.health(),
        node.suspicion(now),
        Optional.ofNullable(node.loadWithin(LOAD_COUNTS_NANOS, now)),
        node.wasHeard() ? Optional.of(heard) : Optional.empty(),
        node.reason(now));
  }

  private HealthReport reportOfSelf() {
    return new HealthReport(
        self,
        ownJudgement.health(),
        0,
        Optional.of(ownLoad.get()),
        Optional.of(clock.instant()),
        ownJudgement == Judgement.SELF
            ? "the node that judges"
            : "the node that judges, with no room left");
  }

  // ---- evidence ------------------------------------------------------------------------------

  @Override
  public void accept(NodeId node, HealthEvidence evidence) {
    WatchedNode watched = others.get(node);
    if (watched == null) {
      return;
    }
    if (evidence instanceof HealthEvidence.Answered answered) {
      answered(watched, answered.latency());
    } else if (evidence instanceof HealthEvidence.Failed failed) {
      failed(watched, failed.detail());
    } else if (evidence instanceof HealthEvidence.Heartbeat heartbeat) {
      beat(watched, heartbeat);
    } else if (evidence instanceof HealthEvidence.Lost lost) {
      synchronized (lock) {
        watched.lose(lost.detail());
      }
      judgeAll();
    }
  }

  private void answered(WatchedNode node, Duration latency) {
    node.answers.answered(latency.toNanos());
    node.hear(nanos.getAsLong());
    if (node.judgement.waitsForASign()) {
      judgeAll();
    }
  }

  private void failed(WatchedNode node, String detail) {
    node.answers.failed();
    synchronized (lock) {
      node.fail(detail);
      judge(node, nanos.getAsLong());
    }
    listeners.tell();
  }

  private void beat(WatchedNode node, HealthEvidence.Heartbeat heartbeat) {
    boolean back;
    synchronized (lock) {
      long now = nanos.getAsLong();
      back = node.judgement.waitsForASign();
      if (!node.beat(heartbeat, now)) {
        return;
      }
      judge(node, now);
    }
    if (back) {
      judgeAll();
    }
    listeners.tell();
  }

  // ---- judging -------------------------------------------------------------------------------

  /** Lets time pass: to be called every {@link #TICK} or so, by one thread at a time. */
  public void tick() {
    synchronized (lock) {
      long now = nanos.getAsLong();
      long passed = now - lastTick;
      lastTick = now;
      if (passed >= STANDSTILL_NANOS) {
        forgive(passed, now);
      }
      while (now - secondBegan >= SECOND_NANOS) {
        secondBegan = Math.max(secondBegan + SECOND_NANOS, now - 60 * SECOND_NANOS);
        others.values().forEach(node -> node.answers.nextSecond());
      }
    }
    judgeAll();
  }

  private void forgive(long passed, long now) {
    standstills.increment();
    LOG.log(
        System.Logger.Level.WARNING,
        "node {0} stood still for {1} ms; what others did not say meanwhile does not count",
        self,
        passed / 1_000_000);
    others.values().forEach(node -> node.forgive(now));
  }

  private void judgeAll() {
    synchronized (lock) {
      long now = nanos.getAsLong();
      follow(now);
      pullOrRelease(now);
      others.values().forEach(node -> judge(node, now));
      judgeSelf();
    }
    listeners.tell();
  }

  /** Takes over who belongs to the cluster. */
  private void follow(long now) {
    ClusterView view = membership.view();
    if (view.topologyId() == knownTopology) {
      return;
    }
    knownTopology = view.topologyId();
    Set<NodeId> known = new HashSet<>();
    for (ClusterNode node : view.nodes()) {
      if (!node.id().equals(self)) {
        known.add(node.id());
        others
            .computeIfAbsent(
                node.id(), id -> new WatchedNode(id, settings, node.state(), node.reason(), now))
            .be(node.state(), node.reason(), node.incarnation(), now);
      }
    }
    others.keySet().retainAll(known);
  }

  private void pullOrRelease(long now) {
    // This node too: of two, one is no more than half.
    int members = 1;
    List<NodeId> dead = new ArrayList<>();
    for (WatchedNode node : others.values()) {
      if (node.member()) {
        members++;
        if (node.looksDead(now)) {
          dead.add(node.id);
        }
      }
    }
    boolean pulled = dead.size() > settings.brakeShare() * members;
    if (!pulled && brake != null) {
      LOG.log(System.Logger.Level.INFO, "node {0} releases the brake", self);
      brake = null;
    } else if (pulled) {
      String why =
          "%d of %d nodes look dead at once: none is removed for that"
              .formatted(dead.size(), members);
      if (brake == null) {
        // Names in the log alone: health is told to whoever asks.
        LOG.log(
            System.Logger.Level.WARNING,
            "node {0} pulls the brake: {1} ({2})",
            self,
            why,
            names(dead));
      }
      brake = why;
    }
  }

  private static String names(List<NodeId> nodes) {
    String names =
        nodes.stream()
            .sorted()
            .limit(MOST_NAMES)
            .map(NodeId::value)
            .collect(Collectors.joining(", "));
    return nodes.size() <= MOST_NAMES
        ? names
        : names + " and " + (nodes.size() - MOST_NAMES) + " more";
  }

  private void judge(WatchedNode node, long now) {
    Judgement before = node.judgement;
    Judgement after = node.judge(now, brake != null);
    node.judgement = after;
    if (before.health() != after.health()) {
      changed(before.health(), reportOf(node, now));
    }
  }

  private void judgeSelf() {
    Judgement before = ownJudgement;
    Judgement after = busyness.with(ownLoad.get()) ? Judgement.SELF_BUSY : Judgement.SELF;
    ownJudgement = after;
    if (before != after) {
      changed(before.health(), reportOfSelf());
    }
  }

  private void changed(NodeHealth before, HealthReport report) {
    Metrics.Counter counter = changes.get(report.health());
    if (counter != null) {
      counter.increment();
    }
    LOG.log(
        report.health().usable() ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
        "node {0} holds node {1} for {2}, before for {3}: {4}",
        self,
        report.node(),
        report.health(),
        before,
        report.reason());
    listeners.add(report);
  }

  /** Stops following the membership. */
  @Override
  public void close() {
    membershipWatch.close();
  }
}
