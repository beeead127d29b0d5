package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Reply;
import java.util.concurrent.CompletionStage;

/** Asks one certain node, this one too. For the kernel alone; thread-safe. */
@FunctionalInterface
public interface NodeRequests {

  /**
   * Sends a command or a query to the handler on that node; fails as {@code MessageBus.request}
   * does, with {@code UNAVAILABLE} where the node cannot be reached.
   */
  CompletionStage<Reply> requestAt(NodeId node, Message message);
}
