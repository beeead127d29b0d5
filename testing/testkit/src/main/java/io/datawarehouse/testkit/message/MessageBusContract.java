package io.datawarehouse.testkit.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.datawarehouse.sdk.error.ErrorCategory;
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
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import io.datawarehouse.sdk.message.TraceContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a {@link MessageBus} must do, whatever lies between sender and handler. A subclass gives two
 * views of one bus, as two plugins have them; on a federated bus they are on different nodes.
 */
public abstract class MessageBusContract {

  /** A question of the sender's own type. */
  public record Question(String text, int number, List<String> words) {
    /** Copies, so that nothing can change after it was sent. */
    public Question {
      words = List.copyOf(words);
    }
  }

  /** The same shape, as another plugin would declare it. */
  public record SameShape(String text, int number, List<String> words) {
    /** Copies, so that nothing can change after it was sent. */
    public SameShape {
      words = List.copyOf(words);
    }
  }

  /** An answer. */
  public record Answer(String text) {}

  /** A code that a plugin has made up. */
  private enum OwnCode implements ErrorCode {
    SHOP_CLOSED;

    @Override
    public ErrorCategory category() {
      return ErrorCategory.EXTERNAL;
    }

    @Override
    public boolean retryable() {
      return true;
    }
  }

  /** A record that forgot to copy. */
  public record Careless(List<String> words) {}

  private static final Topic TOPIC = Topic.of("contract.ask");
  private static final Duration SOON = Duration.ofSeconds(60);

  /** Returns the bus as the sending plugin sees it. */
  protected abstract MessageBus sender();

  /** Returns the same bus as the handling plugin sees it. */
  protected abstract MessageBus receiver();

  /** Waits until what the receiver registered is known to the sender; nothing to do locally. */
  protected void settle() {}

  /**
   * Called while messages are under way that must come through whatever breaks; a bus over a
   * network may break something that mends itself. Nothing by default.
   */
  protected void disturb() {}

  @Test
  void commandReachesTheHandlerAndItsReplyTheSender() {
    handle(
        HandlerOptions.defaults(),
        message -> Reply.of(new Answer(message.payload().as(Question.class).text() + "!")));

    Reply reply = ask(Message.command(TOPIC, Payload.of(new Question("hello", 1, List.of()))));

    assertThat(reply.as(Answer.class)).isEqualTo(new Answer("hello!"));
    assertThat(reply.handledBy()).isPresent();
  }

  @Test
  void payloadIsReadAsTheHandlersOwnTypeOfTheSameShape() {
    handle(
        HandlerOptions.defaults(),
        message -> {
          SameShape question = message.payload().as(SameShape.class);
          return Reply.of(new Question(question.text(), question.number() + 1, question.words()));
        });

    Reply reply = ask(Message.query(TOPIC, Payload.of(new Question("q", 41, List.of("a", "b")))));

    assertThat(reply.as(SameShape.class)).isEqualTo(new SameShape("q", 42, List.of("a", "b")));
  }

  @Test
  void payloadOfAnotherShapeIsATypedErrorOfTheHandler() {
    handle(
        HandlerOptions.defaults(),
        message -> Reply.of(new Answer(message.payload().as(Question.class).text())));

    assertFails(
        Message.command(
            TOPIC,
            Payload.of(Map.of("text", "t", "number", 1, "words", List.of(), "unexpected", 1))),
        StandardErrorCode.INVALID_JSON,
        "unexpected");
  }

  @Test
  void envelopeArrivesWhole() {
    LinkedBlockingQueue<Message> seen = new LinkedBlockingQueue<>();
    handle(
        HandlerOptions.defaults(),
        message -> {
          seen.add(message);
          return Reply.empty();
        });
    Message first = Message.command(TOPIC, Payload.empty()).build();
    TraceContext trace = TraceContext.start();
    Message message =
        Message.command(TOPIC, Payload.of("payload"))
            .causedBy(first)
            .headers(Map.of("name", "value"))
            .affinityKey("key")
            .trace(trace)
            .timeout(SOON)
            .build();

    await(sender().request(message));

    Message arrived = seen.remove();
    assertThat(arrived.id()).isEqualTo(message.id());
    assertThat(arrived.topic()).isEqualTo(TOPIC);
    assertThat(arrived.kind()).isEqualTo(message.kind());
    assertThat(arrived.headers()).isEqualTo(Map.of("name", "value"));
    assertThat(arrived.affinityKey()).contains("key");
    assertThat(arrived.correlationId()).isEqualTo(first.id());
    assertThat(arrived.causationId()).contains(first.id());
    assertThat(arrived.trace()).contains(trace);
    assertThat(arrived.deadline()).isPresent();
    assertThat(arrived.payload().as(String.class)).isEqualTo("payload");
  }

