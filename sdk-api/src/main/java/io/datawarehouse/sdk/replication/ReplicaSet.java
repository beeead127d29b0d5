package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The owners of one segment at one moment, and how many copies are wanted. Immutable.
 *
 * @param topologyId which topology this is, 0 or more
 * @param segment which segment, 0 or more
 * @param local the node that asks
 * @param owners the owners in their order, the primary first; at least one, each once
 * @param writeQuorum how many copies must be durable before a write is acknowledged, 1 to the
 *     number of owners
 * @since 0.1
 */
public record ReplicaSet(
    long topologyId, int segment, NodeId local, List<Replica> owners, int writeQuorum) {

  /** Checks and copies; the error names the field. */
  public ReplicaSet {
    if (topologyId < 0) {
      throw WarehouseException.invalid("topologyId", topologyId, "must not be negative");
    }
    if (segment < 0) {
      throw WarehouseException.invalid("segment", segment, "must not be negative");
    }
    Objects.requireNonNull(local, "local");
    owners = List.copyOf(owners);
    long distinct = owners.stream().map(Replica::node).distinct().count();
    if (owners.isEmpty() || distinct != owners.size()) {
      throw WarehouseException.invalid(
          "owners", owners.size() + " owners", "needs at least one, each once");
    }
    if (writeQuorum < 1 || writeQuorum > owners.size()) {
      throw WarehouseException.invalid(
          "writeQuorum", writeQuorum, "use 1 to the number of owners, " + owners.size());
    }
  }

  /** Returns the primary owner. */
  public Replica primary() {
    return owners.get(0);
  }

  /** Returns the owner that a node is, if it is one. */
  public Optional<Replica> owner(NodeId node) {
    return owners.stream().filter(owner -> owner.node().equals(node)).findFirst();
  }

  /** Returns how many owners can be talked to now. */
  public int reachable() {
    return (int) owners.stream().filter(Replica::reachable).count();
  }

  /** Returns whether more than half of the owners can be talked to now. */
  public boolean majorityReachable() {
    return 2 * reachable() > owners.size();
  }

  /** Returns the owners that can be talked to, but for one node, in their order. */
  public List<NodeId> reachableBut(NodeId node) {
    return owners.stream()
        .filter(Replica::reachable)
        .map(Replica::node)
        .filter(owner -> !owner.equals(node))
        .toList();
  }
}
