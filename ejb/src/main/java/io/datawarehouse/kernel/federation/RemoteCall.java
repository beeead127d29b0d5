package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.peer.PeerLink;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Reply;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A request that went to another node, and its answer. Between two attempts it belongs to the
 * thread that makes the next one; while it is under way, to whoever takes it out of the node's
 * calls first.
 */
final class RemoteCall extends CompletableFuture<Reply> {

  final Message message;
  final @Nullable Instant deadline;

  /** Where the kernel wants it to go; null where the route decides. */
  final @Nullable NodeId only;

  long number;
  @Nullable PeerLink link;
  long sentAt;
  int attempts;
  PeerGuard.@Nullable Permit permit;

  /** The content that is offered for it; 0 for none. */
  long offered;

  /** Nodes that are not tried again. */
  private @Nullable List<NodeId> tried;

  RemoteCall(Message message, @Nullable Instant deadline, @Nullable NodeId only) {
    this.message = message;
    this.deadline = deadline;
    this.only = only;
  }

  void avoid(NodeId node) {
    if (tried == null) {
      tried = new ArrayList<>(2);
    }
    tried.add(node);
  }

  boolean avoids(NodeId node) {
    return tried != null && tried.contains(node);
  }
}
