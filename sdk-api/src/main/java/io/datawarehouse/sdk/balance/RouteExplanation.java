package io.datawarehouse.sdk.balance;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Why a node would be chosen. Immutable.
 *
 * @param chosen the node; empty where none is usable
 * @param candidates all that were considered, in the order of the table
 * @param because what decided, in words
 * @since 0.1
 */
public record RouteExplanation(
    Optional<NodeId> chosen, List<CandidateScore> candidates, String because) {

  /**
   * How one candidate fared. Immutable.
   *
   * @param nodeId the candidate
   * @param score what the strategy compared; lower is better, NaN where it compares nothing
   * @param excluded whether it was left out
   * @param reason why it was left out, or how its score came about, in words
   * @since 0.1
   */
  public record CandidateScore(NodeId nodeId, double score, boolean excluded, String reason) {
    /** Checks that nothing is missing. */
    public CandidateScore {
      Objects.requireNonNull(nodeId, "nodeId");
      Objects.requireNonNull(reason, "reason");
    }
  }

  /** Checks and copies. */
  public RouteExplanation {
    Objects.requireNonNull(chosen, "chosen");
    candidates = List.copyOf(candidates);
    Objects.requireNonNull(because, "because");
  }
}
