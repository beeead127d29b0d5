package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.coordination.Outcome;
import io.datawarehouse.sdk.metric.Metrics;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What the coordinator counts. Thread-safe. */
final class CoordinatorMeter {

  private final Metrics.Timer time;
  private final Metrics.Counter applied;
  private final Metrics.Counter lost;
  private final Metrics.Counter full;
  private final Metrics.Counter failed;
  private final Metrics.Counter reads;
  private final Metrics.Counter elections;
  private final Metrics.Counter elected;
  private final Metrics.Counter foreign;
  private final Metrics.Counter logFailures;
  private final Metrics.Counter logRecoveries;

  CoordinatorMeter(Metrics metrics, Supplier<CoordinatorStatus> status) {
    time =
        metrics.timer(
            "cluster.coordinator.proposal.seconds",
            "Time until a proposal had its answer",
            Map.of());
    applied = outcome(metrics, "applied");
    lost = outcome(metrics, "conflict");
    full = outcome(metrics, "full");
    failed = outcome(metrics, "failed");
    reads =
        metrics.counter("cluster.coordinator.reads.latest", "Reads through the leader", Map.of());
    elections =
        metrics.counter("cluster.coordinator.elections", "Elections this node held", Map.of());
    elected =
        metrics.counter("cluster.coordinator.elected", "Times this node came to lead", Map.of());
    foreign =
        metrics.counter(
            "cluster.coordinator.foreign", "Messages of another group that were refused", Map.of());
    logFailures =
        metrics.counter("cluster.coordinator.log.failures", "Times that the log failed", Map.of());
    logRecoveries =
        metrics.counter(
            "cluster.coordinator.log.recoveries",
            "Times that the log worked again without a restart",
            Map.of());
    gauge(metrics, status, "term", "Term of the log", is -> is.leadership().term());
    gauge(
        metrics,
        status,
        "available",
        "Whether a leader with a majority is in touch",
        is -> is.leadership().available() ? 1 : 0);
    gauge(metrics, status, "voters", "Nodes that have a vote", is -> is.voters().size());
    gauge(
        metrics,
        status,
        "applied.index",
        "Place in the log up to which it is applied",
        is -> is.applied().index());
    gauge(metrics, status, "entries", "Entries in the registries", CoordinatorStatus::entries);
    gauge(
        metrics,
        status,
        "log.bytes",
        "Size of the log since the last snapshot",
        CoordinatorStatus::logBytes);
    gauge(
        metrics,
        status,
        "failed",
        "Whether the log failed and does not work yet",
        is -> is.fault().isPresent() ? 1 : 0);
  }

  private static Metrics.Counter outcome(Metrics metrics, String outcome) {
    return metrics.counter(
        "cluster.coordinator.proposals", "Proposals of this node", Map.of("outcome", outcome));
  }

  private static void gauge(
      Metrics metrics,
      Supplier<CoordinatorStatus> status,
      String name,
      String help,
      ToDoubleFunction<CoordinatorStatus> value) {
    metrics.gauge(
        "cluster.coordinator." + name, help, Map.of(), () -> value.applyAsDouble(status.get()));
  }

  void proposed(@Nullable Outcome outcome, long nanos) {
    time.record(nanos);
    if (outcome instanceof Outcome.Judged judged) {
      (judged.result().applied() ? applied : lost).increment();
    } else if (outcome instanceof Outcome.Marked) {
      reads.increment();
    } else if (outcome instanceof Outcome.Full) {
      full.increment();
    } else {
      failed.increment();
    }
  }

  void election() {
    elections.increment();
  }

  void elected() {
    elected.increment();
  }

  void logFailed() {
    logFailures.increment();
  }

  void logRecovered() {
    logRecoveries.increment();
  }

  void foreign() {
    foreign.increment();
  }
}
