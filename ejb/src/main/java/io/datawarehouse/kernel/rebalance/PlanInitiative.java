package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.kernel.rebalance.PlanDecision.Verdict;
import io.datawarehouse.kernel.sharding.ShardOwnership;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes and starts plans without being asked, where nodes hold far more or less than their share.
 * Only where this node leads, where the cluster may act by itself, while all is quiet, and not too
 * often. Called by one thread at a time; blocks.
 *
 * <p>What it goes by is agreed on or seen by every leader: the plans that there were, with their
 * times. Only how long it leads is a node's own, and with every change of that it waits anew.
 */
final class PlanInitiative {

  /** Under which name it makes plans. */
  static final String NAME = "the cluster itself";

  /** How long a node must have been there before it is given something. */
  private static final Duration SETTLED = Duration.ofSeconds(10);

  /** How often it looks how much nodes hold. */
  private static final Duration LOOK = Duration.ofSeconds(10);

  /** After a plan that could not be made it need not wait for longer than that. */
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(5);

  private static final long NOT_KNOWN = -1;

  /** For so many intervals a segment stays where it was brought. */
  private static final int REST = 4;

  /**
   * What it works with.
   *
   * @param membership who is there
   * @param coordinator knows who leads
   * @param ownership who owns what
   * @param plans the plans
   * @param office makes plans
   * @param clock tells the time
   * @param rules when plans may be made
   * @param journal is told what was decided
   */
  record Options(
      ClusterMembership membership,
      ClusterCoordinator coordinator,
      ShardOwnership ownership,
      AgreedPlans plans,
      RebalanceOffice office,
      Clock clock,
      Rebalancing.Rules rules,
      PlanJournal journal) {}

  private final Options options;

  /** Since when this node leads, and in which term; null while it does not. */
  private @Nullable Reign reign;

  /** When it last looked how much nodes hold, and when it last could not make a plan. */
  private Instant lookedAt = Instant.MIN;

  private Instant refusedAt = Instant.MIN;

  private record Reign(long term, Instant since) {}

  PlanInitiative(Options options) {
    this.options = options;
  }

  /** Makes and starts a plan where one is due. */
  void act() {
    decide().ifPresent(options.journal::note);
  }

  /** Returns what is decided; empty where it has just looked and nothing else is to be said. */
  private Optional<PlanDecision> decide() {
    Optional<PlanDecision> held = mayNot().or(this::notNow);
    if (held.isPresent()) {
      lookedAt = Instant.MIN;
      return held;
    }
    Instant now = options.clock.instant();
    if (isWithin(lookedAt, LOOK, now)) {
      return Optional.empty();
    }
    lookedAt = now;
    return Optional.of(look());
  }

  private PlanDecision decision(Verdict verdict, String because) {
    return PlanDecision.of(verdict, because, options.clock.instant());
  }

  // ---- whether it may --------------------------------------------------------------------------

  private Optional<PlanDecision> mayNot() {
    Leadership leadership = options.coordinator.leadership();
    Instant now = options.clock.instant();
    if (!leadership.leads(options.membership.localNodeId()) || !leadership.available()) {
      reign = null;
      return Optional.of(
          decision(
              Verdict.FOLLOWING,
              leadership
                  .leader()
                  .map(leader -> "node " + leader + " leads and decides")
                  .orElse("nobody leads")));
    }
    Reign before = reign;
    if (before == null || before.term != leadership.term() || before.since.isAfter(now)) {
      reign = new Reign(leadership.term(), now);
    }
    if (!options.rules.allowed().getAsBoolean()) {
      return Optional.of(decision(Verdict.MANUAL, "the mode is manual: a person decides"));
    }
    return options
        .plans
        .active()
        .map(
            agreed ->
                decision(Verdict.RUNNING, "plan " + agreed.plan().id() + " runs")
                    .about(agreed.plan().id()));
  }

  private Optional<PlanDecision> notNow() {
    return braked().or(this::unsettled).or(this::tooEarly);
  }

