package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Remembers what was decided about plans that nobody asked for, counts it and tells it. What was
 * decided before another node led is told by none. Thread-safe.
 */
final class PlanJournal {

  private static final System.Logger LOG = System.getLogger(PlanJournal.class.getName());
  private static final int MOST = 32;

  /**
   * What it works with.
   *
   * @param self this node
   * @param coordinator knows who leads
   * @param nodes how to ask one certain node
   * @param clock tells the time
   * @param limit how long the answer of the leader may take
   * @param metrics counts
   */
  record Options(
      NodeId self,
      ClusterCoordinator coordinator,
      NodeRequests nodes,
      Clock clock,
      Duration limit,
      Metrics metrics) {}

  private final Options options;
  private final Map<PlanDecision.Verdict, Metrics.Counter> counters =
      new EnumMap<>(PlanDecision.Verdict.class);

  /** The latest first. Guarded by this. */
  private final Deque<PlanDecision> decisions = new ArrayDeque<>();

  /** As it was when this node last looked; 0 where it does not lead. */
  private volatile double imbalance;

  PlanJournal(Options options) {
    this.options = options;
    for (PlanDecision.Verdict verdict : PlanDecision.Verdict.values()) {
      counters.put(
          verdict,
          options.metrics.counter(
              "rebalance.decisions",
              "Changes of what is decided about plans that nobody asked for",
              Map.of("verdict", verdict.name().toLowerCase(Locale.ROOT))));
    }
    decisions.add(
        PlanDecision.of(
            PlanDecision.Verdict.FOLLOWING, "nothing was decided yet", options.clock.instant()));
    options.metrics.gauge(
        "rebalance.imbalance",
        "How far the node furthest off its share of bytes is off, where this node leads",
        Map.of(),
        () -> imbalance);
  }

  synchronized PlanDecision latest() {
    return decisions.getFirst();
  }

  /** Takes what was decided now; the same again only brings the figures up to date. */
  synchronized void note(PlanDecision decision) {
    if (decision.verdict() == PlanDecision.Verdict.FOLLOWING) {
      imbalance = 0;
    } else {
      decision.figures().ifPresent(figures -> imbalance = figures.imbalance());
    }
    PlanDecision before = decisions.getFirst();
    boolean same = before.verdict() == decision.verdict() && before.plan().equals(decision.plan());
    if (same) {
      decisions.removeFirst();
      decisions.addFirst(decision.since(before.since()));
      return;
    }
    decisions.addFirst(decision);
    while (decisions.size() > MOST) {
      decisions.removeLast();
    }
    Metrics.Counter counter = counters.get(decision.verdict());
    if (counter != null) {
      counter.increment();
    }
    LOG.log(
        System.Logger.Level.INFO,
        "plans of the cluster itself: {0}, as {1}",
        decision.verdict().name().toLowerCase(Locale.ROOT),
        decision.because());
  }

  /** Returns what this node decided. */
  synchronized PlanDecisions own() {
    return new PlanDecisions(
        options.self,
        options.coordinator.leadership().leader(),
        decisions.getFirst(),
        List.copyOf(decisions).subList(1, decisions.size()));
  }

  /** Returns what the leader decided, or this node where that does not answer; waits. */
  PlanDecisions all() {
    Optional<NodeId> leader =
        options.coordinator.leadership().leader().filter(node -> !node.equals(options.self));
    if (leader.isEmpty()) {
      return own();
    }
    try {
      return Waiting.on(
              options.nodes.requestAt(
                  leader.get(),
                  Message.query(NodeMoves.DECISIONS, Payload.of(new NodeMoves.DecisionsQuestion()))
                      .timeout(options.limit)
                      .build()),
              options.limit)
          .as(PlanDecisions.class);
    } catch (WarehouseException e) {
      LOG.log(System.Logger.Level.DEBUG, "the leader does not tell what it decided", e);
      return own();
    }
  }
}
