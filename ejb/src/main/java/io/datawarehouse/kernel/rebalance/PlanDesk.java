package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.kernel.placement.Ownership;
import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.kernel.placement.TableChange;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.CommandResult;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** The office of plans in a cluster; any node will do. Thread-safe; blocks. */
final class PlanDesk implements RebalanceOffice {

  /**
   * What it works with.
   *
   * @param membership who is there
   * @param coordinator who agrees
   * @param ownership who owns what
   * @param nodes how to ask one certain node
   * @param plans the plans
   * @param clock tells the time
   * @param ids names plans
   * @param bytesPerSecond the highest rate of a node; 0 for any
   * @param agreement how long an agreement may take
   * @param counting how long a node may take to count what it holds
   * @param audit told who did what
   */
  record Options(
      ClusterMembership membership,
      ClusterCoordinator coordinator,
      Ownership ownership,
      NodeRequests nodes,
      AgreedPlans plans,
      Clock clock,
      Supplier<String> ids,
      long bytesPerSecond,
      Duration agreement,
      Duration counting,
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
    RegistryEntry entry = tableEntry();
    SegmentTable table = SegmentTable.parse(entry.value());
    long[] bytes = sizes(table.nodes());
    long all = Arrays.stream(bytes).sum();
    OptionalLong budget =
        mostMovedPercent.isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(all / 100 * mostMovedPercent.getAsInt() + all % 100);
    SegmentTable next =
        SegmentPlanner.plan(
            new SegmentPlanner.Input(
                table, weights(), Arrays.stream(bytes).boxed().toList(), budget));
    if (next.equals(table)) {
      throw PlanErrors.conflict(
          "nothing is to be moved: every node has its share, or what is too much for one does not"
              + " fit into the limit");
    }
    return preview(new TableChange(table, next, entry.version()), bytes, by);
  }

  private SortedMap<NodeId, Double> weights() {
    SortedMap<NodeId, Double> weights = new TreeMap<>();
    for (ClusterNode node : options.membership.view().nodes()) {
      if (node.state() == NodeState.ACTIVE) {
        weights.put(node.id(), node.descriptor().weight());
      }
    }
    return weights;
  }

  @Override
  public RebalancePlan preview(Map<Integer, NodeId> moves, String by) {
    RegistryEntry entry = tableEntry();
    SegmentTable table = SegmentTable.parse(entry.value());
    Map<Integer, NodeId> changes = new HashMap<>();
    moves.forEach(
        (segment, to) -> {
          requireMove(segment, to);
          if (!table.owner(segment).equals(to)) {
            changes.put(segment, to);
          }
        });
    TableChange change = new TableChange(table, table.with(changes), entry.version());
    return preview(change, sizes(PlanDriver.sources(change)), by);
  }

  private void requireMove(int segment, NodeId to) {
    if (segment < 0 || segment >= SegmentTable.SEGMENTS) {
      throw WarehouseException.invalid("moves", segment, "a segment is 0 to 255");
    }
    boolean active =
        options.membership.view().find(to).filter(n -> n.state() == NodeState.ACTIVE).isPresent();
    if (!active) {
      throw WarehouseException.invalid("moves", to, "is no active node");
    }
  }

  private RebalancePlan preview(TableChange change, long[] bytes, String by) {
    List<PlanMove> moves = new ArrayList<>();
    change
        .segments()
        .forEach(
            (segment, route) ->
                moves.add(new PlanMove(segment, route.from(), route.to(), bytes[segment])));
    return preview(change, moves, by);
  }

  @Override
  public RebalancePlan preview(OwnershipChange change, List<PlanMove> moves, String by) {
    long total = moves.stream().mapToLong(PlanMove::bytes).sum();
    RebalancePlan plan =
        new RebalancePlan(
            options.ids.get(),
            PlanState.PREVIEW,
            "",
            change.kind(),
            change.toText(),
            change.expected(),
            moves,
            total,
            secondsOf(moves),
            options.clock.instant(),
            by,
            options.clock.instant(),
            Optional.empty());
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

  private RegistryEntry tableEntry() {
    return Waiting.on(
            options.coordinator.read(SegmentTable.ADDRESS, new ReadConsistency.Latest()),
            options.agreement)
        .orElseThrow(
            () -> PlanErrors.notNow("the cluster has not agreed yet on who owns which segment"));
  }

  private long[] sizes(List<NodeId> owners) {
    Message question =
        Message.query(NodeMoves.SIZES, Payload.of(new NodeMoves.SizesQuestion()))
            .timeout(options.counting)
            .build();
    Map<NodeId, CompletionStage<Reply>> asked = new LinkedHashMap<>();
    owners.forEach(node -> asked.put(node, options.nodes.requestAt(node, question)));
    long[] bytes = new long[SegmentTable.SEGMENTS];
    asked.forEach(
        (node, reply) ->
            Waiting.on(reply, options.counting).as(NodeMoves.Sizes.class).segments().stream()
                .filter(each -> each.segment() >= 0 && each.segment() < bytes.length)
                .forEach(each -> bytes[each.segment()] += each.bytes()));
    return bytes;
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
    options.plans.takePlace(id);
    return turn(agreed, PlanState.RUNNING, "plan started", by);
  }

  private void requireFits(OwnershipChange change) {
    long version =
        Waiting.on(
                options.coordinator.read(change.address(), new ReadConsistency.Latest()),
                options.agreement)
            .map(RegistryEntry::version)
            .orElse(ClusterCommand.ABSENT);
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
    CommandResult unused =
        Waiting.on(
            options.coordinator.propose(
                new ClusterCommand.Put(
                    change.address(), change.before(), OptionalLong.of(change.expected())),
                options.agreement),
            options.agreement);
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
