package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.coordination.LogPosition;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.List;
import java.util.Optional;

/**
 * How a coordinator is, for health and for operators. Immutable.
 *
 * @param group the group it belongs to; empty while none is founded
 * @param leadership who leads
 * @param voters who has a vote, sorted; empty while there is no group
 * @param inView who its channel reaches, this node among them, sorted
 * @param applied up to where the log is applied
 * @param entries how many entries the registries hold
 * @param logBytes how large the log is since the last snapshot
 * @param foreign what was seen of another group and refused: which group, from where
 * @param fault why it does nothing now: its disk failed, or a log that it cannot read; and whether
 *     it goes on by itself
 */
public record CoordinatorStatus(
    Optional<String> group,
    Leadership leadership,
    List<NodeId> voters,
    List<NodeId> inView,
    LogPosition applied,
    int entries,
    long logBytes,
    Optional<String> foreign,
    Optional<String> fault) {

  /** Copies the lists. */
  public CoordinatorStatus {
    voters = List.copyOf(voters);
    inView = List.copyOf(inView);
  }
}
