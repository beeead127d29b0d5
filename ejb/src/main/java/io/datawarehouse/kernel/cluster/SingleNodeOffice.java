package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.balance.RouteExplanation.CandidateScore;
import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Topic;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The office of a node that works alone: all goes to it, and it cannot hand over. Thread-safe. */
public final class SingleNodeOffice implements ClusterOffice {

  /** The cluster's name where nobody gave one. */
  public static final String DEFAULT_NAME = "datawarehouse";

  private final ClusterContext cluster;

  /** Makes the office of that cluster of one. */
  public SingleNodeOffice(ClusterContext cluster) {
    this.cluster = cluster;
  }

  @Override
  public String clusterName() {
    return DEFAULT_NAME;
  }

  @Override
  public void drain(NodeId node, String reason) {
    requireSelf(node);
    throw new WarehouseException(
        StandardErrorCode.SETTING_UNSUPPORTED,
        "node " + node + " works alone: there is nobody to take over; stop it instead");
  }

  private void requireSelf(NodeId node) {
    if (!node.equals(cluster.localNodeId())) {
      throw new WarehouseException(
          StandardErrorCode.NOT_FOUND, "node " + node + " is not known; this one works alone");
    }
  }

  @Override
  public RouteAnswer explain(Topic topic, Optional<String> affinityKey) {
    NodeId self = cluster.localNodeId();
    return new RouteAnswer(
        topic,
        affinityKey,
        affinityKey
            .map(key -> OptionalInt.of(cluster.placement().segmentOf(key)))
            .orElse(OptionalInt.empty()),
        "local",
        Optional.of(self),
        List.of(new CandidateScore(self, 0, false, "the only node")),
        "the node works alone");
  }

  @Override
  public PeerCircuits circuits() {
    return PeerCircuits.none();
  }

  @Override
  public List<String> problems() {
    return List.of();
  }
}
