package io.datawarehouse.kernel.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Content beside messages, from one node to another. */
@Timeout(120)
class FederatedContentTest {

  private static final Topic TOPIC = Topic.of("lab.content");
  private static final long LARGE = 48L << 20;

  /** Bytes that follow from their place, as many as one likes; tells how far it was read. */
  private static final class Pattern extends InputStream {
    final AtomicLong given = new AtomicLong();
    final AtomicBoolean closed = new AtomicBoolean();
    private final long length;

    Pattern(long length) {
      this.length = length;
    }

    @Override
    public int read() {
      long at = given.get();
      if (at == length) {
        return -1;
      }
      given.incrementAndGet();
      return valueAt(at);
    }

    @Override
    public int read(byte[] target, int offset, int count) {
      long at = given.get();
      int size = (int) Math.min(count, length - at);
      if (size == 0) {
        return -1;
      }
      for (int i = 0; i < size; i++) {
        target[offset + i] = (byte) valueAt(at + i);
      }
      given.addAndGet(size);
      return size;
    }

    private static int valueAt(long at) {
      return (int) (at * 31 + (at >> 13)) & 0xff;
    }

    @Override
    public void close() {
      closed.set(true);
    }

    /** Reads a stream to its end and compares. */
    static long matching(InputStream in) throws IOException {
      byte[] chunk = new byte[10_000];
      long at = 0;
      for (int size = in.read(chunk); size >= 0; size = in.read(chunk)) {
        for (int i = 0; i < size; i++, at++) {
          if ((chunk[i] & 0xff) != valueAt(at)) {
            throw new AssertionError("wrong byte at " + at);
          }
        }
      }
      return at;
    }
  }

  private static Content unknownLength(InputStream stream) {
    return Content.of(stream, OptionalLong.empty(), "x/y");
  }

  private static void handle(LabNode node, MessageHandler.Synchronous handler) {
    node.view("plugin").handle(TOPIC, HandlerOptions.direct(), MessageHandler.sync(handler));
  }

  private static CompletionStage<Reply> send(LabNode node, Content content) {
    return node.view("plugin")
        .request(Message.command(TOPIC, Payload.empty()).content(content).build());
  }