  private Optional<PlanDecision> braked() {
    return options.rules.brake().get().map(why -> decision(Verdict.BRAKED, why));
  }

  private Optional<PlanDecision> unsettled() {
    Optional<SegmentTable> table = options.ownership.table();
    if (table.isEmpty()) {
      return Optional.of(
          decision(Verdict.UNSETTLED, "the cluster has not agreed on who owns which segment"));
    }
    List<String> troubles = new ArrayList<>();
    Set<NodeId> owners = new TreeSet<>(table.get().nodes());
    for (ClusterNode node : options.membership.view().nodes()) {
      boolean owns = owners.remove(node.id());
      trouble(node, owns).ifPresent(troubles::add);
    }
    owners.forEach(node -> troubles.add("node " + node + ", which owns segments, is not known"));
    return troubles.isEmpty()
        ? Optional.empty()
        : Optional.of(decision(Verdict.UNSETTLED, String.join("; ", troubles)));
  }

  private Optional<String> trouble(ClusterNode node, boolean owns) {
    return switch (node.state()) {
      case SUSPECT, DRAINING -> Optional.of("node " + node.id() + " is " + node.state().name());
      case DEAD, LEFT, JOINING ->
          owns
              ? Optional.of(
                  "node " + node.id() + ", which owns segments, is " + node.state().name())
              : Optional.empty();
      case ACTIVE ->
          isWithin(node.since(), SETTLED, options.clock.instant())
              ? Optional.of("node " + node.id() + " has only just come")
              : Optional.empty();
    };
  }

  private Optional<PlanDecision> tooEarly() {
    Duration interval = options.rules.interval().get();
    Reign now = reign;
    return now == null
        ? Optional.empty()
        : waiting(now.since, interval, "this node has led since then")
            .or(() -> waiting(lastEnd(), interval, "the last plan ended then"))
            .or(() -> waiting(refusedAt, shorter(interval), "a plan could not be made then"));
  }

  private Optional<PlanDecision> waiting(Instant from, Duration interval, String why) {
    return isWithin(from, interval, options.clock.instant())
        ? Optional.of(
            decision(Verdict.WAITING, "%s is not over since %s: %s".formatted(interval, from, why))
                .until(from.plus(interval)))
        : Optional.empty();
  }

  private static Duration shorter(Duration interval) {
    return interval.compareTo(LONGEST_RETRY) < 0 ? interval : LONGEST_RETRY;
  }

  /**
   * A time that has not come yet is one by a clock that is ahead a little; one that is far off is
   * of no use, as clocks are set.
   */
  private static boolean isWithin(Instant from, Duration time, Instant now) {
    return !from.equals(Instant.MIN)
        && from.plus(time).isAfter(now)
        && from.minus(time).isBefore(now);
  }

  /** When the last plan ended that was begun, whoever made it. */
  private Instant lastEnd() {
    return options.plans.all().stream()
        .map(AgreedPlans.Agreed::plan)
        .filter(plan -> plan.state().finished() && plan.since().isPresent())
        .map(RebalancePlan::changedAt)
        .max(Instant::compareTo)
        .orElse(Instant.MIN);
  }

  // ---- whether there is a reason ---------------------------------------------------------------

  private PlanDecision look() {
    Rebalancing.Held held = options.rules.held().get();
    List<OwnSegment> own = own(held);
    long unknown =
        (held.cluster().size() == SegmentTable.SEGMENTS
                ? held.cluster().stream().filter(OptionalLong::isEmpty).count()
                : SegmentTable.SEGMENTS)
            + own.stream().filter(each -> each.bytes() == NOT_KNOWN).count();
    if (unknown > 0) {
      return decision(
          Verdict.UNKNOWN,
          "how much is in %d segments is not known; their owners count, or do not answer"
              .formatted(unknown));
    }
    List<Long> bytes = held.cluster().stream().map(OptionalLong::getAsLong).toList();
    long all =
        bytes.stream().mapToLong(Long::longValue).sum()
            + own.stream().mapToLong(OwnSegment::bytes).sum();
    int percent = options.rules.mostMovedPercent().getAsInt();
    long budget = all / 100 * percent + all % 100 * percent / 100;
    BytesPlanner.Outcome found =
        BytesPlanner.plan(
            new BytesPlanner.Input(
                options.ownership.table().orElseThrow(),
                weights(),
                bytes,
                movable(own),
                budget,
                resting(Optional.empty())));
    PlanDecision.Figures figures =
        new PlanDecision.Figures(
            rounded(found.imbalance()),
            BytesPlanner.STARTS,
            all,
            budget,
            found.moves().size() + found.own().size(),
            found.movedBytes(),
            found.nodes());
    return judge(found).with(figures);
  }

