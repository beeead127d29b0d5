package io.datawarehouse.kernel.cluster;

import io.datawarehouse.kernel.affinity.AffinityAnswer;
import io.datawarehouse.sdk.balance.RouteExplanation.CandidateScore;
import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** The office of a node that works alone: all goes to it, and it cannot hand over. Thread-safe. */
public final class SingleNodeOffice implements ClusterOffice {

  /** The cluster's name where nobody gave one. */
  public static final String DEFAULT_NAME = "datawarehouse";

  private final ClusterContext cluster;
  private final Function<Message, Optional<AffinityAnswer>> affinity;
  private final PeerCircuits circuits;

  /**
   * Makes the office of that cluster of one.
   *
   * @param affinity tells what the provider makes of a message that its topic's rule names
   * @param breaking whether circuits to other nodes would open after failures
   */
  public SingleNodeOffice(
      ClusterContext cluster,
      Function<Message, Optional<AffinityAnswer>> affinity,
      BooleanSupplier breaking) {
    this.cluster = cluster;
    this.affinity = affinity;
    this.circuits = PeerCircuits.none(breaking);
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
  public RouteAnswer explain(RouteQuestion question) {
    NodeId self = cluster.localNodeId();
    Message message = question.message();
    return new RouteAnswer(
            question.topic(),
            question.key(),
            question
                .key()
                .map(key -> OptionalInt.of(cluster.placement().segmentOf(key)))
                .orElse(OptionalInt.empty()),
            "local",
            Optional.of(self),
            List.of(new CandidateScore(self, 0, false, "the only node")),
            "the node works alone")
        .with(affinity.apply(message));
  }

  @Override
  public PeerCircuits circuits() {
    return circuits;
  }

  @Override
  public List<NodeId> voters() {
    return List.of(cluster.localNodeId());
  }

  /** All segments are this node's for ever. */
  @Override
  public long topologyId() {
    return cluster.placement().topologyId();
  }

  @Override
  public List<String> problems() {
    return List.of();
  }
}
