package io.datawarehouse.kernel.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.datawarehouse.kernel.cluster.RouteAnswer;
import io.datawarehouse.kernel.cluster.RouteQuestion;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardMaps;
import io.datawarehouse.kernel.sharding.ShardingChoice;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests about blobs whose owners a bucket's own map names, over real sockets. */
@Timeout(120)
class ShardedRequestTest {

  private static final Topic OWNED = Topic.of("owned.ask");
  private static final BucketName BUCKET = new BucketName("photos");

  private final ShardMaps maps = new ShardMaps();

  private Lab lab() throws Exception {
    return Lab.of(plan -> plan.settings = s -> s.withOwnerOnly(OWNED::equals, maps), "a", "b", "c");
  }

  /** A map by which everything belongs to a node. */
  private static ShardMap allOn(String node) {
    return ShardMap.layOn(
        BUCKET,
        ShardingChoice.of(
            "directory",
            Optional.of(
                Json.read(
                    Json.write(Map.of("entries", List.of(Map.of("prefix", "", "node", node)))),
                    ShardingOptions.class))),
        new NodeId(node));
  }

  private static void handle(LabNode node, MessageHandler.Synchronous function) {
    node.view("plugin").handle(OWNED, HandlerOptions.direct(), MessageHandler.sync(function));
  }

  private static void answerWithNames(Lab lab, String... names) throws Exception {
    for (String name : names) {
      handle(lab.node(name), m -> Reply.of(name));
    }
  }

  private static CompletionStage<Reply> ask(Lab lab) {
    return lab.node("a")
        .view("plugin")
        .request(Message.query(OWNED, Payload.empty()).affinityKey("photos/k").build());
  }

  private static Reply get(CompletionStage<Reply> answer) throws Exception {
    return answer.toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void ownerThatIsNotKnownIsAskedForBeforeTheMessageGoesOut() throws Exception {
    AtomicInteger questions = new AtomicInteger();
    maps.askBy(
        () -> {
          questions.incrementAndGet();
          maps.put(BUCKET, allOn("c"), 1);
          return CompletableFuture.completedFuture(null);
        },
        () -> true);
    try (Lab lab = lab()) {
      answerWithNames(lab, "a", "b", "c");
      lab.awaitHandlers(OWNED.name(), "a", "b", "c");

      assertThat(get(ask(lab)).as(String.class)).isEqualTo("c");
      assertThat(get(ask(lab)).as(String.class)).isEqualTo("c");
      assertThat(questions).hasValue(1);
      RouteAnswer route =
          lab.node("a").bus.explain(new RouteQuestion(OWNED, Optional.of("photos/k")));
      assertThat(route.chosen()).contains(new NodeId("c"));
      assertThat(route.segment()).hasValue(256);
      assertThat(route.sharding().orElseThrow().scheme()).isEqualTo("directory");
      assertThat(route.because()).contains("the directory's entry");
    }
  }

  @Test
  void keyThatNobodyMayHoldIsRefusedBeforeItGoesOut() throws Exception {
    ShardMap nowhere = ShardMap.lay(BUCKET, allOn("c").choice(), List.of());
    maps.put(BUCKET, nowhere, 1);
    try (Lab lab = lab()) {
      answerWithNames(lab, "a", "b", "c");
      lab.awaitHandlers(OWNED.name(), "a", "b", "c");

      assertThat(catchThrowable(() -> get(ask(lab))).getCause())
          .isInstanceOfSatisfying(
              WarehouseException.class,
              e -> assertThat(e.code()).isEqualTo(StandardErrorCode.RESIDENCY_UNSATISFIED));
      RouteAnswer route =
          lab.node("a").bus.explain(new RouteQuestion(OWNED, Optional.of("photos/k")));
      assertThat(route.chosen()).isEmpty();
      assertThat(route.because()).contains("no node is there that may hold the key");
    }
  }
}
