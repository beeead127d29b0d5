package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Why plans were made without being asked for, or none. Immutable.
 *
 * @param by the node that decided: the leader, or the one that was asked where that does not answer
 * @param leader who leads; empty while nobody does
 * @param decision what holds now
 * @param recent what was decided before, the latest first
 */
public record PlanDecisions(
    NodeId by, Optional<NodeId> leader, PlanDecision decision, List<PlanDecision> recent) {
  /** Checks and copies. */
  public PlanDecisions {
    Objects.requireNonNull(by, "by");
    Objects.requireNonNull(leader, "leader");
    Objects.requireNonNull(decision, "decision");
    recent = List.copyOf(recent);
  }
}
