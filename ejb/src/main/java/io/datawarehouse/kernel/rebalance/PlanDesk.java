package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.placement.Ownership;
import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;

/** The office of plans in a cluster; any node will do. Thread-safe; blocks. */
final class PlanDesk implements RebalanceOffice {

  /**
   * What it works with.
   *
   * @param membership who is there
   * @param entries what is agreed on
   * @param ownership who owns what
   * @param drafts drafts plans
   * @param plans the plans
   * @param clock tells the time
   * @param ids names plans
   * @param bytesPerSecond the highest rate of a node; 0 for any
   * @param agreement how long an agreement may take
   * @param audit told who did what
   */
  record Options(
      ClusterMembership membership,
      AgreedEntries entries,
      Ownership ownership,
      PlanDrafts drafts,
      AgreedPlans plans,
      Clock clock,
      Supplier<String> ids,
      long bytesPerSecond,
      Duration agreement,
      Audit audit) {}

  /** Told who did what. */
  @FunctionalInterface
  interface Audit {
    /** Somebody did something with a plan. */
    void done(String what, String by, String plan);
  }

  private static final int ATTEMPTS = 16;

  private final Options options;

  PlanDesk(Options options) {
    this.options = options;
  }

  // ---- making plans ----------------------------------------------------------------------------

  @Override
  public RebalancePlan preview(OptionalInt mostMovedPercent, String by) {
    if (mostMovedPercent.isPresent()
        && (mostMovedPercent.getAsInt() < 1 || mostMovedPercent.getAsInt() > 100)) {
      throw WarehouseException.invalid(
          "mostMovedPercent", mostMovedPercent.getAsInt(), "use 1 to 100");
    }
    PlanDraft draft = options.drafts.even(mostMovedPercent);
    if (draft.parts().isEmpty()) {
      throw PlanErrors.nothingToMove(draft.stays());
    }
    return agree(draft, by);
  }

  @Override
  public RebalancePlan preview(List<WantedMove> moves, String by) {
    return agree(options.drafts.of(moves), by);
  }

  @Override
  public RebalancePlan preview(OwnershipChange change, List<PlanMove> moves, String by) {
    return agree(new PlanDraft(List.of(change), moves, List.of()), by);
  }

  private RebalancePlan agree(PlanDraft draft, String by) {
    OwnershipChange first = draft.parts().get(0);
    RebalancePlan plan =
        new RebalancePlan(
            options.ids.get(),
            PlanState.PREVIEW,
            "",
            first.kind(),
            first.toText(),
            first.expected(),
            draft.moves(),
            draft.bytes(),
            secondsOf(draft.moves()),
            options.clock.instant(),
            by,
            options.clock.instant(),
            Optional.empty(),
            OptionalInt.empty(),
            draft.parts().stream()
                .skip(1)
                .map(part -> new RebalancePlan.Part(part.kind(), part.toText()))
                .toList(),
            draft.stays());
    options.audit.done("plan made", by, plan.id());
    return options.plans.create(plan).plan();
  }

  /** Each source sends at the highest rate; the slowest one decides. */
  private long secondsOf(List<PlanMove> moves) {
    if (options.bytesPerSecond == 0) {
      return 0;
    }
    Map<NodeId, Long> bySource = new HashMap<>();
    moves.forEach(move -> bySource.merge(move.from(), move.bytes(), Long::sum));
    long most = bySource.values().stream().mapToLong(Long::longValue).max().orElse(0);
    return (most + options.bytesPerSecond - 1) / options.bytesPerSecond;
  }

  // ---- showing ---------------------------------------------------------------------------------

  @Override
  public List<RebalancePlan> plans() {
    return options.plans.all().stream().map(AgreedPlans.Agreed::plan).toList();
  }

  @Override
  public RebalancePlan plan(String id) {
    return options
        .plans
        .find(id)
        .or(() -> latest(id))
        .map(AgreedPlans.Agreed::plan)
        .orElseThrow(() -> PlanErrors.noSuchPlan(id));
  }

  private Optional<AgreedPlans.Agreed> latest(String id) {
    return id.isEmpty() || id.length() > 100 ? Optional.empty() : options.plans.latest(id);
  }

  @Override
  public boolean rebalancing() {
    return options.plans.active().isPresent();
  }