  private static Reply get(CompletionStage<Reply> answer) throws Exception {
    return answer.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Test
  void largeContentStreamsThroughInBothDirections() throws Exception {
    try (Lab lab = Lab.of("a", "b")) {
      handle(
          lab.node("b"),
          message -> {
            try (Content content = message.content().orElseThrow()) {
              return Reply.of(
                  Payload.of(Pattern.matching(content.stream())),
                  unknownLength(new Pattern(LARGE)));
            }
          });
      lab.awaitHandlers(TOPIC.name(), "b");
      Pattern source = new Pattern(LARGE);

      Reply reply = get(send(lab.node("a"), unknownLength(source)));

      assertThat(reply.as(Long.class)).isEqualTo(LARGE);
      try (Content content = reply.content().orElseThrow()) {
        assertThat(Pattern.matching(content.stream())).isEqualTo(LARGE);
      }
      Lab.eventually(source.closed::get);
    }
  }

  @Test
  void receiverThatDoesNotReadHoldsTheSenderBack() throws Exception {
    try (Lab lab = Lab.of("a", "b")) {
      CountDownLatch first = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      handle(
          lab.node("b"),
          message -> {
            try (Content content = message.content().orElseThrow()) {
              assertThat(content.stream().read()).isZero();
              first.countDown();
              assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
              return Reply.of(1 + content.stream().skip(Long.MAX_VALUE));
            }
          });
      lab.awaitHandlers(TOPIC.name(), "b");
      Pattern source = new Pattern(LARGE);
      CompletionStage<Reply> answer = send(lab.node("a"), unknownLength(source));
      assertThat(first.await(20, TimeUnit.SECONDS)).isTrue();
      AtomicLong before = new AtomicLong(-1);
      Lab.eventually(() -> before.getAndSet(source.given.get()) == source.given.get());

      assertThat(source.given.get()).isLessThan(LARGE / 4);

      release.countDown();
      assertThat(get(answer).as(Long.class)).isEqualTo(LARGE);
    }
  }

  private static final int SLOW = 48;
  private static final Topic ASK = Topic.of("lab.ask");

  /** A node that has few threads for requests that block, as if each were taken by something. */
  private static Lab withFewCallers() {
    return Lab.of(
        plan ->
            plan.callers =
                () -> new ThreadPoolExecutor(0, 2, 1, TimeUnit.MINUTES, new SynchronousQueue<>()),
        "a",
        "b");
  }

  /** Answers on a thread for callers: it is not quick. */
  private static void answerSlowly(LabNode node) {
    node.view("plugin")
        .handle(
            ASK,
            HandlerOptions.direct(),
            MessageHandler.sync(
                message -> {
                  LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
                  return Reply.of("here");
                }));
  }

  private static void assertAnswers(LabNode node) throws Exception {
    for (int i = 0; i < 20; i++) {
      Reply reply = get(node.view("plugin").request(Message.query(ASK, Payload.empty()).build()));
      assertThat(reply.as(String.class)).isEqualTo("here");
    }
  }

  @Test
  void manySlowReadersTakeNoThreadFromRequestsNorFromOneAnother() throws Exception {
    long length = 4L << 20;
    try (Lab lab = withFewCallers()) {
      handle(
          lab.node("b"), message -> Reply.of(Payload.empty(), unknownLength(new Pattern(length))));
      answerSlowly(lab.node("b"));
      lab.awaitHandlers(TOPIC.name(), "b");
      lab.awaitHandlers(ASK.name(), "b");
      LabNode a = lab.node("a");
      List<Content> slow = new ArrayList<>();
      for (int i = 0; i < SLOW; i++) {
        Reply reply = get(a.view("plugin").request(Message.query(TOPIC, Payload.empty()).build()));
        Content content = reply.content().orElseThrow();
        assertThat(content.stream().read()).isZero();
        slow.add(content);
      }

      assertAnswers(a);

      for (Content content : slow) {
        try (content) {
          assertThat(content.stream().skip(Long.MAX_VALUE)).isEqualTo(length - 1);
        }
      }
    }
  }

  @Test
  void manySlowWritersTakeNoThreadFromRequestsNorFromOneAnother() throws Exception {
    CountDownLatch begun = new CountDownLatch(SLOW);
    CountDownLatch release = new CountDownLatch(1);
    try (Lab lab = withFewCallers()) {
      handle(
          lab.node("b"),
          message -> {
            try (Content content = message.content().orElseThrow()) {
              begun.countDown();
              return Reply.of(content.stream().readAllBytes().length);
            }
          });
      answerSlowly(lab.node("b"));
      lab.awaitHandlers(TOPIC.name(), "b");
      lab.awaitHandlers(ASK.name(), "b");
      LabNode a = lab.node("a");
      List<CompletionStage<Reply>> answers = new ArrayList<>();
      for (int i = 0; i < SLOW; i++) {
        answers.add(send(a, unknownLength(new Held(release))));
      }
      assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

      assertAnswers(a);

      release.countDown();
      for (CompletionStage<Reply> answer : answers) {
        assertThat(get(answer).as(Integer.class)).isEqualTo(1);
      }
    }
  }

  /** One byte, that comes late. */
  private static final class Held extends InputStream {
    private final CountDownLatch release;
    private boolean given;

    Held(CountDownLatch release) {
      this.release = release;
    }

    @Override
    public int read() throws IOException {
      try {
        if (given || !release.await(60, TimeUnit.SECONDS)) {
          return -1;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
      given = true;
      return 7;
    }
  }

  @Test
  void contentThatTheHandlerLeavesIsClosedAtItsSender() throws Exception {
    try (Lab lab = Lab.of("a", "b")) {
      handle(lab.node("b"), message -> Reply.empty());
      lab.awaitHandlers(TOPIC.name(), "b");
      Pattern untouched = new Pattern(LARGE);

      get(send(lab.node("a"), unknownLength(untouched)));

      Lab.eventually(untouched.closed::get);
      assertThat(untouched.given).hasValue(0);
    }
  }

  @Test
  void handlerThatStopsInTheMiddleStopsTheSender() throws Exception {
    try (Lab lab = Lab.of("a", "b")) {
      handle(
          lab.node("b"),
          message -> {
            assertThat(message.content().orElseThrow().stream().readNBytes(1000)).hasSize(1000);
            throw new WarehouseException(StandardErrorCode.QUOTA_EXCEEDED, "enough");
          });
      lab.awaitHandlers(TOPIC.name(), "b");
      Pattern source = new Pattern(LARGE);

      Throwable thrown = catchThrowable(() -> get(send(lab.node("a"), unknownLength(source))));

      assertThat(((WarehouseException) thrown.getCause()).code())
          .isEqualTo(StandardErrorCode.QUOTA_EXCEEDED);
      Lab.eventually(source.closed::get);
      assertThat(source.given.get()).isLessThan(LARGE);
    }
  }

  @Test
  void handlerMayPassTheContentOnAsItsReplys() throws Exception {
    try (Lab lab = Lab.of("a", "b")) {
      handle(lab.node("b"), message -> Reply.of(Payload.empty(), message.content().orElseThrow()));
      lab.awaitHandlers(TOPIC.name(), "b");

      Reply reply = get(send(lab.node("a"), unknownLength(new Pattern(1 << 20))));

      try (Content content = reply.content().orElseThrow()) {
        assertThat(Pattern.matching(content.stream())).isEqualTo(1 << 20);
      }
    }
  }

  @Test
  void replysContentThatIsClosedEarlyStopsTheHandlersSource() throws Exception {
    try (Lab lab = Lab.of("a", "b")) {
      Pattern read = new Pattern(LARGE);
      Pattern untouched = new Pattern(LARGE);
      AtomicBoolean second = new AtomicBoolean();
      handle(
          lab.node("b"),
          message ->
              Reply.of(Payload.empty(), unknownLength(second.getAndSet(true) ? untouched : read)));
      lab.awaitHandlers(TOPIC.name(), "b");
      Message question = Message.query(TOPIC, Payload.empty()).build();

      Content content = get(lab.node("a").view("p").request(question)).content().orElseThrow();
      assertThat(content.stream().read()).isZero();
      content.close();
      get(lab.node("a").view("p").request(question)).content().orElseThrow().close();

      Lab.eventually(() -> read.closed.get() && untouched.closed.get());
      assertThat(read.given.get()).isLessThan(LARGE);
      assertThat(untouched.given).hasValue(0);
    }
  }

  @Test
  void failureOfTheSourceReachesTheReaderTyped() throws Exception {
    try (Lab lab = Lab.of("a", "b")) {
      handle(
          lab.node("b"),
          message ->
              Reply.of(
                  Payload.empty(),
                  unknownLength(
                      new InputStream() {
                        @Override
                        public int read() {
                          throw new WarehouseException(
                              StandardErrorCode.BLOB_CORRUPT, "frame 3 is damaged");
                        }
                      })));
      lab.awaitHandlers(TOPIC.name(), "b");
      Message question = Message.query(TOPIC, Payload.empty()).build();

      try (Content content =
          get(lab.node("a").view("p").request(question)).content().orElseThrow()) {
        assertThatThrownBy(() -> content.stream().read())
            .isInstanceOfSatisfying(
                WarehouseException.class,
                e -> assertThat(e.code()).isEqualTo(StandardErrorCode.BLOB_CORRUPT))
            .hasMessageContaining("frame 3");
      }
    }
  }

  @Test
  void sourceThatBreaksOffIsAnInputOutputErrorOfTheReaderWithoutItsWords() throws Exception {
    try (Lab lab = Lab.of("a", "b")) {
      handle(
          lab.node("b"),
          message -> {
            try (Content content = message.content().orElseThrow()) {
              Throwable thrown = catchThrowable(() -> content.stream().readAllBytes());
              assertThat(thrown).isInstanceOf(IOException.class);
              return Reply.of(thrown.getMessage());
            }
          });
      lab.awaitHandlers(TOPIC.name(), "b");

      Reply reply =
          get(
              send(
                  lab.node("a"),
                  unknownLength(
                      new InputStream() {
                        @Override
                        public int read() throws IOException {
                          throw new IOException("password=hunter2");
                        }
                      })));

      assertThat(reply.as(String.class)).contains("IOException").doesNotContain("hunter2");
    }
  }

  @Test
  void readerHearsAtOnceWhenTheNodeWithTheSourceBreaksOff() throws Exception {
    try (Lab lab = Lab.of("a", "b")) {
      handle(
          lab.node("b"), message -> Reply.of(Payload.empty(), unknownLength(new Pattern(LARGE))));
      lab.awaitHandlers(TOPIC.name(), "b");
      Content content =
          get(lab.node("a").view("p").request(Message.query(TOPIC, Payload.empty()).build()))
              .content()
              .orElseThrow();
      assertThat(content.stream().read()).isZero();

      lab.crash("b");

      assertThatThrownBy(() -> Pattern.matching(content.stream()))
          .isInstanceOfAny(WarehouseException.class, AssertionError.class);
      content.close();
    }
  }

  @Test
  void replysContentThatNobodyFetchesIsClosedInTime() throws Exception {
    try (Lab lab =
        Lab.of(plan -> plan.settings = s -> s.withStall(Duration.ofMillis(100)), "a", "b")) {
      Pattern forgotten = new Pattern(LARGE);
      handle(lab.node("b"), message -> Reply.of(Payload.empty(), unknownLength(forgotten)));
      lab.awaitHandlers(TOPIC.name(), "b");

      Reply reply =
          get(lab.node("a").view("p").request(Message.query(TOPIC, Payload.empty()).build()));

      Lab.eventually(forgotten.closed::get);
      reply.content().orElseThrow().close();
    }
  }

  @Test
  void senderThatDeliversNothingMakesItsReaderTimeOut() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (Lab lab =
        Lab.of(plan -> plan.network = s -> s.withStall(Duration.ofMillis(200)), "a", "b")) {
      handle(
          lab.node("b"),
          message ->
              Reply.of(
                  Payload.empty(),
                  unknownLength(
                      new InputStream() {
                        @Override
                        public int read() throws IOException {
                          try {
                            release.await(60, TimeUnit.SECONDS);
                          } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                          }
                          return -1;
                        }
                      })));
      lab.awaitHandlers(TOPIC.name(), "b");
      try (Content content =
          get(lab.node("a").view("p").request(Message.query(TOPIC, Payload.empty()).build()))
              .content()
              .orElseThrow()) {
        assertThatThrownBy(() -> content.stream().read())
            .isInstanceOfSatisfying(
                WarehouseException.class,
                e -> assertThat(e.code()).isEqualTo(StandardErrorCode.TIMEOUT));
      }
    } finally {
      release.countDown();
    }
  }

  @Test
  void smallContentTravelsInItsMessage() throws Exception {
    try (Lab lab =
        Lab.of(
            plan ->
                plan.network = s -> s.withHeartbeat(Duration.ofMinutes(10), Duration.ofMinutes(30)),
            "a",
            "b")) {
      handle(
          lab.node("b"),
          message -> {
            try (Content content = message.content().orElseThrow()) {
              Bytes bytes = Bytes.copyOf(content.stream().readAllBytes());
              return Reply.of(Payload.empty(), Content.of(bytes, content.contentType()));
            }
          });
      lab.awaitHandlers(TOPIC.name(), "b");
      Lab.eventually(() -> lab.node("a").metrics.count("peer.received.frames") > 0);
      double before = lab.node("a").metrics.count("peer.sent.frames");

      Reply reply = get(send(lab.node("a"), Content.of(Bytes.utf8("small"), "text/plain")));

      try (Content content = reply.content().orElseThrow()) {
        assertThat(content.stream()).hasContent("small");
        assertThat(content.length()).hasValue(5);
        assertThat(content.contentType()).isEqualTo("text/plain");
      }
      assertThat(lab.node("a").metrics.count("peer.sent.frames") - before).isEqualTo(1);
      assertThat(lab.node("a").metrics.count("peer.content.bytes")).isZero();
    }
  }

  @Test
  void failedRequestClosesItsContent() throws Exception {
    try (Lab lab = Lab.of("a", "b")) {
      lab.node("b")
          .view("plugin")
          .handle(
              TOPIC,
              HandlerOptions.direct(),
              message -> new java.util.concurrent.CompletableFuture<>());
      lab.awaitHandlers(TOPIC.name(), "b");
      Pattern source = new Pattern(LARGE);
      CompletionStage<Reply> answer =
          lab.node("a")
              .view("p")
              .request(
                  Message.command(TOPIC, Payload.empty())
                      .content(unknownLength(source))
                      .timeout(Duration.ofMillis(50))
                      .build());

      assertThatThrownBy(() -> get(answer)).isInstanceOf(ExecutionException.class);
      Lab.eventually(source.closed::get);
    }
  }
}
