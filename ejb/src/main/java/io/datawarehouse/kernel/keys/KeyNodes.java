package io.datawarehouse.kernel.keys;

import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Reply;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Asks all nodes that may have keys. Thread-safe; blocks for the answers. */
final class KeyNodes {

  private static final System.Logger LOG = System.getLogger(KeyNodes.class.getName());

  /** What a stage that promises to end in time may take beyond it. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  /**
   * What came back.
   *
   * @param replies the answers, by node: this one first, then the others in their order
   * @param away the nodes that did not answer, with why
   */
  record Answers<T>(Map<NodeId, T> replies, Map<NodeId, WarehouseException> away) {

    List<NodeId> missing() {
      return away.keySet().stream().sorted().toList();
    }
  }

  private final NodeId self;
  private final Supplier<? extends Collection<NodeId>> nodes;
  private final NodeRequests requests;

  KeyNodes(NodeId self, Supplier<? extends Collection<NodeId>> nodes, NodeRequests requests) {
    this.self = self;
    this.nodes = nodes;
    this.requests = requests;
  }

  /** Sends all of them the same message, this one too. */
  <T> Answers<T> all(Message.Builder builder, Class<T> answer, Duration limit) {
    Message message = builder.timeout(limit).build();
    Set<NodeId> others = new TreeSet<>(nodes.get());
    others.remove(self);
    Map<NodeId, CompletionStage<Reply>> asked = new LinkedHashMap<>();
    asked.put(self, requests.requestAt(self, message));
    others.forEach(node -> asked.put(node, requests.requestAt(node, message)));
    Map<NodeId, T> replies = new LinkedHashMap<>();
    Map<NodeId, WarehouseException> away = new LinkedHashMap<>();
    asked.forEach(
        (node, stage) -> {
          try {
            replies.put(node, await(stage, limit).as(answer));
          } catch (WarehouseException e) {
            LOG.log(
                System.Logger.Level.WARNING,
                "node {0} did not answer {1}: {2}",
                node,
                message.topic(),
                e.detail());
            away.put(node, e);
          }
        });
    return new Answers<>(replies, away);
  }

  /**
   * Returns what the stage completes with, or throws its error as it is.
   *
   * @param limit within which the stage promises to complete
   */
  static <T> T await(CompletionStage<T> stage, Duration limit) {
    try {
      return stage.toCompletableFuture().get(limit.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw unwrapped(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw new WarehouseException(
          StandardErrorCode.TIMEOUT, "the cluster did not answer within " + limit, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE, "interrupted while waiting for the cluster", e);
    }
  }

  private static WarehouseException unwrapped(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof WarehouseException known
        ? known
        : new WarehouseException(
            StandardErrorCode.UNAVAILABLE, "the cluster could not answer: " + cause, cause);
  }
}
