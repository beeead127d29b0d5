package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.blob.OwnSegmentsChange;
import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.kernel.placement.TableChange;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardMaps;
import io.datawarehouse.kernel.sharding.ShardOwnership;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
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
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/** Finds out who owns what and how much that is, and drafts plans of it. Thread-safe; blocks. */
final class PlanDrafts {

  /**
   * What it works with.
   *
   * @param membership who is there
   * @param entries what is agreed on
   * @param ownership who owns what
   * @param nodes how to ask one certain node
   * @param agreement how long an agreement may take
   * @param counting how long a node may take to count what it holds
   */
  record Options(
      ClusterMembership membership,
      AgreedEntries entries,
      ShardOwnership ownership,
      NodeRequests nodes,
      Duration agreement,
      Duration counting) {}

  private final Options options;

  PlanDrafts(Options options) {
    this.options = options;
  }

  // ---- giving every node its share -------------------------------------------------------------

  /**
   * Drafts a plan that gives every node its share, and nodes that are not active nothing.
   *
   * @param mostMovedPercent how much of all bytes may move at most; empty for any part
   */
  PlanDraft even(OptionalInt mostMovedPercent) {
    RegistryEntry entry = tableEntry();
    SegmentTable table = SegmentTable.parse(entry.value());
    SortedMap<BucketName, ShardMaps.Known> maps = maps();
    List<ClusterNode> nodes = options.membership.view().nodes();
    HeldSizes held = sizes(owners(table, maps.values(), nodes));
    HoldingsPlanner.Plan plan =
        HoldingsPlanner.plan(
            new HoldingsPlanner.Input(
                table,
                nodes,
                IntStream.range(0, SegmentTable.SEGMENTS).mapToObj(held::bytes).toList(),
                OwnSegment.all(maps, held::bytes),
                budget(held.bytes(), mostMovedPercent)));
    Map<BucketName, SortedMap<Integer, NodeId>> own = new TreeMap<>();
    plan.own()
        .forEach(
            move ->
                own.computeIfAbsent(move.segment().bucket(), bucket -> new TreeMap<>())
                    .put(move.segment().segment(), move.to()));
    return draft(
        new TableStep(table, plan.table(), entry.version()), maps, own, held, plan.stays());
  }

  private static OptionalLong budget(long all, OptionalInt mostMovedPercent) {
    return mostMovedPercent.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(all / 100 * mostMovedPercent.getAsInt() + all % 100);
  }

  /** Who is not there cannot say how much it holds of buckets' own segments; they stay anyway. */
  private static Set<NodeId> owners(
      SegmentTable table, Collection<ShardMaps.Known> maps, List<ClusterNode> nodes) {
    Set<NodeId> owners = new TreeSet<>();
    maps.forEach(known -> owners.addAll(known.map().owners()));
    owners.removeIf(
        owner ->
            nodes.stream().noneMatch(node -> node.id().equals(owner) && node.state().member()));
    owners.addAll(table.nodes());
    return owners;
  }

  // ---- certain moves ---------------------------------------------------------------------------

  /** Drafts a plan of certain moves; those that change nothing are passed over. */
  PlanDraft of(List<WantedMove> wanted) {
    RegistryEntry entry = tableEntry();
    SegmentTable table = SegmentTable.parse(entry.value());
    boolean onlyCluster = wanted.stream().allMatch(move -> move.bucket().isEmpty());
    SortedMap<BucketName, ShardMaps.Known> maps = onlyCluster ? new TreeMap<>() : maps();
    Map<Integer, NodeId> cluster = new HashMap<>();
    Map<BucketName, SortedMap<Integer, NodeId>> own = new TreeMap<>();
    Set<NodeId> sources = new TreeSet<>();
    for (WantedMove move : wanted) {
      ClusterNode to = requireActive(move.to());
      NodeId from =
          move.bucket().isEmpty()
              ? ownerInTable(move, table)
              : ownerInMap(move, to, Optional.ofNullable(maps.get(move.bucket().get())));
      if (!from.equals(move.to())) {
        sources.add(from);
        move.bucket()
            .<Map<Integer, NodeId>>map(
                bucket -> own.computeIfAbsent(bucket, name -> new TreeMap<>()))
            .orElse(cluster)
            .put(move.segment(), move.to());
      }
    }
    if (own.values().stream().mapToInt(Map::size).sum() > OwnSegmentPlanner.MOST_MOVES) {
      throw WarehouseException.invalid(
          "moves",
          wanted.size() + " moves",
          "at most " + OwnSegmentPlanner.MOST_MOVES + " of own segments");
    }
    if (sources.isEmpty()) {
      throw WarehouseException.invalid("moves", "[]", "at least one segment must move");
    }
    return draft(
        new TableStep(table, table.with(cluster), entry.version()),
        maps,
        own,
        sizes(sources),
        List.of());
  }

