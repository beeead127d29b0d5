package io.datawarehouse.kernel.federation;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.peer.grpc.GrpcPeerNetwork;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What those who ask see of a link that breaks, however long a node takes to get over it. */
@Timeout(60)
class BrokenLinkTest {

  private static final Topic TOPIC = Topic.of("lab.ask");

  /** A guard that takes its time to hear of failures. */
  private static final class SlowGuard implements PeerGuard, PeerGuard.Permit {

    private final CountDownLatch hearing = new CountDownLatch(1);
    private final CountDownLatch going = new CountDownLatch(1);

    @Override
    public boolean admits(NodeId node, Topic topic) {
      return true;
    }

    @Override
    public Permit enter(NodeId node, Topic topic) {
      return this;
    }

    @Override
    public void success(long nanos) {}

    @Override
    public void failure(WarehouseException error, long nanos) {
      hearing.countDown();
      try {
        going.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void cancelled() {}
  }

  private static GrpcPeerNetwork.Settings withOneLoop(GrpcPeerNetwork.Settings settings) {
    return new GrpcPeerNetwork.Settings(
        1,
        settings.queueFrames(),
        settings.queueBytes(),
        settings.batchBytes(),
        settings.mostBytes(),
        settings.zstdAbove(),
        settings.heartbeat(),
        settings.silence(),
        settings.stall(),
        settings.handshake(),
        settings.shortestPause(),
        settings.longestPause(),
        settings.flowWindow());
  }

  private static CompletionStage<Reply> ask(LabNode node) {
    return node.view("p").request(Message.query(TOPIC, Payload.empty()).affinityKey("k").build());
  }

  @Test
  void isGotOverByWhoAsksBeforeAllThatElseHasToHearOfIt() throws Exception {
    SlowGuard guard = new SlowGuard();
    try (Lab lab =
        Lab.of(
            plan -> {
              plan.guard = guard;
              plan.network = BrokenLinkTest::withOneLoop;
            },
            "a",
            "b",
            "c")) {
      CountDownLatch reached = new CountDownLatch(2);
      lab.node("b")
          .view("plugin")
          .handle(
              TOPIC,
              HandlerOptions.direct(),
              message -> {
                reached.countDown();
                return new CompletableFuture<>();
              });
      lab.node("c")
          .view("plugin")
          .handle(TOPIC, HandlerOptions.direct(), MessageHandler.sync(m -> Reply.of("c")));
      lab.awaitHandlers(TOPIC.name(), "b", "c");
      LabNode a = lab.node("a");
      a.seat.owners = List.of(new NodeId("b"), new NodeId("c"));
      CompletionStage<Reply> one = ask(a);
      CompletionStage<Reply> two = ask(a);
      assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();

      try {
        lab.crash("b");

        // The link with c is on the same event loop, and both were under way.
        assertThat(answerOf(one)).isEqualTo("c");
        assertThat(answerOf(two)).isEqualTo("c");
        assertThat(guard.hearing.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(answerOf(ask(a))).isEqualTo("c");
      } finally {
        guard.going.countDown();
      }
    }
  }

  private static String answerOf(CompletionStage<Reply> asked) throws Exception {
    return asked.toCompletableFuture().get(20, TimeUnit.SECONDS).as(String.class);
  }
}
