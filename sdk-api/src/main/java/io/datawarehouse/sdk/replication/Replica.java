package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Objects;

/**
 * One owner of a segment, as the asking node sees it. Immutable.
 *
 * @param node the owner
 * @param site where it is; owners of one site share a network
 * @param reachable whether it can be talked to now
 * @param inSync whether it has all that was acknowledged
 * @since 0.1
 */
public record Replica(NodeId node, String site, boolean reachable, boolean inSync) {

  /** Checks that nothing is missing. */
  public Replica {
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(site, "site");
  }
}
