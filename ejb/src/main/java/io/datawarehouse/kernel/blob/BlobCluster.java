package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.kernel.heat.ReadCopies;
import io.datawarehouse.kernel.placement.PlacementBoard;
import io.datawarehouse.kernel.placement.Territory;
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
 * @param territory what this node answers for
 * @param registered where the node keeps which of its buckets come from the registry
 * @param limit how long an agreement, or the answer of another node, may take
 * @param copies what other nodes may keep of hot segments; empty where nobody keeps any
 */
public record BlobCluster(
    ClusterMembership membership,
    ClusterCoordinator coordinator,
    NodeRequests nodes,
    PlacementBoard board,
    Territory territory,
    KernelStorage registered,
    Duration limit,
    Optional<ReadCopies> copies) {

  /** Checks that nothing is missing. */
  public BlobCluster {
    Objects.requireNonNull(membership, "membership");
    Objects.requireNonNull(coordinator, "coordinator");
    Objects.requireNonNull(nodes, "nodes");
    Objects.requireNonNull(board, "board");
    Objects.requireNonNull(territory, "territory");
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
      Territory territory,
      KernelStorage registered,
      Duration limit) {
    this(membership, coordinator, nodes, board, territory, registered, limit, Optional.empty());
  }
}
