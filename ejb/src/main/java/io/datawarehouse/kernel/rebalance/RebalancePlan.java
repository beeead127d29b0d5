package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.sdk.blob.BucketName;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A plan as the cluster agreed on it. Immutable.
 *
 * <p>Each entry that it replaces is a part of it: the table of segments, and the maps of buckets
 * whose own segments move. Parts come true one after the other, each at one stroke; what of the
 * plan is in force by then stays so when a later part cannot be done.
 *
 * @param id its name
 * @param state where it stands
 * @param reason why it stands there, in words; empty where there is nothing to say
 * @param kind the kind of the change that is under way
 * @param change what that changes, as the kind writes it
 * @param topologyId the version of the entry that it was made against
 * @param moves what moves, in all parts
 * @param totalBytes how much that is together
 * @param estimatedSeconds how long copying would take at the highest rate
 * @param createdAt when it was made
 * @param createdBy who made it
 * @param changedAt when it came into its state
 * @param since when it was begun
 * @param part which part is under way, counted from 0; empty for the first
 * @param later the parts that come after it
 * @param stays what ought to move and does not
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
    Optional<Instant> since,
    OptionalInt part,
    List<Part> later,
    List<PlanStay> stays) {

  /** Stands between a plan's name and the number of a part; in no name of a plan. */
  private static final char PART = '+';

  /**
   * What becomes true at one stroke. Immutable.
   *
   * @param kind the kind of its change
   * @param change what changes, as the kind writes it
   */
  public record Part(String kind, String change) {}

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
    Objects.requireNonNull(part, "part");
    later = List.copyOf(later);
    stays = List.copyOf(stays);
  }

  /** Returns which part is under way, counted from 0. */
  public int number() {
    return part.orElse(0);
  }

  /** Returns how many parts it has. */
  public int parts() {
    return number() + 1 + later.size();
  }

  /** Returns the name of the work for the part that is under way, which no other part shares. */
  String work() {
    return number() == 0 ? id : id + PART + number();
  }

  /** Returns the plan that a work is of. */
  static String idOf(String work) {
    int end = work.lastIndexOf(PART);
    return end < 0 ? work : work.substring(0, end);
  }

  /** Returns this plan in another state. */
  RebalancePlan in(PlanState next, String why, Instant now) {
    Optional<Instant> begun =
        since.isPresent() || next != PlanState.RUNNING ? since : Optional.of(now);
    boolean partly = (next == PlanState.FAILED || next == PlanState.ABORTED) && number() > 0;
    String told = number() + " of " + parts() + " parts are in force";
    return new RebalancePlan(
        id,
        next,
        partly ? (why.isEmpty() ? told : why + "; " + told) : why,
        kind,
        change,
        topologyId,
        moves,
        totalBytes,
        estimatedSeconds,
        createdAt,
        createdBy,
        now,
        begun,
        part,
        later,
        stays);
  }

  /** Returns this plan for an entry in a later version. */
  RebalancePlan with(String newChange, long newTopologyId) {
    return with(kind, newChange, newTopologyId, part, later);
  }

  /** Returns this plan with the next of its parts under way. */
  RebalancePlan next(OwnershipChange first) {
    return with(
        first.kind(),
        first.toText(),
        first.expected(),
        OptionalInt.of(number() + 1),
        later.subList(1, later.size()));
  }

  private RebalancePlan with(
      String newKind,
      String newChange,
      long newTopologyId,
      OptionalInt newPart,
      List<Part> newLater) {
    return new RebalancePlan(
        id,
        state,
        reason,
        newKind,
        newChange,
        newTopologyId,
        moves,
        totalBytes,
        estimatedSeconds,
        createdAt,
        createdBy,
        changedAt,
        since,
        newPart,
        newLater,
        stays);
  }

  /**
   * Returns this plan without certain segments of the part that is under way.
   *
   * @param bucket whose own segments these are; empty for segments of the cluster
   * @param rest what is left of the part
   */
  RebalancePlan without(
      Optional<BucketName> bucket, Set<Integer> segments, OwnershipChange rest, String why) {
    List<PlanMove> left =
        moves.stream()
            .filter(move -> !move.bucket().equals(bucket) || !segments.contains(move.segment()))
            .toList();
    return new RebalancePlan(
        id,
        state,
        why,
        kind,
        rest.toText(),
        rest.expected(),
        left,
        left.stream().mapToLong(PlanMove::bytes).sum(),
        estimatedSeconds,
        createdAt,
        createdBy,
        changedAt,
        since,
        part,
        later,
        stays);
  }

  String toText() {
    return new String(Json.write(this), StandardCharsets.UTF_8);
  }

  static RebalancePlan parse(String text) {
    return Json.read(text.getBytes(StandardCharsets.UTF_8), RebalancePlan.class);
  }
}