  private ClusterNode requireActive(NodeId to) {
    return options
        .membership
        .view()
        .find(to)
        .filter(node -> node.state() == NodeState.ACTIVE)
        .orElseThrow(() -> WarehouseException.invalid("moves", to, "is no active node"));
  }

  private static NodeId ownerInTable(WantedMove move, SegmentTable table) {
    if (move.segment() < 0 || move.segment() >= SegmentTable.SEGMENTS) {
      throw WarehouseException.invalid(
          "moves",
          move.segment(),
          "a segment of the cluster is 0 to 255; name the bucket whose own it is");
    }
    return table.owner(move.segment());
  }

  private static NodeId ownerInMap(
      WantedMove move, ClusterNode to, Optional<ShardMaps.Known> known) {
    BucketName bucket = move.bucket().orElseThrow();
    ShardMap map =
        known
            .map(ShardMaps.Known::map)
            .filter(found -> found.has(move.segment()))
            .orElseThrow(
                () ->
                    WarehouseException.invalid(
                        "moves", move.segment(), "is no own segment of bucket " + bucket));
    if (!map.residency(move.segment()).admits(to.descriptor())) {
      throw WarehouseException.invalid(
          "moves",
          move.segment(),
          "node %s may not hold it: %s".formatted(to.id(), map.shardOf(move.segment()).rule()));
    }
    NodeId owner = map.owner(move.segment());
    if (owner == null) {
      throw WarehouseException.invalid("moves", move.segment(), "lies nowhere yet");
    }
    return owner;
  }

  // ---- both ------------------------------------------------------------------------------------

  /** What becomes of the table of segments. */
  private record TableStep(SegmentTable before, SegmentTable after, long version) {}

  private static PlanDraft draft(
      TableStep step,
      SortedMap<BucketName, ShardMaps.Known> maps,
      Map<BucketName, SortedMap<Integer, NodeId>> own,
      HeldSizes held,
      List<PlanStay> stays) {
    List<OwnershipChange> parts = new ArrayList<>();
    List<PlanMove> moves = new ArrayList<>();
    if (!step.before.equals(step.after)) {
      TableChange change = new TableChange(step.before, step.after, step.version);
      parts.add(change);
      change
          .segments()
          .forEach(
              (segment, route) ->
                  moves.add(new PlanMove(segment, route.from(), route.to(), held.bytes(segment))));
    }
    maps.forEach(
        (bucket, known) -> {
          SortedMap<Integer, NodeId> owners = own.getOrDefault(bucket, new TreeMap<>());
          if (!owners.isEmpty()) {
            parts.add(OwnSegmentsChange.of(bucket, known.map(), known.version(), owners));
          }
          owners.forEach(
              (segment, to) ->
                  Optional.ofNullable(known.map().owner(segment))
                      .ifPresent(
                          from ->
                              moves.add(
                                  new PlanMove(
                                      segment,
                                      from,
                                      to,
                                      held.bytes(bucket, segment),
                                      Optional.of(bucket)))));
        });
    return new PlanDraft(parts, moves, stays);
  }

  private RegistryEntry tableEntry() {
    return options
        .entries
        .latest(SegmentTable.ADDRESS)
        .orElseThrow(
            () -> PlanErrors.notNow("the cluster has not agreed yet on who owns which segment"));
  }

  private SortedMap<BucketName, ShardMaps.Known> maps() {
    Void unused = Waiting.on(options.ownership.refresh(), options.agreement);
    return options.ownership.maps();
  }

  private HeldSizes sizes(Set<NodeId> owners) {
    Message question =
        Message.query(NodeMoves.SIZES, Payload.of(new NodeMoves.SizesQuestion()))
            .timeout(options.counting)
            .build();
    Map<NodeId, CompletionStage<Reply>> asked = new LinkedHashMap<>();
    owners.forEach(node -> asked.put(node, options.nodes.requestAt(node, question)));
    HeldSizes sizes = new HeldSizes();
    asked
        .values()
        .forEach(reply -> sizes.add(Waiting.on(reply, options.counting).as(NodeMoves.Sizes.class)));
    return sizes;
  }
}
