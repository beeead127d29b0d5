package io.datawarehouse.testkit.replication;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.replication.Replica;
import io.datawarehouse.sdk.replication.ReplicaSet;
import io.datawarehouse.sdk.replication.ReplicationPluginBase;
import io.datawarehouse.sdk.replication.WriteAdmission;
import java.util.List;
import java.util.Optional;

/** Every owner takes writes, whoever else is there. */
class EveryOwner extends ReplicationPluginBase {

  EveryOwner() {
    super(PluginManifest.of("every-owner", "Every owner", "1.0.0", "replication"), "multi-master");
  }

  @Override
  public boolean acceptsConcurrentWrites() {
    return true;
  }

  @Override
  public WriteAdmission admit(ReplicaSet replicas) {
    List<NodeId> others = replicas.reachableBut(replicas.local());
    if (replicas.owner(replicas.local()).isPresent()) {
      return new WriteAdmission.Accept(others, 1);
    }
    Optional<NodeId> first = others.stream().findFirst();
    return first.isPresent()
        ? new WriteAdmission.Forward(first.get())
        : new WriteAdmission.Refuse(StandardErrorCode.UNAVAILABLE, "no owner is reachable");
  }

  @Override
  public List<NodeId> readers(ReplicaSet replicas) {
    return replicas.owners().stream().filter(Replica::reachable).map(Replica::node).toList();
  }
}
