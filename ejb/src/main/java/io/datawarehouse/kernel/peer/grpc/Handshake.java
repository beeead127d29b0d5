package io.datawarehouse.kernel.peer.grpc;

import io.datawarehouse.kernel.trust.JoinProofs;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Optional;

/** Compares what a node says of itself with what it has proved. */
final class Handshake {

  /** What proofs between nodes on the bus are for. */
  static final String PURPOSE = "bus";

  private Handshake() {}

  /**
   * Returns why the other end is not who it says it is; empty where it is.
   *
   * @param certified whom its certificate names
   * @param tls whether there must be one
   */
  static Optional<String> problem(
      NodeId said,
      long incarnation,
      JoinProofs.Verdict verdict,
      Optional<NodeId> certified,
      boolean tls) {
    if (verdict instanceof JoinProofs.Verdict.Refused refused) {
      return Optional.of("its proof is refused: " + refused.reason());
    }
    JoinProofs.Verdict.Accepted accepted = (JoinProofs.Verdict.Accepted) verdict;
    if (!accepted.nodeId().equals(said) || accepted.incarnation() != incarnation) {
      return Optional.of(
          "it says that it is " + said + ", its proof is that of " + accepted.nodeId());
    }
    if (tls && !certified.equals(Optional.of(said))) {
      return Optional.of(
          "it says that it is "
              + said
              + ", its certificate names "
              + certified.map(NodeId::value).orElse("no node"));
    }
    return Optional.empty();
  }
}
