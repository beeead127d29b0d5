package io.datawarehouse.kernel.whatif;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.bus.KernelBus;
import io.datawarehouse.kernel.bus.TopicStatus;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.EventSubscriber;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RecordedBusTest {

  private static final Topic TOPIC = Topic.of("shop.buy");
  private static final Topic LOCAL = Topic.of("shop.local");

  private final AtomicLong now = new AtomicLong(1_000);
  private final LoadRecorder recorder =
      new LoadRecorder(true, now::get, () -> Duration.ofMinutes(5));
  private final Waiting waiting = new Waiting();
  private final MessageBus bus = new RecordedBus(waiting, recorder, LOCAL::equals).view("shop");

  /** A bus whose answers the test gives. */
  private static final class Waiting implements KernelBus, MessageBus {

    private final Deque<CompletableFuture<Reply>> answers = new ArrayDeque<>();

    @Override
    public CompletionStage<Reply> request(Message message) {
      CompletableFuture<Reply> answer = new CompletableFuture<>();
      answers.add(answer);
      return answer;
    }

    void answer(String node) {
      answers.remove().complete(Reply.empty().delivered(new NodeId(node), Json.codec()));
    }

    @Override
    public MessageBus view(String owner) {
      return this;
    }

    @Override
    public void publish(Message event) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Registration handle(Topic topic, HandlerOptions options, MessageHandler handler) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Registration subscribe(
        TopicPattern pattern, SubscriberOptions options, EventSubscriber subscriber) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<TopicStatus> topics() {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Void> redeliver(Message event, String subscriber) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Void> resend(Message command) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean evict(String owner, Duration limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean drain(Duration limit) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void recordsWhoAnsweredWhenAndNoKeys() {
    var first = bus.request(Message.query(TOPIC, Payload.empty()).affinityKey("secret").build());
    now.addAndGet(500);
    var second = bus.request(Message.query(TOPIC, Payload.empty()).build());
    waiting.answer("node-2");
    now.addAndGet(70);
    waiting.answer("node-3");

    assertThat(first.toCompletableFuture()).isCompleted();
    assertThat(second.toCompletableFuture()).isCompleted();
    assertThat(recorder.recorded())
        .containsExactly(
            new LoadRecorder.Recorded(
                1_000, true, KeyHash.of("secret"), new NodeId("node-2"), 500, 0, 1),
            new LoadRecorder.Recorded(1_500, false, 0, new NodeId("node-3"), 70, 0, 1));
  }

  @Test
  void recordsNeitherWhatFailedNorWhatNobodyRoutes() {
    var failed = bus.request(Message.query(TOPIC, Payload.empty()).build());
    waiting.answers.remove().completeExceptionally(new IllegalStateException("no"));
    var local = bus.request(Message.query(LOCAL, Payload.empty()).build());
    waiting.answer("node-1");

    assertThat(failed.toCompletableFuture()).isCompletedExceptionally();
    assertThat(local.toCompletableFuture()).isCompleted();
    assertThat(recorder.recorded()).isEmpty();
  }

  @Test
  void recordingThatIsOffLeavesTheBusAsItIs() {
    LoadRecorder off = new LoadRecorder(false, now::get, () -> Duration.ofMinutes(5));

    assertThat(new RecordedBus(waiting, off, topic -> false).view("shop")).isSameAs(waiting);
  }
}
