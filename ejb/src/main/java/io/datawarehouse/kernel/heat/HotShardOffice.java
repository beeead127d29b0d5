package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Shows the hot segments of the whole cluster: each owner tells its own when it is asked.
 * Thread-safe.
 */
public final class HotShardOffice implements AutoCloseable {

  private static final int MOST_KEYS = 20;

  /**
   * What it works with.
   *
   * @param self this node
   * @param active the nodes that may own segments
   * @param nodes how to ask one certain node
   * @param own what this node knows
   * @param rules the rules of this moment
   * @param limit how long the answer of another node may take
   */
  public record Options(
      NodeId self,
      Supplier<List<NodeId>> active,
      NodeRequests nodes,
      HotSegments own,
      Supplier<HeatRules> rules,
      Duration limit) {}

  private final Options options;
  private Optional<Registration> registration = Optional.empty();

  /** Makes an office that tells nobody else before it is registered. */
  public HotShardOffice(Options options) {
    this.options = options;
  }

  /** Answers the questions of other nodes from now on. Called once. */
  public void register(MessageBus bus) {
    registration =
        Optional.of(
            bus.handle(
                HeatMessages.HOT,
                HandlerOptions.direct(),
                MessageHandler.sync(
                    message ->
                        Reply.of(
                            options.own.own(
                                message.payload().as(HeatMessages.HotQuestion.class).keys())))));
  }

  /**
   * Returns what is hot; waits for the owners.
   *
   * @param keys whether the keys that are asked for most are shown too
   */
  public HotShards all(boolean keys) {
    Map<NodeId, CompletableFuture<Optional<HeatMessages.HotAnswer>>> asked = new LinkedHashMap<>();
    options.active.get().stream().sorted().forEach(node -> asked.put(node, ask(node, keys)));
    List<HotShards.Shard> shards = new ArrayList<>();
    List<HotShards.Foreseen> foreseen = new ArrayList<>();
    List<HotShards.Key> hotKeys = new ArrayList<>();
    List<HotShards.Forecasts> forecasts = new ArrayList<>();
    List<NodeId> missing = new ArrayList<>();
    asked.forEach(
        (node, answer) ->
            answer
                .join()
                .ifPresentOrElse(
                    told -> {
                      shards.addAll(told.shards());
                      foreseen.addAll(told.foreseen());
                      hotKeys.addAll(told.keys());
                      forecasts.add(told.forecasts());
                    },
                    () -> missing.add(node)));
    shards.sort(Comparator.comparingDouble(HotShards.Shard::requestsPerSecond).reversed());
    foreseen.sort(
        Comparator.comparingDouble((HotShards.Foreseen each) -> each.forecast().requestsPerSecond())
            .reversed());
    HeatRules rules = options.rules.get();
    return new HotShards(
        rules.detection(),
        rules.threshold(),
        rules.actsByItself(),
        rules.predictive(),
        shards,
        foreseen,
        keys ? Optional.of(together(hotKeys)) : Optional.empty(),
        forecasts,
        missing);
  }

  /** Adds up what several nodes served of a key: its owner, and those with copies. */
  private static List<HotShards.Key> together(List<HotShards.Key> told) {
    Map<BlobKey, HotShards.Key> sums = new HashMap<>();
    told.forEach(key -> sums.merge(new BlobKey(key.bucket(), key.key()), key, HotShards.Key::and));
    return sums.values().stream()
        .sorted(Comparator.comparingDouble(HotShards.Key::requestsPerSecond).reversed())
        .limit(MOST_KEYS)
        .toList();
  }

  /** Asks a node; never fails. */
  private CompletableFuture<Optional<HeatMessages.HotAnswer>> ask(NodeId node, boolean keys) {
    if (node.equals(options.self)) {
      return CompletableFuture.completedFuture(Optional.of(options.own.own(keys)));
    }
    return options
        .nodes
        .requestAt(
            node,
            Message.query(HeatMessages.HOT, Payload.of(new HeatMessages.HotQuestion(keys)))
                .timeout(options.limit)
                .build())
        .toCompletableFuture()
        .handle(
            (reply, failure) ->
                failure == null
                    ? Optional.of(reply.as(HeatMessages.HotAnswer.class))
                    : Optional.empty());
  }

  /** Answers no questions any more. */
  @Override
  public void close() {
    registration.ifPresent(Registration::close);
  }
}
