package io.datawarehouse.kernel.federation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Events, at most once and at least once, over crashes of either side. */
@Timeout(120)
class DurableEventTest {

  private static final Topic TOPIC = Topic.of("lab.news");
  private static final Topic ASK = Topic.of("lab.ask");

  private static Queue<Integer> hear(LabNode node) {
    Queue<Integer> heard = new ConcurrentLinkedQueue<>();
    hear(node, heard);
    return heard;
  }

  private static void hear(LabNode node, Queue<Integer> heard) {
    node.view("plugin")
        .subscribe(
            TopicPattern.of("lab.*"),
            SubscriberOptions.defaults(),
            event -> heard.add(event.payload().as(Integer.class)));
  }

  private static void publish(LabNode node, int number, boolean durable) {
    Message.Builder event = Message.event(TOPIC, Payload.of(number)).affinityKey("k");
    node.view("plugin").publish((durable ? event.durable() : event).build());
  }

  private static List<Integer> upTo(int count) {
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      numbers.add(i);
    }
    return numbers;
  }

  private static LabNode.Plan plan(KernelStorage storage, long incarnation) {
    LabNode.Plan plan = new LabNode.Plan();
    plan.storage = storage;
    plan.incarnation = incarnation;
    plan.resumed = false;
    return plan;
  }

  @Test
  void everyNodeHearsAnEventOnceInOrder() {
    try (Lab lab = Lab.of("a", "b", "c")) {
      Queue<Integer> atA = hear(lab.node("a"));
      Queue<Integer> atB = hear(lab.node("b"));
      Queue<Integer> atC = hear(lab.node("c"));
      lab.awaitListeners(TOPIC.name(), "a", "b", "c");

      for (int i = 0; i < 200; i++) {
        publish(lab.node("a"), i, i % 2 == 0);
      }

      Lab.eventually(() -> atA.size() == 200 && atB.size() == 200 && atC.size() == 200);
      assertThat(atB.stream().filter(n -> n % 2 == 0).toList()).isSorted();
      assertThat(atB.stream().filter(n -> n % 2 == 1).toList()).isSorted();
      Lab.eventually(() -> lab.node("a").bus.outbox() == 0);
    }
  }

  @Test
  void eventForANodeOutOfReachIsLostUnlessItIsDurable() {
    InMemoryKernelStorage storage = new InMemoryKernelStorage();
    try (Lab lab = Lab.of("a")) {
      LabNode b = lab.start("b", plan(storage, 1));
      b.bus.resume();
      hear(b);
      lab.awaitLinks();
      lab.awaitListeners(TOPIC.name(), "b");
      lab.crash("b");
      Lab.eventually(() -> lab.node("a").bus.linked().isEmpty());

      publish(lab.node("a"), 1, false);
      publish(lab.node("a"), 2, true);

      assertThat(lab.node("a").metrics.count("bus.peer.events.lost")).isEqualTo(1);
      assertThat(lab.node("a").bus.outbox()).isEqualTo(1);

      LabNode again = lab.start("b", plan(storage, 2));
      Queue<Integer> heard = hear(again);
      again.bus.resume();

      Lab.eventually(() -> heard.size() == 1 && lab.node("a").bus.outbox() == 0);
      assertThat(heard).containsExactly(2);
    }
  }

  @Test
  void publisherThatCrashesSendsWhatItHadWhenItIsBack() {
    InMemoryKernelStorage storage = new InMemoryKernelStorage();
    try (Lab lab = Lab.of("b")) {
      LabNode first = lab.start("a", plan(storage, 1));
      first.bus.resume();
      lab.awaitLinks();
      Queue<Integer> atB = new ConcurrentLinkedQueue<>();
      CountDownLatch release = new CountDownLatch(1);
      lab.node("b")
          .view("plugin")
          .subscribe(
              TopicPattern.of("lab.*"),
              SubscriberOptions.defaults(),
              event -> {
                assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
                atB.add(event.payload().as(Integer.class));
              });
      Queue<Integer> atFirst = hear(first);
      lab.awaitListeners(TOPIC.name(), "a", "b");
      for (int i = 0; i < 20; i++) {
        publish(first, i, true);
      }
      Lab.eventually(() -> atFirst.size() == 20);
      lab.crash("a");
      release.countDown();

      LabNode again = lab.start("a", plan(storage, 2));
      Queue<Integer> atA = hear(again);
      again.bus.resume();

      Lab.eventually(() -> again.bus.outbox() == 0 && atB.size() >= 20);
      assertThat(atB).containsExactlyElementsOf(upTo(20));
      assertThat(atA).isEmpty();
    }
  }

  private static final int MANY = 2_000;

  /** Waits until a node has on disk that it took the newest of that many events of a first run. */
  private static void awaitSeen(KernelStorage storage, String sender, int count) {
    long newest = (1L << 20) + count - 1;
    Lab.eventually(() -> new SeenEvents(storage, new NodeId(sender)).has(newest));
  }

  private static void publishMany(LabNode node, Queue<Integer> heard) {
    for (int i = 0; i < MANY; i++) {
      publish(node, i, true);
      if (i % 100 == 99) {
        int count = i + 1;
        Lab.eventually(() -> heard.size() == count);
      }
    }
  }

  @Test
  void ownSubscribersGetNothingTwiceAfterACrashThoughMuchWaitsForAnotherNode() {
    InMemoryKernelStorage storage = new InMemoryKernelStorage();
    try (Lab lab = Lab.of("c")) {
      LabNode first = lab.start("a", plan(storage, 1));
      first.bus.resume();
      lab.awaitLinks();
      hear(lab.node("c"));
      Queue<Integer> atFirst = hear(first);
      lab.awaitListeners(TOPIC.name(), "a", "c");
      lab.crash("c");
      publishMany(first, atFirst);
      awaitSeen(storage, "a", MANY);
      assertThat(first.bus.outbox()).isEqualTo(MANY);
      lab.crash("a");

      LabNode again = lab.start("a", plan(storage, 2));
      Queue<Integer> atA = hear(again);
      again.bus.resume();
      publish(again, MANY, true);

      Lab.eventually(() -> atA.contains(MANY));
      assertThat(atA).containsExactly(MANY);
      assertThat(again.bus.outbox()).isEqualTo(MANY + 1);
    }
  }

  /**
   * One event that its subscriber does not take holds the floor still; those behind it that have
   * another key are taken.
   */
  @Test
  void eventsThatPassedASlowOneAreNotRepeatedAfterACrashThoughTheyWaitForAnotherNode() {
    InMemoryKernelStorage storage = new InMemoryKernelStorage();
    InMemoryKernelStorage storageOfB = new InMemoryKernelStorage();
    CountDownLatch release = new CountDownLatch(1);
    Queue<Integer> atB = new ConcurrentLinkedQueue<>();
    try (Lab lab = Lab.of("c")) {
      LabNode first = lab.start("a", plan(storage, 1));
      first.bus.resume();
      LabNode b = lab.start("b", plan(storageOfB, 1));
      b.bus.resume();
      lab.awaitLinks();
      hear(lab.node("c"));
      b.view("plugin")
          .subscribe(
              TopicPattern.of("lab.*"),
              SubscriberOptions.defaults(),
              event -> {
                int number = event.payload().as(Integer.class);
                if (number < 0) {
                  release.await(60, TimeUnit.SECONDS);
                }
                atB.add(number);
              });
      lab.awaitListeners(TOPIC.name(), "b", "c");
      lab.crash("c");
      first
          .view("plugin")
          .publish(Message.event(TOPIC, Payload.of(-1)).affinityKey("slow").durable().build());
      publishMany(first, atB);
      awaitSeen(storageOfB, "a", MANY + 1);
      lab.crash("a");

      LabNode again = lab.start("a", plan(storage, 2));
      again.bus.resume();
      release.countDown();
      publish(again, MANY, true);

      Lab.eventually(() -> atB.contains(MANY) && atB.contains(-1));
      assertThat(atB).hasSize(MANY + 2).doesNotHaveDuplicates();
    }
  }

  @Test
  void whatOwnSubscribersDidNotTakeBeforeACrashIsDeliveredAfterIt() {
    InMemoryKernelStorage storage = new InMemoryKernelStorage();
    try (Lab lab = Lab.of("b")) {
      LabNode first = lab.start("a", plan(storage, 1));
      first.bus.resume();
      lab.awaitLinks();
      CountDownLatch never = new CountDownLatch(1);
      first
          .view("plugin")
          .subscribe(
              TopicPattern.of("lab.*"),
              SubscriberOptions.defaults(),
              event -> {
                never.await(60, TimeUnit.SECONDS);
              });
      publish(first, 7, true);
      assertThat(first.bus.outbox()).isEqualTo(1);
      lab.crash("a");

      LabNode again = lab.start("a", plan(storage, 2));
      Queue<Integer> heard = hear(again);
      again.bus.resume();

      Lab.eventually(() -> heard.size() == 1 && again.bus.outbox() == 0);
      never.countDown();
    }
  }

  @Test
  void eventsThatComeBeforeTheSubscribersAreThereWaitForThem() {
    InMemoryKernelStorage storage = new InMemoryKernelStorage();
    try (Lab lab = Lab.of("a")) {
      LabNode b = lab.start("b", plan(storage, 1));
      b.bus.resume();
      hear(b);
      lab.awaitLinks();
      lab.awaitListeners(TOPIC.name(), "b");
      lab.crash("b");
      for (int i = 0; i < 50; i++) {
        publish(lab.node("a"), i, true);
      }
      LabNode again = lab.start("b", plan(storage, 2));
      lab.awaitLinks();
      double sent = lab.node("a").metrics.count("bus.peer.events");
      Lab.eventually(() -> lab.node("a").metrics.count("bus.peer.events") >= 50);
      assertThat(sent).isGreaterThanOrEqualTo(0);

      Queue<Integer> heard = hear(again);
      again.bus.resume();

      Lab.eventually(() -> lab.node("a").bus.outbox() == 0);
      assertThat(heard).containsExactlyElementsOf(upTo(50));
    }
  }

  @Test
  void linkThatBreaksAgainAndAgainLosesNoneAndRepeatsNone() {
    try (Lab lab = Lab.of("a", "b")) {
      Queue<Integer> heard = hear(lab.node("b"));
      lab.awaitListeners(TOPIC.name(), "b");
      int count = 400;
      for (int i = 0; i < count; i++) {
        publish(lab.node("a"), i, true);
        if (i % 50 == 49) {
          lab.node("b").cutLinks();
        }
      }

      Lab.eventually(() -> lab.node("a").bus.outbox() == 0);
      assertThat(heard).containsExactlyElementsOf(upTo(count));
    }
  }

  @Test
  void nodeThatIsGoneForGoodGetsDeadLettersWhichCanBeSentAgain() {
    InMemoryKernelStorage storage = new InMemoryKernelStorage();
    try (Lab lab =
        Lab.of(
            plan -> plan.settings = s -> s.withOutbox(100, 1 << 20, Duration.ofMillis(50)), "a")) {
      LabNode b = lab.start("b", plan(storage, 1));
      b.bus.resume();
      hear(b);
      lab.awaitLinks();
      lab.awaitListeners(TOPIC.name(), "b");
      lab.crash("b");
      publish(lab.node("a"), 1, true);

      lab.cluster.moveInViewOf(new NodeId("a"), new NodeId("b"), NodeState.DEAD);

      LabNode a = lab.node("a");
      Lab.eventually(() -> a.letters.size() == 1);
      LabNode.Kept letter = a.letters.remove();
      assertThat(letter.subscriber()).contains("node@b");
      assertThat(letter.why().code()).isEqualTo(StandardErrorCode.UNAVAILABLE);
      Lab.eventually(() -> a.bus.outbox() == 0);

      LabNode again = lab.start("b", plan(storage, 2));
      Queue<Integer> heard = hear(again);
      again.bus.resume();
      lab.awaitLinks();
      a.bus.redeliver(letter.message(), "node@b").toCompletableFuture().join();

      Lab.eventually(() -> heard.size() == 1 && a.bus.outbox() == 0);
    }
  }

  /** How a subscriber's node can be away. */
  private enum Away {
    SUSPECT,
    DEAD,
    LEFT
  }

  /** Says that a node is gone, to all that stayed, after its process is. */
  private static void goes(Lab lab, LabNode node, Away how) {
    if (how == Away.LEFT) {
      assertThat(node.bus.drain(Duration.ofSeconds(10))).isTrue();
      // Its plugins stop; what they handled is gone for all, so all have heard of it.
      node.bus.evict("plugin", Duration.ofSeconds(10));
      lab.awaitHandlers(ASK.name());
    }
    String name = node.id.value();
    lab.crash(name);
    lab.cluster.moveInViewOf(new NodeId("a"), node.id, NodeState.valueOf(how.name()));
  }

  private static LabNode startSubscriber(Lab lab, KernelStorage storage) {
    LabNode b = lab.start("b", plan(storage, 1));
    b.view("plugin")
        .handle(ASK, HandlerOptions.defaults(), MessageHandler.sync(m -> Reply.empty()));
    hear(b);
    b.bus.resume();
    lab.awaitLinks();
    lab.awaitListeners(TOPIC.name(), "b");
    lab.awaitHandlers(ASK.name(), "b");
    return b;
  }

  @ParameterizedTest
  @EnumSource(Away.class)
  void eventsWaitForASubscriberThatIsAwayOrJustBack(Away how) {
    InMemoryKernelStorage storage = new InMemoryKernelStorage();
    try (Lab lab = Lab.of("a")) {
      goes(lab, startSubscriber(lab, storage), how);
      publish(lab.node("a"), 0, true);
      assertThat(lab.node("a").bus.outbox()).isEqualTo(1);

      LabNode again = lab.start("b", plan(storage, 2));
      lab.cluster.move(again.id, NodeState.JOINING);
      publish(lab.node("a"), 1, true);
      lab.cluster.move(again.id, NodeState.ACTIVE);
      publish(lab.node("a"), 2, true);
      assertThat(lab.node("a").bus.outbox()).isEqualTo(3);

      Queue<Integer> heard = hear(again);
      again.bus.resume();

      Lab.eventually(() -> heard.size() == 3 && lab.node("a").bus.outbox() == 0);
      assertThat(heard).containsExactly(0, 1, 2);
      assertThat(lab.node("a").letters).isEmpty();
    }
  }

  @Test
  void nodeWhosePluginsAreThereIsSentNoLongerWhatOnlyAnEarlierRunHeard() {
    InMemoryKernelStorage storage = new InMemoryKernelStorage();
    try (Lab lab = Lab.of("a")) {
      goes(lab, startSubscriber(lab, storage), Away.DEAD);
      LabNode again = lab.start("b", plan(storage, 2));
      again
          .view("plugin")
          .handle(ASK, HandlerOptions.defaults(), MessageHandler.sync(m -> Reply.empty()));
      again.bus.resume();
      Lab.eventually(() -> lab.node("a").directory.snapshot().expectantsOf(TOPIC).isEmpty());

      publish(lab.node("a"), 1, true);

      assertThat(lab.node("a").bus.outbox()).isZero();
    }
  }

  @Test
  void eventForANodeThatIsGivenUpAlreadyBecomesADeadLetter() {
    try (Lab lab =
        Lab.of(
            plan -> plan.settings = s -> s.withOutbox(100, 1 << 20, Duration.ofMillis(50)), "a")) {
      goes(lab, startSubscriber(lab, new InMemoryKernelStorage()), Away.DEAD);
      LabNode a = lab.node("a");
      publish(a, 1, true);
      Lab.eventually(() -> a.letters.size() == 1 && a.bus.outbox() == 0);

      publish(a, 2, true);

      Lab.eventually(() -> a.letters.size() == 2 && a.bus.outbox() == 0);
      assertThat(a.letters).allMatch(letter -> letter.subscriber().equals(Optional.of("node@b")));
    }
  }

  @Test
  void nodeThatIsGoneDoesNotKeepOthersFromPublishing() {
    try (Lab lab =
        Lab.of(plan -> plan.settings = s -> s.withOutbox(3, 1 << 20, Duration.ofDays(1)), "a")) {
      goes(lab, startSubscriber(lab, new InMemoryKernelStorage()), Away.LEFT);
      LabNode a = lab.node("a");
      for (int i = 0; i < 3; i++) {
        publish(a, i, true);
      }
      assertThat(a.letters).isEmpty();
      // The outbox looks at the membership now and then.
      Lab.eventually(
          () -> {
            try {
              publish(a, 3, true);
              return true;
            } catch (WarehouseException e) {
              assertThat(e.code()).isEqualTo(StandardErrorCode.BULKHEAD_FULL);
              return false;
            }
          });

      assertThat(a.letters.stream().map(kept -> kept.message().payload().as(Integer.class)))
          .containsExactly(0, 1, 2);
      assertThat(a.bus.outbox()).isEqualTo(1);
    }
  }

  @Test
  void nodeThatStaysSuspectIsGoneAsOneThatIsDead() {
    try (Lab lab =
        Lab.of(
            plan ->
                plan.settings =
                    s ->
                        s.withOutbox(100, 1 << 20, Duration.ofMillis(50))
                            .withSuspectFor(Duration.ofMillis(50)),
            "a")) {
      goes(lab, startSubscriber(lab, new InMemoryKernelStorage()), Away.SUSPECT);
      LabNode a = lab.node("a");

      publish(a, 1, true);

      Lab.eventually(() -> a.letters.size() == 1 && a.bus.outbox() == 0);
      assertThat(a.letters).allMatch(letter -> letter.subscriber().equals(Optional.of("node@b")));
    }
  }

  @Test
  void nodeThatStaysSuspectDoesNotKeepOthersFromPublishing() {
    try (Lab lab =
        Lab.of(
            plan ->
                plan.settings =
                    s -> s.withOutbox(2, 1 << 20, Duration.ofDays(1)).withSuspectFor(Duration.ZERO),
            "a")) {
      goes(lab, startSubscriber(lab, new InMemoryKernelStorage()), Away.SUSPECT);
      LabNode a = lab.node("a");
      publish(a, 0, true);
      publish(a, 1, true);

      // The outbox looks at the membership now and then.
      Lab.eventually(() -> published(a, 2));

      assertThat(a.letters.stream().map(kept -> kept.message().payload().as(Integer.class)))
          .containsExactly(0, 1);
    }
  }

  @Test
  void nodeThatIsSuspectForAMomentIsWaitedFor() {
    try (Lab lab =
        Lab.of(
            plan ->
                plan.settings =
                    s -> s.withOutbox(2, 1 << 20, Duration.ZERO).withSuspectFor(Duration.ofDays(1)),
            "a")) {
      goes(lab, startSubscriber(lab, new InMemoryKernelStorage()), Away.SUSPECT);
      LabNode a = lab.node("a");
      publish(a, 0, true);
      publish(a, 1, true);
      // The outbox hears of it.
      lab.cluster.moveInViewOf(a.id, new NodeId("b"), NodeState.SUSPECT);

      assertThat(published(a, 2)).isFalse();
      assertThat(a.letters).isEmpty();
    }
  }

  /** Publishes a durable event; returns whether there was room for it. */
  private static boolean published(LabNode node, int number) {
    try {
      publish(node, number, true);
      return true;
    } catch (WarehouseException e) {
      assertThat(e.code()).isEqualTo(StandardErrorCode.BULKHEAD_FULL);
      return false;
    }
  }

  @Test
  void subscriberThatIsNotBackAfterARestartOfAllIsWaitedFor() {
    KernelStorage heardByOthers = new InMemoryKernelStorage();
    InMemoryKernelStorage storageOfB = new InMemoryKernelStorage();
    try (Lab lab = new Lab()) {
      LabNode.Plan plan = plan(new InMemoryKernelStorage(), 1);
      plan.heard = heardByOthers;
      lab.start("a", plan).bus.resume();
      LabNode b = startSubscriber(lab, storageOfB);
      Lab.eventually(
          () ->
              heardByOthers
                  .get("heard.b")
                  .filter(it -> new String(it.toArray(), UTF_8).contains("lab.*"))
                  .isPresent());
      assertThat(b.bus.outbox()).isZero();
    }

    try (Lab lab = new Lab()) {
      LabNode.Plan plan = plan(new InMemoryKernelStorage(), 2);
      plan.heard = heardByOthers;
      LabNode a = lab.start("a", plan);
      a.bus.resume();
      publish(a, 1, true);
      assertThat(a.bus.outbox()).isEqualTo(1);

      LabNode b = lab.start("b", plan(storageOfB, 2));
      Queue<Integer> heard = hear(b);
      b.bus.resume();

      Lab.eventually(() -> heard.size() == 1 && a.bus.outbox() == 0);
      assertThat(heard).containsExactly(1);
    }
  }

  @Test
  void eventThatIsPublishedBeforeTheOwnSubscribersAreThereWaitsForThem() {
    try (Lab lab = new Lab()) {
      LabNode a = lab.start("a", plan(new InMemoryKernelStorage(), 1));
      publish(a, 1, true);
      Queue<Integer> heard = hear(a);

      a.bus.resume();

      Lab.eventually(() -> heard.size() == 1 && a.bus.outbox() == 0);
    }
  }

  @Test
  void durableEventThatStaysOnItsNodeIsKeptLikeOthers() {
    InMemoryKernelStorage storage = new InMemoryKernelStorage();
    CountDownLatch never = new CountDownLatch(1);
    try (Lab lab = new Lab()) {
      LabNode first = lab.start("a", staying(storage, 1));
      first
          .view("plugin")
          .subscribe(
              TopicPattern.of("lab.*"),
              SubscriberOptions.defaults(),
              event -> {
                boolean released = never.await(60, TimeUnit.SECONDS);
              });
      first.bus.resume();
      publish(first, 1, true);
      lab.crash("a");

      LabNode again = lab.start("a", staying(storage, 2));
      Queue<Integer> heard = hear(again);
      again.bus.resume();

      Lab.eventually(() -> heard.size() == 1 && again.bus.outbox() == 0);
      never.countDown();
    }
  }

  @Test
  void durableEventThatStaysOnItsNodeIsKeptWhileTheNodeStops() {
    InMemoryKernelStorage storage = new InMemoryKernelStorage();
    try (Lab lab = new Lab()) {
      LabNode first = lab.start("a", staying(storage, 1));
      Registration subscription =
          first
              .view("plugin")
              .subscribe(TopicPattern.of("lab.*"), SubscriberOptions.defaults(), event -> {});
      first.bus.resume();
      assertThat(first.bus.drain(Duration.ofSeconds(10))).isTrue();
      subscription.close();
      publish(first, 1, true);
      lab.crash("a");

      LabNode again = lab.start("a", staying(storage, 2));
      Queue<Integer> heard = hear(again);
      again.bus.resume();

      Lab.eventually(() -> heard.size() == 1 && again.bus.outbox() == 0);
    }
  }

  private static LabNode.Plan staying(KernelStorage storage, long incarnation) {
    LabNode.Plan plan = plan(storage, incarnation);
    plan.settings = s -> s.withStayingLocal(TOPIC::equals);
    return plan;
  }

  /** Longer than a message may be on the wire, and short enough for the queues of this node. */
  private static final int TOO_LONG = 33 << 20;

  @Test
  void eventThatIsTooLongForOthersIsDeliveredToNobody() {
    try (Lab lab = Lab.of("a", "b")) {
      Queue<Integer> atA = new ConcurrentLinkedQueue<>();
      lab.node("a")
          .view("plugin")
          .subscribe(
              TopicPattern.of("lab.*"),
              SubscriberOptions.defaults(),
              event -> atA.add(event.payload().encodedSize() > 1000 ? 1 : 0));
      Queue<Integer> atB = hear(lab.node("b"));
      lab.awaitListeners(TOPIC.name(), "a", "b");
      Message event =
          Message.event(TOPIC, Payload.of(Bytes.copyOf(new byte[TOO_LONG])))
              .affinityKey("k")
              .build();

      assertThatThrownBy(() -> lab.node("a").view("plugin").publish(event))
          .isInstanceOfSatisfying(
              WarehouseException.class,
              e -> assertThat(e.code()).isEqualTo(StandardErrorCode.TOO_LARGE));

      publish(lab.node("a"), 7, false);
      Lab.eventually(() -> atB.contains(7) && !atA.isEmpty());
      assertThat(atA).containsExactly(0);
    }
  }

  @Test
  void outboxThatIsFullRefuses() {
    InMemoryKernelStorage storage = new InMemoryKernelStorage();
    try (Lab lab =
        Lab.of(plan -> plan.settings = s -> s.withOutbox(2, 1 << 20, Duration.ofDays(1)), "a")) {
      LabNode b = lab.start("b", plan(storage, 1));
      hear(b);
      lab.awaitLinks();
      lab.awaitListeners(TOPIC.name(), "b");
      lab.crash("b");
      publish(lab.node("a"), 1, true);
      publish(lab.node("a"), 2, true);

      assertThatThrownBy(() -> publish(lab.node("a"), 3, true))
          .isInstanceOfSatisfying(
              WarehouseException.class,
              e -> assertThat(e.code()).isEqualTo(StandardErrorCode.BULKHEAD_FULL));
      assertThat(lab.node("a").bus.outbox()).isEqualTo(2);
    }
  }
}
