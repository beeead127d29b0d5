package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A plan as the cluster agreed on it. Immutable.
 *
 * @param id its name
 * @param state where it stands
 * @param reason why it stands there, in words; empty where there is nothing to say
 * @param kind the kind of its change
 * @param change what changes, as the kind writes it
 * @param topologyId the version of the entry that it was made against
 * @param moves what moves
 * @param totalBytes how much that is together
 * @param estimatedSeconds how long copying would take at the highest rate
 * @param createdAt when it was made
 * @param createdBy who made it
 * @param changedAt when it came into its state
 * @param since when it was begun
 */
public record RebalancePlan(
    String id,
    PlanState state,
    String reason,
    String kind,
    String change,
    long topologyId,
    List<PlanMove> moves,
    long totalBytes,
    long estimatedSeconds,
    Instant createdAt,
    String createdBy,
    Instant changedAt,
    Optional<Instant> since) {

  /** Checks and copies. */
  public RebalancePlan {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(change, "change");
    moves = List.copyOf(moves);
    Objects.requireNonNull(createdAt, "createdAt");
    Objects.requireNonNull(createdBy, "createdBy");
    Objects.requireNonNull(changedAt, "changedAt");
    Objects.requireNonNull(since, "since");
  }

  /** Returns this plan in another state. */
  RebalancePlan in(PlanState next, String why, Instant now) {
    Optional<Instant> begun =
        since.isPresent() || next != PlanState.RUNNING ? since : Optional.of(now);
    return new RebalancePlan(
        id,
        next,
        why,
        kind,
        change,
        topologyId,
        moves,
        totalBytes,
        estimatedSeconds,
        createdAt,
        createdBy,
        now,
        begun);
  }

  /** Returns this plan for an entry that says the same in a later version. */
  RebalancePlan with(String newChange, long newTopologyId) {
    return new RebalancePlan(
        id,
        state,
        reason,
        kind,
        newChange,
        newTopologyId,
        moves,
        totalBytes,
        estimatedSeconds,
        createdAt,
        createdBy,
        changedAt,
        since);
  }

  /** Returns this plan without certain segments, for a change in which they stay. */
  RebalancePlan without(Set<Integer> segments, String newChange, long newTopologyId, String why) {
    List<PlanMove> left =
        moves.stream().filter(move -> !segments.contains(move.segment())).toList();
    return new RebalancePlan(
        id,
        state,
        why,
        kind,
        newChange,
        newTopologyId,
        left,
        left.stream().mapToLong(PlanMove::bytes).sum(),
        estimatedSeconds,
        createdAt,
        createdBy,
        changedAt,
        since);
  }

  String toText() {
    return new String(Json.write(this), StandardCharsets.UTF_8);
  }

  static RebalancePlan parse(String text) {
    return Json.read(text.getBytes(StandardCharsets.UTF_8), RebalancePlan.class);
  }
}
