package io.datawarehouse.kernel.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.HandlerOptions.Execution;
import io.datawarehouse.sdk.message.HandlerOptions.Ordering;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.MessageKind;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.SubscriberOptions.Overflow;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LocalMessageBusTest {

  private static final Topic TOPIC = Topic.of("test.topic");
  private static final Duration SOON = Duration.ofSeconds(60);

  private final Clock clock = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);
  private final BusFixture fixture = new BusFixture(clock, Duration.ofSeconds(30));
  private final MessageBus bus = fixture.bus.view("plugin");
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void close() {
    release.countDown();
    fixture.close();
  }

  @Test
  void callerHandlerRunsOnTheSendersThread() {
    bus.handle(
        TOPIC,
        HandlerOptions.direct(),
        MessageHandler.sync(message -> Reply.of(Thread.currentThread().getName())));

    assertThat(join(bus.request(command())).as(String.class))
        .isEqualTo(Thread.currentThread().getName());
  }

  @Test
  void workerHandlerRunsOnAThreadOfTheBus() {
    bus.handle(
        TOPIC,
        HandlerOptions.defaults(),
        MessageHandler.sync(message -> Reply.of(Thread.currentThread().getName())));

    assertThat(join(bus.request(command())).as(String.class)).startsWith("test-bus-");
  }

  @Test
  void requestWithoutDeadlineGetsTheDefault() {
    bus.handle(
        TOPIC,
        HandlerOptions.direct(),
        MessageHandler.sync(message -> Reply.of(message.deadline().orElseThrow())));

    assertThat(join(bus.request(command())).as(Instant.class))
        .isEqualTo(clock.instant().plusSeconds(30));
  }

  @Test
  void commandWithoutHandlerBecomesADeadLetterAndAQueryDoesNot() {
    failure(bus.request(Message.query(TOPIC, Payload.empty()).build()));
    assertThat(fixture.kept).isEmpty();

    Message command = command();
    failure(bus.request(command));

    BusFixture.Kept kept = fixture.kept.remove();
    assertThat(kept.message().id()).isEqualTo(command.id());
    assertThat(kept.subscriber()).isEmpty();
    assertThat(kept.why().code()).isEqualTo(StandardErrorCode.NO_HANDLER);
  }

  @Test
  void failingSubscribersEventBecomesItsDeadLetter() throws InterruptedException {
    bus.subscribe(
        TopicPattern.of("test.**"),
        SubscriberOptions.defaults(),
        event -> {
          throw new WarehouseException(StandardErrorCode.DISK_FULL, "no room");
        });

    bus.publish(event("lost"));

    BusFixture.Kept kept = fixture.kept.poll(SOON.toSeconds(), TimeUnit.SECONDS);
    assertThat(kept.subscriber()).contains("plugin:test.**");
    assertThat(kept.why().code()).isEqualTo(StandardErrorCode.DISK_FULL);
    assertThat(kept.message().payload().as(String.class)).isEqualTo("lost");
  }

  @Test
  void eventThatOverflowsBecomesADeadLetter() {
    subscribeBlocking(Overflow.DEAD_LETTER);

    bus.publish(event("being handled"));
    bus.publish(event("waits"));
    bus.publish(event("too many"));

    BusFixture.Kept kept = fixture.kept.remove();
    assertThat(kept.message().payload().as(String.class)).isEqualTo("too many");
    assertThat(kept.why().code()).isEqualTo(StandardErrorCode.BULKHEAD_FULL);
  }

  @Test
  void eventThatOverflowsIsDroppedAndCountedWhereAskedFor() {
    subscribeBlocking(Overflow.DROP);

    bus.publish(event("being handled"));
    bus.publish(event("waits"));
    bus.publish(event("too many"));

    assertThat(fixture.kept).isEmpty();
    assertThat(fixture.bus.topics().get(0).failed()).isEqualTo(1);
  }

  @Test
  void eventThatExpiresBeforeItIsHeardBecomesADeadLetter() throws InterruptedException {
    bus.subscribe(TopicPattern.of("test.**"), SubscriberOptions.defaults(), event -> {});

    bus.publish(
        Message.event(TOPIC, Payload.of("late")).deadline(clock.instant().minusMillis(1)).build());

    BusFixture.Kept kept = fixture.kept.poll(SOON.toSeconds(), TimeUnit.SECONDS);
    assertThat(kept.why().code()).isEqualTo(StandardErrorCode.TIMEOUT);
  }

  @Test
  void redeliveryReachesOnlyTheSubscriberThatMissedTheEvent() {
    CompletableFuture<String> one = new CompletableFuture<>();
    CompletableFuture<String> other = new CompletableFuture<>();
    bus.subscribe(
        TopicPattern.of("test.*"),
        SubscriberOptions.defaults(),
        event -> one.complete(event.payload().as(String.class)));
    bus.subscribe(
        TopicPattern.of("test.**"),
        SubscriberOptions.defaults(),
        event -> other.complete(event.payload().as(String.class)));

    fixture
        .bus
        .redeliver(event("again"), "plugin:test.*")
        .toCompletableFuture()
        .orTimeout(10, TimeUnit.SECONDS)
        .join();

    assertThat(one).isCompletedWithValue("again");
    assertThat(other).isNotDone();
  }

  @Test
  void redeliveryToASubscriberThatIsGoneFails() {
    assertThat(codeOf(failure(fixture.bus.redeliver(event("again"), "gone:test.*"))))
        .isEqualTo(StandardErrorCode.NO_HANDLER);
  }

  @Test
  void waitingRequestThatExpiresNeverReachesItsHandler() {
    ManualTime time = new ManualTime(clock.instant());
    try (BusFixture timed = new BusFixture(time, Duration.ofSeconds(30))) {
      CountDownLatch started = new CountDownLatch(1);
      timed
          .bus
          .view("plugin")
          .handle(
              TOPIC,
              new HandlerOptions(Execution.WORKER, Ordering.UNORDERED, 1, 10),
              MessageHandler.sync(
                  message -> {
                    started.countDown();
                    await(release);
                    return Reply.of(message.payload());
                  }));
      CompletionStage<Reply> first = timed.bus.view("x").request(command("first"));
      CompletionStage<Reply> second =
          timed
              .bus
              .view("x")
              .request(
                  Message.command(TOPIC, Payload.of("second"))
                      .timeout(Duration.ofSeconds(5))
                      .build());
      await(started);

      time.now = time.now.plusSeconds(6);
      timed.bus.sweepDeadlines();

      assertThat(codeOf(failure(second))).isEqualTo(StandardErrorCode.TIMEOUT);
      release.countDown();
      assertThat(join(first).as(String.class)).isEqualTo("first");
      // What follows from an answer is part of the request, so that it is counted after that.
      org.awaitility.Awaitility.await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(timed.bus.topics().get(0).delivered()).isEqualTo(2));
      assertThat(timed.bus.topics().get(0).failed()).isEqualTo(1);
    }
  }

  @Test
  void drainingRefusesNewWorkAndFinishesWhatIsUnderWay() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    Topic inner = Topic.of("test.inner");
    bus.handle(inner, HandlerOptions.defaults(), MessageHandler.sync(message -> Reply.of("inner")));
    bus.handle(
        TOPIC,
        HandlerOptions.defaults(),
        message -> {
          started.countDown();
          await(release);
          return bus.request(Message.query(inner, Payload.empty()).causedBy(message).build());
        });
    CompletionStage<Reply> underWay = bus.request(command());
    await(started);
    CompletableFuture<Boolean> drained =
        CompletableFuture.supplyAsync(() -> fixture.bus.drain(SOON), fixture.workers);

    org.awaitility.Awaitility.await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(
                        codeOf(failure(bus.request(Message.query(inner, Payload.empty()).build()))))
                    .isEqualTo(StandardErrorCode.UNAVAILABLE));
    release.countDown();

    assertThat(join(underWay).as(String.class)).isEqualTo("inner");
    assertThat(drained.get(60, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(() -> bus.publish(event("late")))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.UNAVAILABLE));
  }

  @Test
  void commandsAndEventsThatStillWaitWhenDrainingEndsBecomeDeadLetters() {
    CountDownLatch started = new CountDownLatch(1);
    bus.handle(
        TOPIC,
        new HandlerOptions(Execution.WORKER, Ordering.UNORDERED, 1, 10),
        MessageHandler.sync(
            message -> {
              started.countDown();
              await(release);
              return Reply.empty();
            }));
    bus.request(command("under way"));
    await(started);
    CompletionStage<Reply> waitingCommand = bus.request(command("waits"));
    CompletionStage<Reply> waitingQuery =
        bus.request(Message.query(TOPIC, Payload.of("asks")).build());

    boolean inTime = fixture.bus.drain(Duration.ofMillis(50));

    assertThat(inTime).isFalse();
    assertThat(codeOf(failure(waitingCommand))).isEqualTo(StandardErrorCode.UNAVAILABLE);
    assertThat(codeOf(failure(waitingQuery))).isEqualTo(StandardErrorCode.UNAVAILABLE);
    assertThat(fixture.kept)
        .singleElement()
        .satisfies(
            kept -> {
              assertThat(kept.message().kind()).isEqualTo(MessageKind.COMMAND);
              assertThat(kept.message().payload().as(String.class)).isEqualTo("waits");
            });
  }

  @Test
  void evictionTakesOnlyTheOwnersHandlersAndWaitsForThem() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    bus.handle(
        TOPIC,
        HandlerOptions.defaults(),
        MessageHandler.sync(
            message -> {
              started.countDown();
              await(release);
              return Reply.of("done");
            }));
    Topic others = Topic.of("test.other");
    fixture
        .bus
        .view("other")
        .handle(others, HandlerOptions.direct(), MessageHandler.sync(message -> Reply.of("here")));
    CompletionStage<Reply> underWay = bus.request(command());
    await(started);

    CompletableFuture<Boolean> evicted =
        CompletableFuture.supplyAsync(() -> fixture.bus.evict("plugin", SOON), fixture.workers);
    org.awaitility.Awaitility.await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(
                        codeOf(failure(bus.request(Message.query(TOPIC, Payload.empty()).build()))))
                    .isEqualTo(StandardErrorCode.NO_HANDLER));
    assertThat(evicted).isNotDone();
    release.countDown();

    assertThat(evicted.get(60, TimeUnit.SECONDS)).isTrue();
    assertThat(join(underWay).as(String.class)).isEqualTo("done");
    assertThat(join(bus.request(Message.query(others, Payload.empty()).build())).as(String.class))
        .isEqualTo("here");
  }

  @Test
  void topicsTellWhoHandlesAndWhoListens() {
    bus.handle(TOPIC, HandlerOptions.direct(), MessageHandler.sync(message -> Reply.empty()));
    fixture
        .bus
        .view("listener")
        .subscribe(TopicPattern.of("test.**"), SubscriberOptions.defaults(), event -> {});
    join(bus.request(command()));

    assertThat(fixture.bus.topics())
        .extracting(TopicStatus::topic, TopicStatus::handler, TopicStatus::subscribers)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(
                "test.**", Optional.empty(), java.util.List.of("listener")),
            org.assertj.core.groups.Tuple.tuple(
                "test.topic", Optional.of("plugin"), java.util.List.of()));
    assertThat(fixture.bus.topics().get(1).delivered()).isEqualTo(1);
    assertThat(fixture.bus.topics().get(1).inFlight()).isZero();
  }

  @Test
  void eventIsNotARequestAndACommandIsNotPublished() {
    assertThatThrownBy(() -> bus.request(event("x"))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> bus.publish(command())).isInstanceOf(IllegalArgumentException.class);
  }

  private void subscribeBlocking(Overflow overflow) {
    bus.subscribe(
        TopicPattern.of("test.**"), new SubscriberOptions(1, 1, overflow), event -> await(release));
  }

  private static Message command() {
    return Message.command(TOPIC, Payload.empty()).build();
  }

  private static Message command(String text) {
    return Message.command(TOPIC, Payload.of(text)).build();
  }

  private static Message event(String text) {
    return Message.event(TOPIC, Payload.of(text)).build();
  }

  private static Reply join(CompletionStage<Reply> answer) {
    return answer.toCompletableFuture().orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
  }

  private static Throwable failure(CompletionStage<?> answer) {
    try {
      answer.toCompletableFuture().orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      return e.getCause();
    }
    throw new AssertionError("the request should have failed");
  }

  private static StandardErrorCode codeOf(Throwable thrown) {
    return (StandardErrorCode) ((WarehouseException) thrown).code();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private static final class ManualTime extends Clock {
    private volatile Instant now;

    ManualTime(Instant now) {
      this.now = now;
    }

    @Override
    public java.time.ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(java.time.ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }
}
