package io.datawarehouse.kernel.replication;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.replication.Replica;
import io.datawarehouse.sdk.replication.ReplicaSet;
import io.datawarehouse.sdk.replication.ReplicationStrategy;
import io.datawarehouse.sdk.replication.WriteAdmission;
import java.util.List;

/** No copies: the primary owner keeps what there is. The strategy of one node. Immutable. */
public final class NoOpReplicationStrategy implements ReplicationStrategy {

  /** The name by which buckets select it. */
  public static final String NAME = "none";

  @Override
  public String strategyName() {
    return NAME;
  }

  @Override
  public boolean acceptsConcurrentWrites() {
    return false;
  }

  @Override
  public WriteAdmission admit(ReplicaSet replicas) {
    Replica primary = replicas.primary();
    if (primary.node().equals(replicas.local())) {
      return new WriteAdmission.Accept(List.of(), 1);
    }
    if (primary.reachable()) {
      return new WriteAdmission.Forward(primary.node());
    }
    return new WriteAdmission.Refuse(
        StandardErrorCode.UNAVAILABLE,
        "node " + primary.node() + " cannot be reached and nobody else keeps a copy");
  }

  @Override
  public List<NodeId> readers(ReplicaSet replicas) {
    Replica primary = replicas.primary();
    boolean there = primary.reachable() || primary.node().equals(replicas.local());
    return there && primary.inSync() ? List.of(primary.node()) : List.of();
  }
}
