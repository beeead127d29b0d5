package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.placement.Ownership;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Asks all nodes that may hold blobs the same question. Thread-safe; blocks for the answers. */
final class Owners {

  /**
   * What came back.
   *
   * @param replies the answers, by node, in the nodes' order
   * @param away the nodes that did not answer, sorted, with why
   */
  record Answers<T>(Map<NodeId, T> replies, Map<NodeId, WarehouseException> away) {

    List<NodeId> missing() {
      return away.keySet().stream().sorted().toList();
    }
  }

  private static final int ATTEMPTS = 8;

  private final BlobCluster cluster;

  Owners(BlobCluster cluster) {
    this.cluster = cluster;
  }

  /** Returns the nodes that own segments; before there is a table, those that are active. */
  List<NodeId> nodes() {
    return cluster
        .board()
        .table()
        .map(table -> table.nodes().stream().sorted().toList())
        .orElseGet(
            () ->
                cluster.membership().view().active().stream()
                    .map(ClusterNode::id)
                    .collect(Collectors.toList()));
  }

  /**
   * Asks all of them a query whose answers must go by the same table as the choice of those who are
   * asked: else what is just moving could appear nowhere. Where they do not it asks again, with
   * what is agreed on by then.
   *
   * @param bucket what it is about; all buckets where empty
   * @param question makes the query of what this node goes by
   * @throws WarehouseException {@code UNAVAILABLE} where the nodes do not come to go by the same
   */
  <T extends NodeBlobs.Stamped> Answers<T> askAgreeing(
      Topic topic,
      Optional<BucketName> bucket,
      Function<String, Object> question,
      Class<T> answer) {
    return agreeing(
        bucket, stamp -> Message.query(topic, Payload.of(question.apply(stamp))), answer);
  }

  /** Sends all of them a command whose answers must go by the same table. */
  <T extends NodeBlobs.Stamped> Answers<T> tellAgreeing(
      Topic topic, Optional<BucketName> bucket, Function<String, Object> command, Class<T> answer) {
    return agreeing(
        bucket, stamp -> Message.command(topic, Payload.of(command.apply(stamp))), answer);
  }

  private <T extends NodeBlobs.Stamped> Answers<T> agreeing(
      Optional<BucketName> bucket, Function<String, Message.Builder> message, Class<T> answer) {
    Ownership ownership = cluster.ownership();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      String stamp = ownership.stamp(bucket);
      Answers<T> answers = all(message.apply(stamp), answer);
      if (answers.replies.values().stream().allMatch(reply -> reply.stamp().equals(stamp))) {
        return answers;
      }
      Void unused = Stages.await(ownership.refresh(), cluster.limit());
    }
    throw new WarehouseException(
        StandardErrorCode.UNAVAILABLE,
        "the nodes do not agree on who owns what just now; try again");
  }

  private <T> Answers<T> all(Message.Builder builder, Class<T> answer) {
    Message message = builder.timeout(cluster.limit()).build();
    Map<NodeId, CompletionStage<Reply>> asked = new LinkedHashMap<>();
    for (NodeId node : nodes()) {
      asked.put(node, cluster.nodes().requestAt(node, message));
    }
    Map<NodeId, T> replies = new LinkedHashMap<>();
    Map<NodeId, WarehouseException> away = new LinkedHashMap<>();
    asked.forEach(
        (node, stage) -> {
          try {
            replies.put(node, Stages.await(stage, cluster.limit()).as(answer));
          } catch (WarehouseException e) {
            away.put(node, e);
          }
        });
    return new Answers<>(replies, away);
  }
}