  // ---- steering --------------------------------------------------------------------------------

  @Override
  public RebalancePlan start(String id, String by) {
    AgreedPlans.Agreed agreed = require(id);
    requireState(agreed, PlanState.PREVIEW);
    requireFits(agreed.change());
    agreed
        .plan()
        .later()
        .forEach(part -> requireFits(options.plans.changeOf(part.kind(), part.change())));
    options.plans.takePlace(id);
    return turn(agreed, PlanState.RUNNING, "plan started", by);
  }

  private void requireFits(OwnershipChange change) {
    long version = options.entries.version(change.address());
    if (version != change.expected()) {
      throw PlanErrors.topologyChanged(
          "the plan was made for version %d of who owns what, version %d stands: make another one"
              .formatted(change.expected(), version));
    }
    for (OwnershipChange.Route route : change.routes()) {
      requireNode(route.to(), Set.of(NodeState.ACTIVE));
      requireNode(route.from(), Set.of(NodeState.ACTIVE, NodeState.SUSPECT, NodeState.DRAINING));
    }
  }

  private void requireNode(NodeId node, Set<NodeState> states) {
    Optional<NodeState> state = options.membership.view().find(node).map(ClusterNode::state);
    if (state.filter(states::contains).isEmpty()) {
      throw PlanErrors.topologyChanged(
          "node " + node + " is " + state.map(NodeState::name).orElse("not there"));
    }
  }

  @Override
  public RebalancePlan pause(String id, String by) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      AgreedPlans.Agreed agreed = require(id);
      requireState(agreed, PlanState.RUNNING);
      Optional<AgreedPlans.Agreed> paused = to(agreed, PlanState.PAUSED);
      if (paused.isPresent()) {
        options.audit.done("plan paused", by, id);
        return paused.get().plan();
      }
    }
    throw changing(id);
  }

  @Override
  public RebalancePlan resume(String id, String by) {
    AgreedPlans.Agreed agreed = require(id);
    requireState(agreed, PlanState.PAUSED);
    return turn(agreed, PlanState.RUNNING, "plan resumed", by);
  }

  @Override
  public RebalancePlan abort(String id, String by) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      AgreedPlans.Agreed agreed = require(id);
      if (agreed.plan().state().finished()) {
        throw PlanErrors.conflict("plan '" + id + "' is " + agreed.plan().state() + " already");
      }
      if (agreed.plan().state() == PlanState.SWITCHING) {
        prevent(agreed);
      }
      Optional<AgreedPlans.Agreed> aborted = to(agreed, PlanState.ABORTED);
      if (aborted.isPresent()) {
        options.audit.done("plan aborted", by, id);
        return aborted.get().plan();
      }
    }
    throw changing(id);
  }

  /** Sees that ownership does not change for a plan any more, or says that it has. */
  private void prevent(AgreedPlans.Agreed agreed) {
    OwnershipChange change = agreed.change();
    options.entries.fence(change);
    Waiting.on(options.ownership.refresh(), options.agreement);
    if (!change.undone(options.ownership)) {
      throw PlanErrors.conflict(
          "plan '" + agreed.plan().id() + "' has come true; what moved is where it was to go");
    }
  }

  private AgreedPlans.Agreed require(String id) {
    return latest(id).orElseThrow(() -> PlanErrors.noSuchPlan(id));
  }

  private static void requireState(AgreedPlans.Agreed agreed, PlanState wanted) {
    if (agreed.plan().state() != wanted) {
      throw PlanErrors.conflict(
          "plan '" + agreed.plan().id() + "' is " + agreed.plan().state() + ", not " + wanted);
    }
  }

  private RebalancePlan turn(AgreedPlans.Agreed agreed, PlanState next, String what, String by) {
    RebalancePlan turned =
        to(agreed, next)
            .map(AgreedPlans.Agreed::plan)
            .orElseThrow(() -> changing(agreed.plan().id()));
    options.audit.done(what, by, turned.id());
    return turned;
  }

  private Optional<AgreedPlans.Agreed> to(AgreedPlans.Agreed agreed, PlanState next) {
    return options.plans.replace(agreed, agreed.plan().in(next, "", options.clock.instant()));
  }

  private static WarehouseException changing(String id) {
    return PlanErrors.conflict("plan '" + id + "' is just being changed by others; try again");
  }
}
