package io.datawarehouse.sdk.cluster;

import java.util.Objects;
import java.util.Optional;

/**
 * One node came into another state. Immutable.
 *
 * @param node the node as it is now, with when and why
 * @param before the state it was in; empty for a node that was not known
 * @param view the whole cluster with this change and those before it
 * @since 0.1
 */
public record MembershipChange(ClusterNode node, Optional<NodeState> before, ClusterView view) {

  /** Checks that nothing is missing. */
  public MembershipChange {
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(before, "before");
    Objects.requireNonNull(view, "view");
  }
}
