package io.datawarehouse.sdk.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * A node as the asking node sees it at one moment. Immutable. How healthy and how busy it is
 * changes faster than membership: that is asked of the {@link NodeHealthMonitor}.
 *
 * @param descriptor what it says of itself
 * @param state where it is in its membership
 * @param since when it came into that state, by the clock of the node that decided so
 * @param reason why it came into that state, in words; not empty
 * @since 0.1
 */
public record ClusterNode(
    NodeDescriptor descriptor, NodeState state, Instant since, String reason) {

  /** Checks that nothing is missing. */
  public ClusterNode {
    Objects.requireNonNull(descriptor, "descriptor");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(reason, "reason");
  }

  /** Returns its identity. */
  public NodeId id() {
    return descriptor.id();
  }

  /** Returns which run of the node this is. */
  public long incarnation() {
    return descriptor.incarnation();
  }

  /** Returns how long this run lasts already; zero where the clocks disagree, never negative. */
  public Duration uptime(Instant now) {
    Duration uptime = Duration.between(descriptor.startedAt(), now);
    return uptime.isNegative() ? Duration.ZERO : uptime;
  }

  /**
   * Returns this node in another state.
   *
   * @throws IllegalArgumentException if that state cannot be reached from this one in one step
   */
  public ClusterNode moved(NodeState newState, Instant at, String why) {
    if (!newState.predecessors().contains(state)) {
      throw new IllegalArgumentException(
          "node " + id() + " is " + state + " and cannot become " + newState + " (" + why + ")");
    }
    return new ClusterNode(descriptor, newState, at, why);
  }
}