  @Test
  void contentTravelsBesideTheMessageBothWays() {
    handle(
        HandlerOptions.defaults(),
        message -> {
          try (Content content = message.content().orElseThrow()) {
            byte[] bytes = content.stream().readAllBytes();
            return Reply.of(
                Payload.of("took " + bytes.length), Content.of(Bytes.copyOf(bytes), "x/y"));
          }
        });
    Bytes body = Bytes.utf8("large content");

    Reply reply =
        ask(Message.command(TOPIC, Payload.empty()).content(Content.of(body, "text/plain")));

    try (Content content = reply.content().orElseThrow()) {
      assertThat(content.stream()).hasBinaryContent(body.toArray());
      assertThat(content.contentType()).isEqualTo("x/y");
    }
    assertThat(reply.as(String.class)).isEqualTo("took 13");
  }

  @Test
  void contentThatNobodyTakesIsClosed() {
    AtomicBoolean closed = new AtomicBoolean();
    Message message =
        Message.command(Topic.of("contract.nobody"), Payload.empty())
            .content(Content.of(tellingWhenClosed(closed), OptionalLong.empty(), "x/y"))
            .build();

    assertThat(errorOf(sender().request(message))).isEqualTo(StandardErrorCode.NO_HANDLER);
    assertThat(closed).isTrue();
  }

  @Test
  void topicWithoutHandlerIsATypedError() {
    assertFails(
        Message.query(Topic.of("contract.nobody"), Payload.empty()),
        StandardErrorCode.NO_HANDLER,
        "contract.nobody");
  }

