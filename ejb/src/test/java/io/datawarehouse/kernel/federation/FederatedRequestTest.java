package io.datawarehouse.kernel.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.datawarehouse.kernel.cluster.PeerCircuit;
import io.datawarehouse.kernel.cluster.RouteAnswer;
import io.datawarehouse.kernel.cluster.RouteQuestion;
import io.datawarehouse.kernel.resilience.smallrye.SmallRyePeerGuard;
import io.datawarehouse.sdk.cluster.HealthEvidence;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests from one node to another, over real sockets. */
@Timeout(120)
class FederatedRequestTest {

  private static final Topic TOPIC = Topic.of("lab.ask");
  private static final Topic OWNED = Topic.of("owned.ask");

  private static void answerWithName(LabNode node, Topic topic) {
    node.view("plugin")
        .handle(
            topic, HandlerOptions.direct(), MessageHandler.sync(m -> Reply.of(node.id.value())));
  }

  private static Reply get(CompletionStage<Reply> answer) throws Exception {
    return answer.toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static ErrorCode codeOf(CompletionStage<Reply> answer) {
    Throwable thrown = catchThrowable(() -> get(answer));
    assertThat(thrown).isInstanceOf(ExecutionException.class);
    return ((WarehouseException) thrown.getCause()).code();
  }

  private static CompletionStage<Reply> ask(LabNode node, Topic topic, String key) {
    Message.Builder message = Message.query(topic, Payload.empty());
    return node.view("plugin").request((key == null ? message : message.affinityKey(key)).build());
  }

  @Test
  void requestWithoutAKeyGoesToAllThatHandleItInTurn() throws Exception {
    try (Lab lab = Lab.of("a", "b", "c")) {
      lab.nodes().forEach(node -> answerWithName(node, TOPIC));
      lab.awaitHandlers(TOPIC.name(), "a", "b", "c");
      Set<String> answered = new TreeSet<>();
      for (int i = 0; i < 6; i++) {
        answered.add(get(ask(lab.node("a"), TOPIC, null)).as(String.class));
      }

      assertThat(answered).containsExactly("a", "b", "c");
    }
  }

  @Test
  void requestStaysHereWhereThatIsPreferred() throws Exception {
    try (Lab lab = Lab.of(plan -> plan.settings = s -> s.withPreferLocal(true), "a", "b")) {
      lab.nodes().forEach(node -> answerWithName(node, TOPIC));
      lab.awaitHandlers(TOPIC.name(), "a", "b");

      for (int i = 0; i < 4; i++) {
        assertThat(get(ask(lab.node("a"), TOPIC, null)).as(String.class)).isEqualTo("a");
      }
    }
  }

  @Test
  void requestWithAKeyGoesToTheFirstUsableOwnerThatHandlesIt() throws Exception {
    try (Lab lab = Lab.of("a", "b", "c")) {
      answerWithName(lab.node("b"), TOPIC);
      answerWithName(lab.node("c"), TOPIC);
      lab.awaitHandlers(TOPIC.name(), "b", "c");
      ClusterLab.Seat seat = lab.node("a").seat;
      seat.owners = List.of(new NodeId("a"), new NodeId("c"), new NodeId("b"));

      assertThat(get(ask(lab.node("a"), TOPIC, "k")).as(String.class)).isEqualTo("c");
      seat.judge(new NodeId("c"), NodeHealth.UNHEALTHY);
      assertThat(get(ask(lab.node("a"), TOPIC, "k")).as(String.class)).isEqualTo("b");
    }
  }

  @Test
  void allNodesAgreeOnTheNodeOfAKeyThatNoOwnerHandles() throws Exception {
    try (Lab lab = Lab.of("a", "b", "c")) {
      answerWithName(lab.node("b"), TOPIC);
      answerWithName(lab.node("c"), TOPIC);
      lab.awaitHandlers(TOPIC.name(), "b", "c");
      lab.nodes().forEach(node -> node.seat.owners = List.of(new NodeId("a")));

      for (int i = 0; i < 20; i++) {
        String key = "key-" + i;
        String fromA = get(ask(lab.node("a"), TOPIC, key)).as(String.class);
        assertThat(get(ask(lab.node("b"), TOPIC, key)).as(String.class)).isEqualTo(fromA);
        assertThat(get(ask(lab.node("c"), TOPIC, key)).as(String.class)).isEqualTo(fromA);
      }
    }
  }

  @Test
  void whatBelongsToAnOwnerIsAskedOfNobodyElse() throws Exception {
    try (Lab lab =
        Lab.of(
            plan -> plan.settings = s -> s.withOwnerOnly(t -> t.name().startsWith("owned.")),
            "a",
            "b",
            "c")) {
      lab.nodes().forEach(node -> answerWithName(node, OWNED));
      lab.awaitHandlers(OWNED.name(), "a", "b", "c");
      lab.nodes().forEach(node -> node.seat.owners = List.of(new NodeId("b"), new NodeId("c")));

      assertThat(get(ask(lab.node("a"), OWNED, "k")).as(String.class)).isEqualTo("b");
      assertThat(lab.node("a").bus.explain(new RouteQuestion(OWNED, Optional.of("k"))).chosen())
          .contains(new NodeId("b"));

      lab.crash("b");
      Lab.eventually(() -> !lab.node("a").bus.linked().contains(new NodeId("b")));

      assertThat(codeOf(ask(lab.node("a"), OWNED, "k")))
          .isEqualTo(StandardErrorCode.OWNER_UNAVAILABLE);
      RouteAnswer report = lab.node("a").bus.explain(new RouteQuestion(OWNED, Optional.of("k")));
      assertThat(report.chosen()).isEmpty();
      assertThat(report.because()).contains("b").contains("away");
    }
  }

  /** Two nodes, of which one owns all; the other asks it, through that guard. */
  private static Lab owned(PeerGuard guard) {
    Lab lab =
        Lab.of(
            plan -> {
              plan.guard = guard;
              plan.settings = s -> s.withOwnerOnly(t -> t.name().startsWith("owned."));
            },
            "a",
            "b");
    lab.nodes().forEach(node -> node.seat.owners = List.of(new NodeId("b")));
    return lab;
  }

  private static String because(LabNode node) {
    RouteAnswer told = node.bus.explain(new RouteQuestion(OWNED, Optional.of("k")));
    assertThat(told.chosen()).isEmpty();
    return told.because();
  }

  @Test
  void ownerWhoseCircuitIsOpenIsNotSaidToBeAway() {
    SmallRyePeerGuard guard = breakers();
    try (Lab lab = owned(guard)) {
      lab.nodes().forEach(node -> answerWithName(node, OWNED));
      lab.awaitHandlers(OWNED.name(), "a", "b");
      guard.order(new NodeId("b"), OWNED.name(), Optional.of(PeerCircuit.State.OPEN));
      LabNode a = lab.node("a");

      assertThat(because(a)).contains("b").contains("circuit breaker").doesNotContain("away");
      assertThat(guard.circuits().get(0).prevented()).isZero();
      assertThat(codeOf(ask(a, OWNED, "k"))).isEqualTo(StandardErrorCode.CIRCUIT_OPEN);
      assertThat(guard.circuits().get(0).prevented()).isEqualTo(1);

      lab.crash("b");
      Lab.eventually(() -> a.bus.linked().isEmpty());
      assertThat(codeOf(ask(a, OWNED, "k"))).isEqualTo(StandardErrorCode.OWNER_UNAVAILABLE);
    }
  }

  @Test
  void ownerWhoseBulkheadIsFullIsNotSaidToBeAway() throws Exception {
    SmallRyePeerGuard guard =
        new SmallRyePeerGuard(
            new SmallRyePeerGuard.Settings(
                new CircuitBreakerSettings(5, Duration.ofMinutes(5), 1), 1),
            System::nanoTime,
            new RecordingMetrics());
    try (Lab lab = owned(guard)) {
      CompletableFuture<Reply> later = new CompletableFuture<>();
      lab.nodes()
          .forEach(
              node -> node.view("plugin").handle(OWNED, HandlerOptions.direct(), message -> later));
      lab.awaitHandlers(OWNED.name(), "a", "b");
      LabNode a = lab.node("a");
      CompletionStage<Reply> first = ask(a, OWNED, "k");

      assertThat(because(a)).contains("bulkhead").doesNotContain("away");
      assertThat(codeOf(ask(a, OWNED, "k"))).isEqualTo(StandardErrorCode.BULKHEAD_FULL);
      assertThat(guard.circuits().get(0).prevented()).isEqualTo(1);
      later.complete(Reply.of("done"));
      assertThat(get(first).as(String.class)).isEqualTo("done");
    }
  }

  @Test
  void guardThatRefusesAtTheLastMomentIsBelievedToo() {
    try (Lab lab = owned(new LateGuard())) {
      lab.nodes().forEach(node -> answerWithName(node, OWNED));
      lab.awaitHandlers(OWNED.name(), "a", "b");

      assertThat(codeOf(ask(lab.node("a"), OWNED, "k"))).isEqualTo(StandardErrorCode.CIRCUIT_OPEN);
    }
  }

  /** Would let a request through when it is asked, and does not when it comes. */
  private record LateGuard() implements PeerGuard {

    @Override
    public boolean admits(NodeId node, Topic topic) {
      return true;
    }

    @Override
    public Permit enter(NodeId node, Topic topic) {
      throw new WarehouseException(StandardErrorCode.CIRCUIT_OPEN, "it opened just now");
    }
  }

  @Test
  void damagedBlobsOpenNoCircuitToTheNodeThatHasThem() throws Exception {
    SmallRyePeerGuard guard = breakers();
    try (Lab lab = owned(guard)) {
      lab.nodes()
          .forEach(
              node ->
                  node.view("plugin")
                      .handle(
                          OWNED,
                          HandlerOptions.direct(),
                          MessageHandler.sync(FederatedRequestTest::answerUnlessDamaged)));
      lab.awaitHandlers(OWNED.name(), "a", "b");
      LabNode a = lab.node("a");
      for (int i = 0; i < 12; i++) {
        assertThat(codeOf(ask(a, OWNED, "damaged"))).isEqualTo(StandardErrorCode.BLOB_CORRUPT);
      }

      assertThat(get(ask(a, OWNED, "whole")).as(String.class)).isEqualTo("whole");
    }
  }

  private static Reply answerUnlessDamaged(Message message) {
    String key = message.affinityKey().orElseThrow();
    if (key.equals("damaged")) {
      throw new WarehouseException(StandardErrorCode.BLOB_CORRUPT, "a bit is wrong");
    }
    return Reply.of(key);
  }

  @Test
  void whatBelongsToAnOwnerIsAnsweredHereWhereThereIsALeaseOnCopiesOfIt() throws Exception {
    AtomicBoolean leased = new AtomicBoolean(true);
    try (Lab lab =
        Lab.of(
            plan ->
                plan.settings =
                    s ->
                        s.withOwnerOnly(t -> t.name().startsWith("owned."))
                            .withCopies((topic, key) -> key.equals("k") && leased.get()),
            "a",
            "b")) {
      lab.nodes().forEach(node -> answerWithName(node, OWNED));
      lab.awaitHandlers(OWNED.name(), "a", "b");
      lab.nodes().forEach(node -> node.seat.owners = List.of(new NodeId("b")));
      LabNode a = lab.node("a");

      assertThat(get(ask(a, OWNED, "k")).as(String.class)).isEqualTo("a");
      RouteAnswer told = a.bus.explain(new RouteQuestion(OWNED, Optional.of("k")));
      assertThat(told.chosen()).contains(new NodeId("a"));
      assertThat(told.strategy()).isEqualTo("copies");
      assertThat(told.because()).contains("lease");

      leased.set(false);
      assertThat(get(ask(a, OWNED, "k")).as(String.class)).isEqualTo("b");
      assertThat(a.bus.explain(new RouteQuestion(OWNED, Optional.of("k"))).strategy())
          .isEqualTo("owner");
    }
  }

  @Test
  void routeIsFoundWithoutAMessageOnTheWire() throws Exception {
    try (Lab lab =
        Lab.of(
            plan ->
                plan.network = s -> s.withHeartbeat(Duration.ofMinutes(10), Duration.ofMinutes(30)),
            "a",
            "b")) {
      answerWithName(lab.node("b"), TOPIC);
      lab.awaitHandlers(TOPIC.name(), "b");
      LabNode a = lab.node("a");
      Lab.eventually(() -> a.evidence.containsKey(new NodeId("b")));
      get(ask(a, TOPIC, "warm"));
      double before = a.metrics.count("peer.sent.frames");
      double beforeAtB = lab.node("b").metrics.count("peer.sent.frames");

      for (int i = 0; i < 100; i++) {
        get(ask(a, TOPIC, "key-" + i));
        a.bus.explain(new RouteQuestion(TOPIC, Optional.of("key-" + i)));
      }

      assertThat(a.metrics.count("peer.sent.frames") - before).isEqualTo(100);
      assertThat(lab.node("b").metrics.count("peer.sent.frames") - beforeAtB).isEqualTo(100);
    }
  }

  @Test
  void requestAtOneNodeGoesThereAndNowhereElse() throws Exception {
    try (Lab lab = Lab.of("a", "b", "c")) {
      lab.nodes().forEach(node -> answerWithName(node, TOPIC));
      lab.awaitHandlers(TOPIC.name(), "a", "b", "c");
      FederatedMessageBus bus = lab.node("a").bus;

      for (String name : List.of("a", "b", "c")) {
        Message question = Message.query(TOPIC, Payload.empty()).build();
        assertThat(get(bus.requestAt(new NodeId(name), question)).as(String.class)).isEqualTo(name);
      }
      assertThat(
              codeOf(
                  bus.requestAt(
                      new NodeId("nobody"), Message.query(TOPIC, Payload.empty()).build())))
          .isEqualTo(StandardErrorCode.UNAVAILABLE);
    }
  }

  @Test
  void commandFailsAtOnceWhenItsNodeBreaksOffAndAQueryIsAskedElsewhere() throws Exception {
    try (Lab lab = Lab.of("a", "b", "c")) {
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
      answerWithName(lab.node("c"), TOPIC);
      lab.awaitHandlers(TOPIC.name(), "b", "c");
      LabNode a = lab.node("a");
      a.seat.owners = List.of(new NodeId("b"), new NodeId("c"));
      CompletionStage<Reply> command =
          a.view("p").request(Message.command(TOPIC, Payload.empty()).affinityKey("k").build());
      CompletionStage<Reply> query =
          a.view("p").request(Message.query(TOPIC, Payload.empty()).affinityKey("k").build());
      assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();

      lab.crash("b");

      assertThat(codeOf(command)).isEqualTo(StandardErrorCode.UNAVAILABLE);
      assertThat(get(query).as(String.class)).isEqualTo("c");
      assertThat(a.metrics.count("bus.peer.broken")).isEqualTo(2);
    }
  }

  @Test
  void commandThatIsMarkedIdempotentIsSentElsewhereToo() throws Exception {
    try (Lab lab = Lab.of("a", "b", "c")) {
      CountDownLatch reached = new CountDownLatch(1);
      lab.node("b")
          .view("plugin")
          .handle(
              TOPIC,
              HandlerOptions.direct(),
              message -> {
                reached.countDown();
                return new CompletableFuture<>();
              });
      answerWithName(lab.node("c"), TOPIC);
      lab.awaitHandlers(TOPIC.name(), "b", "c");
      LabNode a = lab.node("a");
      a.seat.owners = List.of(new NodeId("b"), new NodeId("c"));
      CompletionStage<Reply> command =
          a.view("p")
              .request(
                  Message.command(TOPIC, Payload.empty()).affinityKey("k").idempotent().build());
      assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();

      lab.crash("b");

      assertThat(get(command).as(String.class)).isEqualTo("c");
    }
  }

  @Test
  void nodeThatDrainsGetsNothingNewAndFinishesWhatItHas() throws Exception {
    try (Lab lab = Lab.of("a", "b", "c")) {
      CompletableFuture<Reply> later = new CompletableFuture<>();
      CountDownLatch reached = new CountDownLatch(1);
      AtomicInteger calls = new AtomicInteger();
      lab.node("b")
          .view("plugin")
          .handle(
              TOPIC,
              HandlerOptions.direct(),
              message -> {
                calls.incrementAndGet();
                reached.countDown();
                return later;
              });
      answerWithName(lab.node("c"), TOPIC);
      lab.awaitHandlers(TOPIC.name(), "b", "c");
      LabNode a = lab.node("a");
      a.seat.owners = List.of(new NodeId("b"), new NodeId("c"));
      CompletionStage<Reply> underWay = ask(a, TOPIC, "k");
      assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();
      CompletableFuture<Boolean> drained = new CompletableFuture<>();
      Thread draining =
          new Thread(() -> drained.complete(lab.node("b").bus.drain(Duration.ofSeconds(20))));
      draining.start();

      Lab.eventually(
          () ->
              a.bus
                  .explain(new RouteQuestion(TOPIC, Optional.of("k")))
                  .chosen()
                  .equals(Optional.of(new NodeId("c"))));
      for (int i = 0; i < 10; i++) {
        assertThat(get(ask(a, TOPIC, "k")).as(String.class)).isEqualTo("c");
      }
      later.complete(Reply.of("at last"));

      assertThat(get(underWay).as(String.class)).isEqualTo("at last");
      assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
      assertThat(calls).hasValue(1);
    }
  }

  @Test
  void queueThatIsFullRefusesAtOnce() throws Exception {
    try (Lab lab = Lab.of(plan -> plan.settings = s -> s.withMostServed(2), "a", "b")) {
      CompletableFuture<Reply> later = new CompletableFuture<>();
      lab.node("b").view("plugin").handle(TOPIC, HandlerOptions.direct(), message -> later);
      lab.awaitHandlers(TOPIC.name(), "b");
      CompletionStage<Reply> one = ask(lab.node("a"), TOPIC, null);
      CompletionStage<Reply> two = ask(lab.node("a"), TOPIC, null);

      assertThat(codeOf(ask(lab.node("a"), TOPIC, null)))
          .isEqualTo(StandardErrorCode.BULKHEAD_FULL);
      later.complete(Reply.of("done"));
      assertThat(get(one).as(String.class)).isEqualTo("done");
      assertThat(get(two).as(String.class)).isEqualTo("done");
    }
  }

  /** A guard that opens after five failures in a row, as the standard one does. */
  private static SmallRyePeerGuard breakers() {
    return new SmallRyePeerGuard(
        new SmallRyePeerGuard.Settings(
            new CircuitBreakerSettings(5, Duration.ofMinutes(5), 1), 100),
        System::nanoTime,
        new RecordingMetrics());
  }

  /** Asks a handler that never answers, and waits until that has timed out. */
  private static void askInVain(LabNode node, Duration patience) {
    Message question = Message.query(TOPIC, Payload.empty()).timeout(patience).build();
    assertThat(codeOf(node.view("test").request(question))).isEqualTo(StandardErrorCode.TIMEOUT);
  }

  private static boolean heldAgainst(LabNode node, String other) {
    return node.evidence.getOrDefault(new NodeId(other), new ConcurrentLinkedQueue<>()).stream()
        .anyMatch(HealthEvidence.Failed.class::isInstance);
  }

  @Test
  void callersInAHurryHoldNothingAgainstASlowNode() {
    SmallRyePeerGuard guard = breakers();
    try (Lab lab = Lab.of(plan -> plan.guard = guard, "a", "b")) {
      lab.node("b")
          .view("plugin")
          .handle(TOPIC, HandlerOptions.defaults(), message -> new CompletableFuture<>());
      lab.awaitHandlers(TOPIC.name(), "b");
      LabNode a = lab.node("a");

      for (int i = 0; i < 12; i++) {
        askInVain(a, Duration.ofMillis(50));
      }

      assertThat(guard.admits(new NodeId("b"), TOPIC)).isTrue();
      assertThat(heldAgainst(a, "b")).isFalse();
    }
  }

  @Test
  void nodeThatHadATenthOfTheBusesTimeAndDidNotAnswerIsHeldToIt() {
    SmallRyePeerGuard guard = breakers();
    try (Lab lab =
        Lab.of(
            plan -> {
              plan.guard = guard;
              plan.settings =
                  unused -> FederatedMessageBus.Settings.defaults(Duration.ofMillis(500));
            },
            "a",
            "b")) {
      lab.node("b")
          .view("plugin")
          .handle(TOPIC, HandlerOptions.defaults(), message -> new CompletableFuture<>());
      lab.awaitHandlers(TOPIC.name(), "b");
      LabNode a = lab.node("a");

      for (int i = 0; i < 5; i++) {
        askInVain(a, Duration.ofMillis(250));
      }

      assertThat(guard.admits(new NodeId("b"), TOPIC)).isFalse();
      assertThat(heldAgainst(a, "b")).isTrue();
    }
  }

  @Test
  void healthMonitorHearsOfHeartbeatsAnswersAndLosses() throws Exception {
    try (Lab lab = Lab.of("a", "b")) {
      answerWithName(lab.node("b"), TOPIC);
      lab.awaitHandlers(TOPIC.name(), "b");
      get(ask(lab.node("a"), TOPIC, null));
      lab.node("b").network.close();

      Lab.eventually(
          () -> {
            List<HealthEvidence> heard = List.copyOf(lab.node("a").evidence.get(new NodeId("b")));
            return heard.stream().anyMatch(HealthEvidence.Heartbeat.class::isInstance)
                && heard.stream().anyMatch(HealthEvidence.Answered.class::isInstance);
          });
    }
  }
}
