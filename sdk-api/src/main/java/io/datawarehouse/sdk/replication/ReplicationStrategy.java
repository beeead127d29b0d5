package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.List;

/**
 * One way to keep copies: who may take a write, when it is acknowledged, who may serve a read. It
 * decides and moves nothing: the kernel does what it says. Thread-safe. A bucket names its
 * strategy.
 *
 * <p>A strategy MUST: (1) decide by its arguments alone, without waiting; (2) be quick: it is asked
 * for every write and read; (3) never let a write be acknowledged that its rules could lose; (4)
 * never send a write to a node that would send it on in the same topology.
 *
 * @since 0.1
 */
public interface ReplicationStrategy {

  /** The capability: all that are installed run, a bucket names its own. */
  CapabilityKey<ReplicationStrategy> CAPABILITY =
      CapabilityKey.of("replication", ReplicationStrategy.class, Cardinality.MULTI);

  /** Returns the name by which buckets select it. */
  String strategyName();

  /**
   * Returns whether both sides of a partition take writes, so that versions may come to stand
   * beside each other and a {@link ConflictResolver} is needed.
   */
  boolean acceptsConcurrentWrites();

  /** Returns what happens to a write that has arrived at the set's local node. */
  WriteAdmission admit(ReplicaSet replicas);

  /**
   * Returns who may serve a read now, the best first; empty where nobody can without giving
   * something out of date.
   */
  List<NodeId> readers(ReplicaSet replicas);
}