  @Test
  void secondHandlerOfATopicIsRefusedNamingBoth() {
    handle(HandlerOptions.defaults(), message -> Reply.empty());

    assertThatThrownBy(() -> handle(HandlerOptions.defaults(), message -> Reply.empty()))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.DUPLICATE_HANDLER));
  }

  @Test
  void handlerThatWasTakenOffIsNoLongerThere() {
    Registration registration = handle(HandlerOptions.defaults(), message -> Reply.empty());
    registration.close();
    registration.close();
    settle();

    assertFails(Message.query(TOPIC, Payload.empty()), StandardErrorCode.NO_HANDLER, TOPIC.name());
  }

  @ParameterizedTest
  @EnumSource(Execution.class)
  void handlersWarehouseExceptionReachesTheSenderAsItIs(Execution execution) {
    handle(
        HandlerOptions.defaults().withExecution(execution),
        message -> {
          throw new WarehouseException(
              StandardErrorCode.QUOTA_EXCEEDED, "no room", Map.of("bucket", "b"), null);
        });

    Throwable thrown = failureOf(sender().request(Message.command(TOPIC, Payload.empty()).build()));

    assertThat(thrown)
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> {
              assertThat(e.code()).isEqualTo(StandardErrorCode.QUOTA_EXCEEDED);
              assertThat(e.detail()).isEqualTo("no room");
              assertThat(e.attributes()).containsEntry("bucket", "b");
            });
  }

  @ParameterizedTest
  @EnumSource(Execution.class)
  void handlersOtherExceptionIsTypedAndKeepsItsWordsToItself(Execution execution) {
    handle(
        HandlerOptions.defaults().withExecution(execution),
        message -> {
          throw new IOException("password=hunter2");
        });

    Throwable thrown = failureOf(sender().request(Message.command(TOPIC, Payload.empty()).build()));

    assertThat(thrown).hasMessageContaining("IOException").hasMessageNotContaining("hunter2");
    assertThat(((WarehouseException) thrown).code()).isEqualTo(StandardErrorCode.HANDLER_FAILED);
  }

  @Test
  void asynchronousHandlerMayAnswerLater() {
    CompletableFuture<Reply> later = new CompletableFuture<>();
    receiver().handle(TOPIC, HandlerOptions.direct(), message -> later);
    settle();

    CompletionStage<Reply> answer = sender().request(Message.query(TOPIC, Payload.empty()).build());
    assertThat(answer.toCompletableFuture()).isNotDone();
    later.complete(Reply.of("now"));

    assertThat(await(answer).as(String.class)).isEqualTo("now");
  }

  @Test
  void deadlineThatPassesWhileTheHandlerWorksEndsTheRequest() {
    CountDownLatch release = new CountDownLatch(1);
    handle(
        HandlerOptions.defaults(),
        message -> {
          awaitLatch(release);
          return Reply.empty();
        });
    try {
      assertFails(
          Message.command(TOPIC, Payload.empty()).timeout(Duration.ofMillis(50)),
          StandardErrorCode.TIMEOUT,
          TOPIC.name());
    } finally {
      release.countDown();
    }
  }

  @Test
  void replyThatComesTooLateIsClosed() {
    AtomicBoolean closed = new AtomicBoolean();
    CompletableFuture<Reply> later = new CompletableFuture<>();
    receiver().handle(TOPIC, HandlerOptions.direct(), message -> later);
    settle();
    assertFails(
        Message.command(TOPIC, Payload.empty()).timeout(Duration.ofMillis(20)),
        StandardErrorCode.TIMEOUT,
        TOPIC.name());

    later.complete(
        Reply.of(
            Payload.empty(), Content.of(tellingWhenClosed(closed), OptionalLong.empty(), "x/y")));

    // Over several nodes the sender's may have to say first that it does not want it.
    Awaitility.await().atMost(SOON).untilTrue(closed);
  }

  @Test
  void deadlineThatHasPassedKeepsTheMessageFromItsHandler() {
    AtomicInteger calls = new AtomicInteger();
    handle(
        HandlerOptions.defaults(),
        message -> {
          calls.incrementAndGet();
          return Reply.empty();
        });

    assertFails(
        Message.command(TOPIC, Payload.empty()).deadline(Instant.EPOCH),
        StandardErrorCode.TIMEOUT,
        TOPIC.name());
    assertThat(calls).hasValue(0);
  }

  @Test
  void deadlineGoesDownTheChain() {
    Topic inner = Topic.of("contract.inner");
    LinkedBlockingQueue<Instant> deadlines = new LinkedBlockingQueue<>();
    receiver()
        .handle(
            inner,
            HandlerOptions.direct(),
            MessageHandler.sync(
                message -> {
                  deadlines.add(message.deadline().orElseThrow());
                  return Reply.empty();
                }));
    receiver()
        .handle(
            TOPIC,
            HandlerOptions.direct(),
            message ->
                receiver()
                    .request(
                        Message.command(inner, Payload.empty())
                            .causedBy(message)
                            .timeout(Duration.ofDays(1))
                            .build()));
    settle();
    Instant before = Instant.now();

    ask(Message.command(TOPIC, Payload.empty()).timeout(SOON));

    assertThat(deadlines.remove()).isBetween(before, Instant.now().plus(SOON));
  }

  @ParameterizedTest
  @EnumSource(Execution.class)
  void orderIsKeptPerAffinityKey(Execution execution) {
    int keys = 7;
    int perKey = 200;
    Map<String, List<Integer>> seen = new HashMap<>();
    for (int key = 0; key < keys; key++) {
      seen.put("key-" + key, Collections.synchronizedList(new ArrayList<>()));
    }
    Map<String, AtomicInteger> atWork = new HashMap<>();
    seen.keySet().forEach(key -> atWork.put(key, new AtomicInteger()));
    AtomicBoolean overlapped = new AtomicBoolean();
    handle(
        new HandlerOptions(execution, Ordering.BY_AFFINITY_KEY, 4, keys * perKey),
        message -> {
          String key = message.affinityKey().orElseThrow();
          if (atWork.get(key).incrementAndGet() > 1) {
            overlapped.set(true);
          }
          seen.get(key).add(message.payload().as(Integer.class));
          Thread.yield();
          atWork.get(key).decrementAndGet();
          return Reply.empty();
        });

    List<CompletionStage<Reply>> answers = new ArrayList<>();
    for (int i = 0; i < perKey; i++) {
      for (String key : seen.keySet()) {
        answers.add(
            sender().request(Message.command(TOPIC, Payload.of(i)).affinityKey(key).build()));
      }
    }
    answers.forEach(MessageBusContract::await);

    assertThat(overlapped).isFalse();
    assertThat(seen.values()).allSatisfy(numbers -> assertThat(numbers).hasSize(perKey).isSorted());
  }

  @Test
  void slowKeyDoesNotHoldUpAnother() {
    CountDownLatch release = new CountDownLatch(1);
    handle(
        HandlerOptions.defaults(),
        message -> {
          if (message.affinityKey().orElseThrow().equals("slow")) {
            awaitLatch(release);
          }
          return Reply.of(message.affinityKey().orElseThrow());
        });
    CompletionStage<Reply> slow =
        sender().request(Message.command(TOPIC, Payload.empty()).affinityKey("slow").build());

    Reply fast = ask(Message.command(TOPIC, Payload.empty()).affinityKey("fast"));

    assertThat(fast.as(String.class)).isEqualTo("fast");
    assertThat(slow.toCompletableFuture()).isNotDone();
    release.countDown();
    assertThat(await(slow).as(String.class)).isEqualTo("slow");
  }

  @Test
  void whatDoesNotFitIntoTheQueueIsRefusedAtOnce() {
    CountDownLatch release = new CountDownLatch(1);
    handle(
        new HandlerOptions(Execution.WORKER, Ordering.UNORDERED, 1, 2),
        message -> {
          awaitLatch(release);
          return Reply.empty();
        });
    List<CompletionStage<Reply>> answers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      answers.add(sender().request(Message.command(TOPIC, Payload.empty()).build()));
    }
    List<ErrorCode> refused = new CopyOnWriteArrayList<>();
    CountDownLatch twoRefused = new CountDownLatch(2);
    answers.forEach(
        answer ->
            answer.whenComplete(
                (reply, thrown) -> {
                  if (thrown != null) {
                    refused.add(codeOf(thrown));
                    twoRefused.countDown();
                  }
                }));
    awaitLatch(twoRefused);
    release.countDown();

    long answered = answers.stream().filter(a -> catchThrowable(() -> await(a)) == null).count();
    assertThat(answered).isEqualTo(3);
    assertThat(refused).containsOnly(StandardErrorCode.BULKHEAD_FULL).hasSize(2);
  }

  @Test
  void eventReachesEverySubscriberWhosePatternMatches() throws InterruptedException {
    LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    subscribe("news.*", event -> heard.add("one part"));
    subscribe("news.**", event -> heard.add("any parts"));
    subscribe("news.sport", event -> heard.add("exact"));
    subscribe("other.**", event -> heard.add("other"));

    sender().publish(Message.event(Topic.of("news.sport"), Payload.of("goal")).build());

    assertThat(take(heard, 3)).containsExactlyInAnyOrder("one part", "any parts", "exact");
    sender().publish(Message.event(Topic.of("news.sport.local"), Payload.of("goal")).build());
    assertThat(take(heard, 1)).containsExactly("any parts");
    assertThat(heard).isEmpty();
  }

  @Test
  void eventsOfOneKeyAreHeardInOrder() throws InterruptedException {
    LinkedBlockingQueue<Integer> heard = new LinkedBlockingQueue<>();
    subscribe("count.**", event -> heard.add(event.payload().as(Integer.class)));

    for (int i = 0; i < 500; i++) {
      sender().publish(Message.event(Topic.of("count.up"), Payload.of(i)).affinityKey("k").build());
    }

    assertThat(take(heard, 500)).isSorted().hasSize(500);
  }

  @Test
  void failingSubscriberDoesNotKeepOthersFromTheEvent() throws InterruptedException {
    LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    subscribe(
        "news.*",
        event -> {
          throw new IllegalStateException("broken");
        });
    subscribe("news.*", event -> heard.add(event.payload().as(String.class)));

    sender().publish(Message.event(Topic.of("news.one"), Payload.of("first")).build());
    sender().publish(Message.event(Topic.of("news.two"), Payload.of("second")).build());

    assertThat(take(heard, 2)).containsExactlyInAnyOrder("first", "second");
  }

  @Test
  void eventWithoutSubscribersIsNoError() {
    sender().publish(Message.event(Topic.of("contract.silence"), Payload.empty()).build());
    assertThat(Optional.ofNullable(catchThrowable(this::settle))).isEmpty();
  }

  @Test
  void eventArrivesWhole() throws InterruptedException {
    LinkedBlockingQueue<Message> heard = new LinkedBlockingQueue<>();
    subscribe("contract.*", heard::add);
    Message cause = Message.command(TOPIC, Payload.empty()).build();
    TraceContext trace = TraceContext.start();
    Message event =
        Message.event(Topic.of("contract.told"), Payload.of(new Question("q", 1, List.of("w"))))
            .causedBy(cause)
            .headers(Map.of("name", "Grüße"))
            .affinityKey("ключ")
            .trace(trace)
            .build();

    sender().publish(event);

    Message arrived = take(heard, 1).get(0);
    assertThat(arrived.id()).isEqualTo(event.id());
    assertThat(arrived.headers()).isEqualTo(Map.of("name", "Grüße"));
    assertThat(arrived.affinityKey()).contains("ключ");
    assertThat(arrived.correlationId()).isEqualTo(cause.id());
    assertThat(arrived.causationId()).contains(cause.id());
    assertThat(arrived.trace()).contains(trace);
    assertThat(arrived.payload().as(SameShape.class))
        .isEqualTo(new SameShape("q", 1, List.of("w")));
  }

  @Test
  void durableEventsAreHeardOnceInOrderAndKeepTheirMarkWhateverBreaks()
      throws InterruptedException {
    LinkedBlockingQueue<Message> heard = new LinkedBlockingQueue<>();
    subscribe("contract.*", heard::add);

    for (int i = 0; i < 300; i++) {
      disturb();
      sender()
          .publish(
              Message.event(Topic.of("contract.told"), Payload.of(i))
                  .affinityKey("k")
                  .durable()
                  .build());
    }

    List<Message> all = take(heard, 300);
    assertThat(all).allMatch(Message::durable);
    assertThat(all.stream().map(event -> event.payload().as(Integer.class)).toList())
        .isEqualTo(IntStream.range(0, 300).boxed().toList());
    assertThat(heard).isEmpty();
  }

  @Test
  void requestThatMayBeHandledTwiceEndsWhateverBreaksAndCanBeAskedAgain() {
    List<Integer> handled = new CopyOnWriteArrayList<>();
    handle(
        HandlerOptions.defaults(),
        message -> {
          int number = message.payload().as(Integer.class);
          handled.add(number);
          return Reply.of(number + 1);
        });

    for (int i = 0; i < 150; i++) {
      int number = i;
      Awaitility.await()
          .atMost(SOON)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> answersOrIsOutOfReach(number));
    }

    assertThat(handled).containsAll(IntStream.range(0, 150).boxed().toList());
  }

  /** Asks once; returns false where the answer is that nobody is in reach just now. */
  private boolean answersOrIsOutOfReach(int number) {
    CompletionStage<Reply> answer =
        sender().request(Message.command(TOPIC, Payload.of(number)).idempotent().build());
    disturb();
    Throwable thrown =
        catchThrowable(() -> assertThat(await(answer).as(Integer.class)).isEqualTo(number + 1));
    if (thrown == null) {
      return true;
    }
    assertThat(thrown).isInstanceOf(CompletionException.class);
    assertThat(codeOf(thrown)).isEqualTo(StandardErrorCode.UNAVAILABLE);
    return false;
  }

  @Test
  void bytesKeepTheirMediaTypeBothWays() {
    handle(
        HandlerOptions.defaults(),
        message ->
            Reply.of(
                Payload.of(
                    "image/" + message.payload().contentType().substring(6),
                    message.payload().as(Bytes.class))));

    Reply reply = ask(Message.query(TOPIC, Payload.of("image/png", Bytes.utf8("picture"))));

    assertThat(reply.payload().contentType()).isEqualTo("image/png");
    assertThat(reply.as(Bytes.class)).isEqualTo(Bytes.utf8("picture"));
  }

  @Test
  void largePayloadArrivesWholeBothWays() {
    handle(HandlerOptions.defaults(), message -> Reply.of(message.payload().as(Bytes.class)));
    byte[] bytes = new byte[3 << 20];
    new Random(5).nextBytes(bytes);

    Reply reply = ask(Message.query(TOPIC, Payload.of(Bytes.copyOf(bytes))));

    assertThat(reply.as(Bytes.class)).isEqualTo(Bytes.copyOf(bytes));
  }

  @Test
  void largeContentArrivesWholeBothWays() throws IOException {
    handle(
        HandlerOptions.defaults(),
        message -> {
          try (Content content = message.content().orElseThrow()) {
            Bytes bytes = Bytes.copyOf(content.stream().readAllBytes());
            return Reply.of(
                Payload.of(bytes.size()),
                Content.of(bytes.asInputStream(), OptionalLong.empty(), "x/y"));
          }
        });
    byte[] bytes = new byte[(2 << 20) + 7];
    new Random(6).nextBytes(bytes);

    Reply reply =
        ask(
            Message.command(TOPIC, Payload.empty())
                .content(Content.of(new ByteArrayInputStream(bytes), OptionalLong.empty(), "x/y")));

    assertThat(reply.as(Integer.class)).isEqualTo(bytes.length);
    try (Content content = reply.content().orElseThrow()) {
      assertThat(content.stream().readAllBytes()).isEqualTo(bytes);
    }
  }

  @Test
  void codeOfAPluginsOwnReachesTheSender() {
    handle(
        HandlerOptions.defaults(),
        message -> {
          throw new WarehouseException(OwnCode.SHOP_CLOSED, "come back later");
        });

    Throwable thrown = failureOf(sender().request(Message.command(TOPIC, Payload.empty()).build()));

    ErrorCode code = codeOf(thrown);
    assertThat(code.name()).isEqualTo("SHOP_CLOSED");
    assertThat(code.category()).isEqualTo(ErrorCategory.EXTERNAL);
    assertThat(code.retryable()).isTrue();
    assertThat(thrown).hasMessageContaining("come back later");
  }

  @Test
  void mutablePayloadIsRefusedNamingThePlace() {
    assertThatThrownBy(() -> Payload.of(new Careless(new ArrayList<>(List.of("changeable")))))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> {
              assertThat(e.code()).isEqualTo(StandardErrorCode.PAYLOAD_MUTABLE);
              assertThat(e.detail()).contains("Careless.words").contains("ArrayList");
            });
  }

  private Registration handle(HandlerOptions options, MessageHandler.Synchronous handler) {
    Registration registration = receiver().handle(TOPIC, options, MessageHandler.sync(handler));
    settle();
    return registration;
  }

  private void subscribe(String pattern, io.datawarehouse.sdk.message.EventSubscriber subscriber) {
    receiver().subscribe(TopicPattern.of(pattern), SubscriberOptions.defaults(), subscriber);
    settle();
  }

  private Reply ask(Message.Builder message) {
    return await(sender().request(message.build()));
  }

  private void assertFails(Message.Builder message, ErrorCode code, String words) {
    Throwable thrown = failureOf(sender().request(message.build()));
    assertThat(thrown).isInstanceOf(WarehouseException.class).hasMessageContaining(words);
    assertThat(codeOf(thrown)).isEqualTo(code);
  }

  private static ErrorCode errorOf(CompletionStage<Reply> answer) {
    return codeOf(failureOf(answer));
  }

  private static Throwable failureOf(CompletionStage<Reply> answer) {
    Throwable thrown = catchThrowable(() -> await(answer));
    assertThat(thrown).as("the request should have failed").isNotNull();
    return thrown instanceof CompletionException && thrown.getCause() != null
        ? thrown.getCause()
        : thrown;
  }

  private static ErrorCode codeOf(Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    return ((WarehouseException) cause).code();
  }

  private static Reply await(CompletionStage<Reply> answer) {
    return answer.toCompletableFuture().orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private static <T> List<T> take(LinkedBlockingQueue<T> queue, int count)
      throws InterruptedException {
    List<T> taken = new ArrayList<>();
    while (taken.size() < count) {
      T next = queue.poll(SOON.toSeconds(), TimeUnit.SECONDS);
      assertThat(next).as("event %s of %s", taken.size() + 1, count).isNotNull();
      taken.add(next);
    }
    return taken;
  }

  private static InputStream tellingWhenClosed(AtomicBoolean closed) {
    return new ByteArrayInputStream(new byte[10]) {
      @Override
      public void close() {
        closed.set(true);
      }
    };
  }
}
