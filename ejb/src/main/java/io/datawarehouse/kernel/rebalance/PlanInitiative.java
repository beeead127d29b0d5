package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.placement.Ownership;
import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes and starts plans without being asked: when a node that came owns far too little, or one
 * that drains still owns something. Only where this node leads, where it is allowed to, and not too
 * often. Called by one thread at a time; blocks.
 */
final class PlanInitiative {

  /** Under which name it makes plans. */
  static final String NAME = "the cluster itself";

  /** How many segments must be at the wrong node before it is worth a plan. */
  private static final int LEAST_MOVES = 4;

  /** How long a node must have been there before it is given something. */
  private static final Duration SETTLED = Duration.ofSeconds(10);

  /**
   * When plans may be made.
   *
   * @param allowed whether the cluster acts by itself now
   * @param interval the least time between two plans
   * @param mostMovedPercent how much of all bytes a plan may move
   */
  record Rules(
      BooleanSupplier allowed, Supplier<Duration> interval, IntSupplier mostMovedPercent) {}

  private static final System.Logger LOG = System.getLogger(PlanInitiative.class.getName());

  private final ClusterMembership membership;
  private final ClusterCoordinator coordinator;
  private final Ownership ownership;
  private final AgreedPlans plans;
  private final RebalanceOffice office;
  private final Clock clock;
  private final Rules rules;

  /** When it last found that nothing can be done. */
  private @Nullable Instant lastTry;

  PlanInitiative(
      ClusterMembership membership,
      ClusterCoordinator coordinator,
      Ownership ownership,
      AgreedPlans plans,
      RebalanceOffice office,
      Clock clock,
      Rules rules) {
    this.membership = membership;
    this.coordinator = coordinator;
    this.ownership = ownership;
    this.plans = plans;
    this.office = office;
    this.clock = clock;
    this.rules = rules;
  }

  /** Makes and starts a plan where one is due. */
  void act() {
    if (!coordinator.leadership().leads(membership.localNodeId())
        || !rules.allowed.getAsBoolean()
        || plans.active().isPresent()
        || isTooEarly()
        || !isUneven()) {
      return;
    }
    lastTry = clock.instant();
    try {
      RebalancePlan plan = office.preview(OptionalInt.of(rules.mostMovedPercent.getAsInt()), NAME);
      RebalancePlan unused = office.start(plan.id(), NAME);
    } catch (WarehouseException e) {
      LOG.log(System.Logger.Level.INFO, "no plan was begun: {0}", e.detail());
    }
  }

  private boolean isTooEarly() {
    Instant latest =
        plans.all().stream()
            .map(AgreedPlans.Agreed::plan)
            .filter(plan -> plan.createdBy().equals(NAME))
            .map(RebalancePlan::createdAt)
            .max(Comparator.naturalOrder())
            .orElse(Instant.MIN);
    Instant tried = lastTry;
    Instant last = tried != null && tried.isAfter(latest) ? tried : latest;
    return !last.equals(Instant.MIN) && clock.instant().isBefore(last.plus(rules.interval.get()));
  }

  private boolean isUneven() {
    Optional<SegmentTable> table = ownership.table();
    SortedMap<NodeId, Double> weights = new TreeMap<>();
    for (ClusterNode node : membership.view().nodes()) {
      if (node.state() == NodeState.ACTIVE) {
        if (node.since().plus(SETTLED).isAfter(clock.instant())) {
          return false;
        }
        weights.put(node.id(), node.descriptor().weight());
      }
    }
    if (table.isEmpty() || weights.isEmpty()) {
      return false;
    }
    SegmentTable even =
        SegmentPlanner.plan(
            new SegmentPlanner.Input(
                table.get(),
                weights,
                Collections.nCopies(SegmentTable.SEGMENTS, 0L),
                OptionalLong.empty()));
    long moves = 0;
    boolean drained = false;
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      NodeId owner = table.get().owner(segment);
      if (!owner.equals(even.owner(segment))) {
        moves++;
        drained |= isDraining(owner);
      }
    }
    return drained || moves >= LEAST_MOVES;
  }

  private boolean isDraining(NodeId node) {
    return membership.view().find(node).filter(n -> n.state() == NodeState.DRAINING).isPresent();
  }
}
