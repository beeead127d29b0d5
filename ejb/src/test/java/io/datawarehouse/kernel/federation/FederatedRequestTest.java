package io.datawarehouse.kernel.federation;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Requests from one node to another, over real sockets. */
class FederatedRequestTest {

  private static final Topic TOPIC = Topic.of("lab.ask");

  @Test
  void requestIsAnsweredByTheNodeThatHandlesIt() throws Exception {
    try (Lab lab = Lab.of("a", "b")) {
      lab.node("b")
          .view("plugin")
          .handle(
              TOPIC,
              HandlerOptions.direct(),
              MessageHandler.sync(m -> Reply.of(m.payload().as(String.class) + "!")));
      lab.awaitHandlers(TOPIC.name(), "b");

      Reply reply =
          lab.node("a")
              .view("plugin")
              .request(Message.query(TOPIC, Payload.of("hello")).build())
              .toCompletableFuture()
              .get(10, TimeUnit.SECONDS);

      assertThat(reply.as(String.class)).isEqualTo("hello!");
      assertThat(reply.handledBy()).contains(lab.node("b").id);
    }
  }
}
