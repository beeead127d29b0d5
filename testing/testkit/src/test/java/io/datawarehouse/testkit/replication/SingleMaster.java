package io.datawarehouse.testkit.replication;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.replication.Replica;
import io.datawarehouse.sdk.replication.ReplicaSet;
import io.datawarehouse.sdk.replication.ReplicationPluginBase;
import io.datawarehouse.sdk.replication.WriteAdmission;
import java.util.List;

/** The primary takes writes while it reaches a majority and as many copies as are wanted. */
class SingleMaster extends ReplicationPluginBase {

  SingleMaster() {
    super(
        PluginManifest.of("single-master", "Single master", "1.0.0", "replication"),
        "single-master");
  }

  @Override
  public boolean acceptsConcurrentWrites() {
    return false;
  }

  @Override
  public WriteAdmission admit(ReplicaSet replicas) {
    Replica primary = replicas.primary();
    if (!primary.node().equals(replicas.local())) {
      return primary.reachable()
          ? new WriteAdmission.Forward(primary.node())
          : new WriteAdmission.Refuse(StandardErrorCode.UNAVAILABLE, "no primary is reachable");
    }
    int quorum = Math.max(replicas.writeQuorum(), replicas.owners().size() / 2 + 1);
    List<NodeId> others = replicas.reachableBut(primary.node());
    return others.size() + 1 < quorum
        ? new WriteAdmission.Refuse(
            StandardErrorCode.UNAVAILABLE,
            "%d of %d copies can be made".formatted(others.size() + 1, quorum))
        : new WriteAdmission.Accept(others, quorum);
  }

  @Override
  public List<NodeId> readers(ReplicaSet replicas) {
    return replicas.owners().stream()
        .filter(owner -> owner.reachable() && owner.inSync())
        .map(Replica::node)
        .toList();
  }
}