  private static double rounded(double part) {
    return Math.round(part * 1e4) / 1e4;
  }

  private SortedMap<NodeId, Double> weights() {
    SortedMap<NodeId, Double> weights = new TreeMap<>();
    active().forEach(node -> weights.put(node.id(), node.descriptor().weight()));
    return weights;
  }

  private List<ClusterNode> active() {
    return options.membership.view().nodes().stream()
        .filter(node -> node.state() == NodeState.ACTIVE)
        .toList();
  }

  /** Returns the own segments of active nodes; what others hold is nothing to go by. */
  private List<OwnSegment> own(Rebalancing.Held held) {
    Set<NodeId> active = weights().keySet();
    return OwnSegment.all(
            options.ownership.maps(),
            (bucket, segment) -> held.own(bucket, segment).orElse(NOT_KNOWN))
        .stream()
        .filter(each -> active.contains(each.owner()))
        .toList();
  }

  private List<BytesPlanner.Own> movable(List<OwnSegment> own) {
    List<ClusterNode> active = active();
    Map<BucketName, Set<Integer>> resting = new HashMap<>();
    List<BytesPlanner.Own> movable = new ArrayList<>();
    for (OwnSegment each : own) {
      boolean rests =
          resting
              .computeIfAbsent(each.bucket(), bucket -> resting(Optional.of(bucket)))
              .contains(each.segment());
      Set<NodeId> places = new HashSet<>();
      active.stream()
          .filter(node -> !rests && each.shard().residency().admits(node.descriptor()))
          .forEach(node -> places.add(node.id()));
      movable.add(new BytesPlanner.Own(each, places));
    }
    return movable;
  }

  /** What was brought somewhere stays there for a while, whatever is written or deleted there. */
  private Set<Integer> resting(Optional<BucketName> bucket) {
    Duration rest = options.rules.interval().get().multipliedBy(REST);
    Set<Integer> resting = new HashSet<>();
    for (AgreedPlans.Agreed agreed : options.plans.all()) {
      RebalancePlan plan = agreed.plan();
      if (plan.createdBy().equals(NAME)
          && plan.state() == PlanState.DONE
          && isWithin(plan.changedAt(), rest, options.clock.instant())) {
        plan.moves().stream()
            .filter(move -> move.bucket().equals(bucket))
            .forEach(move -> resting.add(move.segment()));
      }
    }
    return resting;
  }

  private PlanDecision judge(BytesPlanner.Outcome found) {
    String furthest =
        String.format(
            Locale.ROOT, "the node furthest off is %.0f %% off its share", found.imbalance() * 100);
    if (!found.uneven()) {
      return decision(Verdict.BALANCED, furthest);
    }
    if (found.moves().isEmpty() && found.own().isEmpty()) {
      return decision(
          Verdict.INDIVISIBLE, furthest + ", and nothing that may move would make it much better");
    }
    try {
      RebalancePlan plan = options.office.preview(found.wanted(), NAME);
      RebalancePlan begun = options.office.start(plan.id(), NAME);
      return decision(Verdict.MADE, furthest).about(begun.id());
    } catch (WarehouseException e) {
      refusedAt = options.clock.instant();
      return decision(Verdict.REFUSED, furthest + ", but no plan was begun: " + e.detail());
    }
  }
}
