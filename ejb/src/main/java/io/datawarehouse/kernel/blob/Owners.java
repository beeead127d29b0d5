package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.placement.Ownership;
import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.kernel.sharding.ShardMap;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

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

  /** Returns the nodes that own segments of the cluster or of a bucket. */
  List<NodeId> nodes() {
    Set<NodeId> nodes = new TreeSet<>(ofCluster());
    nodes.addAll(cluster.maps().owners());
    return List.copyOf(nodes);
  }

  /** Returns the nodes on which blobs of a bucket may lie. */
  List<NodeId> nodes(ShardMap map) {
    Set<NodeId> nodes = new TreeSet<>(map.owners());
    if (map.usesClusterSegments()) {
      nodes.addAll(ofCluster());
    }
    return List.copyOf(nodes);
  }

  private List<NodeId> nodes(Optional<BucketName> bucket) {
    return bucket
        .map(name -> nodes(cluster.maps().find(name).orElse(ShardMap.HASHED)))
        .orElseGet(this::nodes);
  }

  /** Before there is a table, those that are active. */
  private List<NodeId> ofCluster() {
    return cluster
        .board()
        .table()
        .map(SegmentTable::nodes)
        .orElseGet(
            () -> cluster.membership().view().active().stream().map(ClusterNode::id).toList());
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
      Answers<T> answers = all(nodes(bucket), message.apply(stamp), answer);
      if (answers.replies.values().stream().allMatch(reply -> reply.stamp().equals(stamp))) {
        return answers;
      }
      Void unused = Stages.await(ownership.refresh(), cluster.limit());
    }
    throw new WarehouseException(
        StandardErrorCode.UNAVAILABLE,
        "the nodes do not agree on who owns what just now; try again");
  }

  /** Asks nodes a query. */
  <T> Answers<T> ask(List<NodeId> nodes, Topic topic, Object question, Class<T> answer) {
    return all(nodes, Message.query(topic, Payload.of(question)), answer);
  }

  private <T> Answers<T> all(List<NodeId> nodes, Message.Builder builder, Class<T> answer) {
    Message message = builder.timeout(cluster.limit()).build();
    Map<NodeId, CompletionStage<Reply>> asked = new LinkedHashMap<>();
    for (NodeId node : nodes) {
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
