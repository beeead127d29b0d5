package io.datawarehouse.kernel.federation;

import io.datawarehouse.sdk.balance.RouteExplanation.CandidateScore;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Topic;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where a message would go now, and why. Immutable.
 *
 * @param topic its topic
 * @param key its affinity key
 * @param segment the key's segment
 * @param strategy what decides: {@code owner}, {@code affinity}, or the name of the balancing
 *     strategy
 * @param chosen the node; empty where there is none
 * @param candidates all that were considered
 * @param because what decided, in words
 */
public record RouteReport(
    Topic topic,
    Optional<String> key,
    OptionalInt segment,
    String strategy,
    Optional<NodeId> chosen,
    List<CandidateScore> candidates,
    String because) {

  /** Copies. */
  public RouteReport {
    candidates = List.copyOf(candidates);
  }
}
