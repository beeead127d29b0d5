package io.datawarehouse.kernel.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.HandlerOptions.Execution;
import io.datawarehouse.sdk.message.HandlerOptions.Ordering;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.SubscriberOptions.Overflow;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the bus does when others around it fail, hang or ask for too much. */
class BusRobustnessTest {

  private static final Topic TOPIC = Topic.of("test.topic");
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String LOST = "deadletters.lost{}";

  private final BusFixture fixture = new BusFixture(Clock.systemUTC(), Duration.ofSeconds(30));
  private final MessageBus bus = fixture.bus.view("plugin");
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void close() {
    release.countDown();
    fixture.close();
  }

  @Test
  void sinkThatFailsChangesNeitherTheAnswerNorWhatHappensToTheContent() {
    fixture.sinkFails = true;
    AtomicBoolean closed = new AtomicBoolean();
    Message command =
        Message.command(TOPIC, Payload.empty()).content(contentThatTells(closed)).build();

    assertThat(codeOf(bus.request(command))).isEqualTo(StandardErrorCode.NO_HANDLER);

    assertThat(closed).isTrue();
    assertThat(fixture.metrics.counters.get(LOST).sum()).isEqualTo(1);
  }

  @Test
  void sinkThatFailsKeepsNobodyFromLaterEvents() throws InterruptedException {
    fixture.sinkFails = true;
    LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    bus.subscribe(
        TopicPattern.of("test.**"),
        new SubscriberOptions(1, 100, Overflow.DEAD_LETTER),
        event -> {
          if (heard.add(event.payload().as(String.class)) && heard.size() < 4) {
            throw new IllegalStateException("not yet");
          }
        });

    for (String text : List.of("one", "two", "three", "four", "five")) {
      bus.publish(Message.event(TOPIC, Payload.of(text)).affinityKey("same").build());
    }

    for (String text : List.of("one", "two", "three", "four", "five")) {
      assertThat(heard.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo(text);
    }
    assertThat(fixture.bus.drain(SOON)).isTrue();
  }

  @Test
  void sinkThatFailsOnOverflowKeepsNoOtherSubscriberFromTheEvent() throws InterruptedException {
    CountDownLatch busy = new CountDownLatch(1);
    bus.subscribe(
        TopicPattern.of("test.*"),
        new SubscriberOptions(1, 1, Overflow.DEAD_LETTER),
        event -> {
          busy.countDown();
          release.await();
        });
    LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    bus.subscribe(
        TopicPattern.of("test.**"),
        SubscriberOptions.defaults(),
        event -> heard.add(event.payload().as(String.class)));
    fixture.sinkFails = true;

    bus.publish(Message.event(TOPIC, Payload.of("taken")).build());
    assertThat(busy.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    bus.publish(Message.event(TOPIC, Payload.of("waits")).build());
    bus.publish(Message.event(TOPIC, Payload.of("overflows")).build());

    List<String> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      all.add(heard.poll(SOON.toSeconds(), TimeUnit.SECONDS));
    }
    assertThat(all).containsExactlyInAnyOrder("taken", "waits", "overflows");
    assertThat(fixture.metrics.counters.get(LOST).sum()).isEqualTo(1);
  }

  @Test
  void handlersThatWaitForOtherHandlersDoNotStarveThem() {
    Topic inner = Topic.of("test.inner");
    int more = 10 * fixture.workers.getParallelism();
    CountDownLatch allAsk = new CountDownLatch(fixture.workers.getParallelism());
    bus.handle(
        inner,
        HandlerOptions.defaults().withOrdering(Ordering.UNORDERED),
        MessageHandler.sync(message -> Reply.of("inner")));
    bus.handle(
        TOPIC,
        new HandlerOptions(Execution.WORKER, Ordering.UNORDERED, more, more),
        MessageHandler.sync(
            message -> {
              allAsk.countDown();
              assertThat(allAsk.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
              return Reply.of(
                  bus.request(Message.query(inner, Payload.empty()).causedBy(message).build())
                      .toCompletableFuture()
                      .join()
                      .payload());
            }));

    List<CompletionStage<Reply>> answers = new ArrayList<>();
    for (int i = 0; i < more; i++) {
      answers.add(bus.request(Message.query(TOPIC, Payload.empty()).build()));
    }

    for (CompletionStage<Reply> answer : answers) {
      assertThat(
              answer.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join().as(String.class))
          .isEqualTo("inner");
    }
  }

  @Test
  void senderThatGaveUpDoesNotHoldUpDraining() throws InterruptedException {
    CountDownLatch busy = new CountDownLatch(1);
    bus.handle(
        TOPIC,
        new HandlerOptions(Execution.WORKER, Ordering.UNORDERED, 1, 10),
        MessageHandler.sync(
            message -> {
              busy.countDown();
              release.await();
              return Reply.empty();
            }));
    CompletionStage<Reply> underWay = bus.request(octets(1));
    assertThat(busy.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    AtomicBoolean closed = new AtomicBoolean();
    CompletionStage<Reply> waits =
        bus.request(octets(1).copy().content(contentThatTells(closed)).build());

    assertThat(underWay.toCompletableFuture().cancel(false)).isTrue();
    assertThat(waits.toCompletableFuture().completeExceptionally(new IllegalStateException()))
        .isTrue();
    assertThat(closed).isTrue();
    release.countDown();

    assertThat(fixture.bus.drain(SOON)).isTrue();
    assertThat(fixture.bus.topics().get(0).inFlight()).isZero();
    assertThat(fixture.bus.topics().get(0).failed()).isEqualTo(2);
  }

  @Test
  void handlerThatAlwaysHasMoreToDoLeavesTheThreadToOthersNowAndThen() throws Exception {
    try (BusFixture narrow = new BusFixture(Clock.systemUTC(), Duration.ofSeconds(30), 1)) {
      MessageBus one = narrow.bus.view("plugin");
      AtomicBoolean enough = new AtomicBoolean();
      CountDownLatch busy = new CountDownLatch(1);
      one.handle(
          TOPIC,
          new HandlerOptions(Execution.WORKER, Ordering.UNORDERED, 1, 10),
          MessageHandler.sync(
              message -> {
                if (!enough.get()) {
                  var unused = one.request(octets(1));
                }
                busy.countDown();
                return Reply.empty();
              }));
      Topic other = Topic.of("test.other");
      one.handle(other, HandlerOptions.defaults(), MessageHandler.sync(message -> Reply.of("me")));
      var unused = one.request(octets(1));
      assertThat(busy.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();

      CompletionStage<Reply> answer = one.request(Message.query(other, Payload.empty()).build());

      try {
        assertThat(
                answer
                    .toCompletableFuture()
                    .orTimeout(20, TimeUnit.SECONDS)
                    .join()
                    .as(String.class))
            .isEqualTo("me");
      } finally {
        enough.set(true);
      }
    }
  }

  @Test
  void largePayloadsThatWouldWaitBeyondTheBudgetAreRefused() throws InterruptedException {
    CountDownLatch busy = new CountDownLatch(1);
    bus.handle(
        TOPIC,
        new HandlerOptions(Execution.WORKER, Ordering.UNORDERED, 1, 100),
        MessageHandler.sync(
            message -> {
              busy.countDown();
              release.await();
              return Reply.empty();
            }));
    CompletionStage<Reply> handled = bus.request(octets(600));
    assertThat(busy.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    CompletionStage<Reply> waits = bus.request(octets(600));

    assertThat(codeOf(bus.request(octets(600)))).isEqualTo(StandardErrorCode.BULKHEAD_FULL);
    CompletionStage<Reply> small = bus.request(octets(400));
    release.countDown();

    for (CompletionStage<Reply> answer : List.of(handled, waits, small)) {
      assertThat(answer.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join()).isNotNull();
    }
  }

  @Test
  void watchersOfAnyPatternAreCountedTogether() {
    for (int i = 0; i < 100; i++) {
      bus.subscribe(
              TopicPattern.of("test.p" + i),
              new SubscriberOptions(1, 1, Overflow.DROP),
              event -> {})
          .close();
    }

    assertThat(fixture.metrics.counters.keySet().stream().filter(name -> name.startsWith("bus.")))
        .containsExactlyInAnyOrder(
            "bus.deliveries{owner=plugin, topic=**}", "bus.failures{owner=plugin, topic=**}");
  }

  private static Message octets(int size) {
    return Message.command(TOPIC, Payload.of(Bytes.copyOf(new byte[size]))).build();
  }

  private static Content contentThatTells(AtomicBoolean closed) {
    InputStream stream =
        new ByteArrayInputStream(new byte[1]) {
          @Override
          public void close() {
            closed.set(true);
          }
        };
    return Content.of(stream, OptionalLong.of(1), "text/plain");
  }

  private static ErrorCode codeOf(CompletionStage<?> stage) {
    Throwable thrown =
        catchThrowable(() -> stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join());
    assertThat(thrown).isInstanceOf(CompletionException.class);
    return ((WarehouseException) thrown.getCause()).code();
  }
}
