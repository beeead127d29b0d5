package io.datawarehouse.kernel.federation;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Topic;
import java.util.Set;

/** A guard that lets nothing through to some nodes. */
record FullNodes(Set<NodeId> full) implements PeerGuard {

  @Override
  public boolean admits(NodeId node, Topic topic) {
    return !full.contains(node);
  }

  @Override
  public Permit enter(NodeId node, Topic topic) {
    return PeerGuard.open().enter(node, topic);
  }
}
