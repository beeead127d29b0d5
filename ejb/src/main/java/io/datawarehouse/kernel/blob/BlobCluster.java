package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.kernel.heat.ReadCopies;
import io.datawarehouse.kernel.placement.KeyGate;
import io.datawarehouse.kernel.placement.PlacementBoard;
import io.datawarehouse.kernel.placement.Territory;
import io.datawarehouse.kernel.sharding.ShardMaps;
import io.datawarehouse.kernel.sharding.ShardOwnership;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.kernel.KernelStorage;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What the blob service of a node in a cluster works with. Immutable.
 *
 * @param membership who is there
 * @param coordinator who agrees on buckets
 * @param nodes how to ask one certain node
 * @param board who owns what
 * @param maps where the keys of which bucket lie
 * @param plans makes plans that move blobs
 * @param territory what this node answers for
 * @param ownership the same for keys, and how the latest is learnt
 * @param gate holds back changes of keys that are just moving
 * @param foreign counts copies that others own
 * @param registered where the node keeps which of its buckets come from the registry
 * @param limit how long an agreement, or the answer of another node, may take
 * @param copies what other nodes may keep of hot segments; empty where nobody keeps any
 */
public record BlobCluster(
    ClusterMembership membership,
    ClusterCoordinator coordinator,
    NodeRequests nodes,
    PlacementBoard board,
    ShardMaps maps,
    ShardingPlans plans,
    Territory territory,
    ShardOwnership ownership,
    KeyGate gate,
    ForeignCopies foreign,
    KernelStorage registered,
    Duration limit,
    Optional<ReadCopies> copies) {

  /** Checks that nothing is missing. */
  public BlobCluster {
    Objects.requireNonNull(membership, "membership");
    Objects.requireNonNull(coordinator, "coordinator");
    Objects.requireNonNull(nodes, "nodes");
    Objects.requireNonNull(board, "board");
    Objects.requireNonNull(maps, "maps");
    Objects.requireNonNull(plans, "plans");
    Objects.requireNonNull(territory, "territory");
    Objects.requireNonNull(ownership, "ownership");
    Objects.requireNonNull(gate, "gate");
    Objects.requireNonNull(foreign, "foreign");
    Objects.requireNonNull(registered, "registered");
    Objects.requireNonNull(limit, "limit");
    Objects.requireNonNull(copies, "copies");
  }

  /** Makes one without copies. */
  public BlobCluster(
      ClusterMembership membership,
      ClusterCoordinator coordinator,
      NodeRequests nodes,
      PlacementBoard board,
      ShardMaps maps,
      ShardingPlans plans,
      Territory territory,
      ShardOwnership ownership,
      KeyGate gate,
      ForeignCopies foreign,
      KernelStorage registered,
      Duration limit) {
    this(
        membership,
        coordinator,
        nodes,
        board,
        maps,
        plans,
        territory,
        ownership,
        gate,
        foreign,
        registered,
        limit,
        Optional.empty());
  }
}
