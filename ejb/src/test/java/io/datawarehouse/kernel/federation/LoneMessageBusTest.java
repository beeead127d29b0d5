package io.datawarehouse.kernel.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.EventSubscriber;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Durable events of a node that is alone, over its crashes. */
@Timeout(120)
class LoneMessageBusTest {

  private static final Topic TOPIC = Topic.of("lab.news");
  private static final int OUTBOX = 100;

  private final InMemoryKernelStorage storage = new InMemoryKernelStorage();
  private final CountDownLatch release = new CountDownLatch(1);
  private final Queue<Message> lettersOfAllRuns = new ConcurrentLinkedQueue<>();
  private LoneNode node = new LoneNode(storage, 1, OUTBOX, lettersOfAllRuns);
  private long incarnation = 1;

  @AfterEach
  void end() {
    release.countDown();
    node.close();
  }

  private void crashAndStart() {
    node.close();
    node = new LoneNode(storage, ++incarnation, OUTBOX, lettersOfAllRuns);
  }

  private Registration hear(EventSubscriber subscriber) {
    return node.bus
        .view("plugin")
        .subscribe(TopicPattern.of("lab.*"), SubscriberOptions.defaults(), subscriber);
  }

  private Queue<Integer> hear() {
    Queue<Integer> heard = new ConcurrentLinkedQueue<>();
    Registration unused = hear(event -> heard.add(event.payload().as(Integer.class)));
    return heard;
  }

  /** A subscriber that ends with nothing before the test does. */
  private void hearSlowly() {
    Registration unused =
        hear(
            event -> {
              boolean released = release.await(60, TimeUnit.SECONDS);
            });
  }

  private void publish(int number, boolean durable) {
    Message.Builder event = Message.event(TOPIC, Payload.of(number)).affinityKey("k");
    node.bus.view("plugin").publish((durable ? event.durable() : event).build());
  }

  @Test
  void durableEventsThatWaitForASlowSubscriberAreDeliveredAfterACrash() {
    hearSlowly();
    node.bus.resume();
    for (int i = 0; i < 5; i++) {
      publish(i, true);
    }
    publish(5, false);

    crashAndStart();
    Queue<Integer> heard = hear();
    node.bus.resume();

    Lab.eventually(() -> node.bus.outbox() == 0);
    assertThat(heard).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void whatWasTakenBeforeACrashIsNotRepeated() {
    Queue<Integer> first = hear();
    node.bus.resume();
    publish(1, true);
    publish(2, true);
    Lab.eventually(() -> node.bus.outbox() == 0);
    assertThat(first).containsExactly(1, 2);

    crashAndStart();
    Queue<Integer> heard = hear();
    node.bus.resume();
    publish(3, true);

    Lab.eventually(() -> node.bus.outbox() == 0);
    assertThat(heard).containsExactly(3);
  }

  @Test
  void eventThatIsPublishedBeforeTheSubscribersAreThereWaitsForThem() {
    publish(1, true);
    Queue<Integer> heard = hear();
    publish(2, true);
    assertThat(node.bus.outbox()).isEqualTo(2);

    node.bus.resume();

    Lab.eventually(() -> node.bus.outbox() == 0);
    assertThat(heard).containsExactly(1, 2);
  }

  @Test
  void eventThatIsPublishedWhileTheNodeStopsIsKeptForTheNextRun() {
    Queue<Integer> first = hear();
    node.bus.resume();
    assertThat(node.bus.drain(Duration.ofSeconds(10))).isTrue();

    publish(1, true);
    assertThatThrownBy(() -> publish(2, false))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.UNAVAILABLE));
    crashAndStart();
    Queue<Integer> heard = hear();
    node.bus.resume();

    Lab.eventually(() -> node.bus.outbox() == 0);
    assertThat(first).isEmpty();
    assertThat(heard).containsExactly(1);
  }

  @Test
  void whatStillWaitsWhenTheNodeStopsComesAgainInTheNextRun() throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    Registration unused =
        hear(
            event -> {
              busy.countDown();
              boolean released = release.await(60, TimeUnit.SECONDS);
            });
    node.bus.resume();
    for (int i = 0; i < 3; i++) {
      publish(i, true);
    }
    assertThat(busy.await(60, TimeUnit.SECONDS)).isTrue();

    assertThat(node.bus.drain(Duration.ofMillis(1))).isFalse();
    crashAndStart();
    Queue<Integer> heard = hear();
    node.bus.resume();

    Lab.eventually(() -> node.bus.outbox() == 0);
    assertThat(heard).containsExactly(0, 1, 2);
    assertThat(lettersOfAllRuns).isEmpty();
  }

  @Test
  void whatOneOfTwoSubscribersHasTakenWhenTheNodeStopsIsADeadLetterOfTheOther() throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    Registration slow =
        hear(
            event -> {
              busy.countDown();
              boolean released = release.await(60, TimeUnit.SECONDS);
            });
    Queue<Integer> quick = hear();
    node.bus.resume();
    publish(0, true);
    publish(1, true);
    assertThat(busy.await(60, TimeUnit.SECONDS)).isTrue();
    Lab.eventually(() -> quick.size() == 2);

    assertThat(node.bus.drain(Duration.ofMillis(1))).isFalse();

    assertThat(lettersOfAllRuns.stream().map(event -> event.payload().as(Integer.class)))
        .containsExactly(1);
    assertThat(slow).isNotNull();
  }

  @Test
  void whatOnlyAWatcherHasSeenWhenTheNodeStopsComesAgain() throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    Registration slow =
        hear(
            event -> {
              busy.countDown();
              boolean released = release.await(60, TimeUnit.SECONDS);
            });
    Queue<Integer> watched = watch();
    node.bus.resume();
    publish(0, true);
    publish(1, true);
    assertThat(busy.await(60, TimeUnit.SECONDS)).isTrue();
    Lab.eventually(() -> watched.size() == 2);

    assertThat(node.bus.drain(Duration.ofMillis(1))).isFalse();
    crashAndStart();
    Queue<Integer> heard = hear();
    node.bus.resume();

    Lab.eventually(() -> node.bus.outbox() == 0);
    assertThat(heard).containsExactly(0, 1);
    assertThat(lettersOfAllRuns).isEmpty();
    assertThat(slow).isNotNull();
  }

  /** Hears as somebody does for whom nothing is kept. */
  private Queue<Integer> watch() {
    Queue<Integer> seen = new ConcurrentLinkedQueue<>();
    Registration unused =
        node.bus
            .view("watcher")
            .subscribe(
                TopicPattern.of("lab.*"),
                new SubscriberOptions(1, 100, SubscriberOptions.Overflow.DROP),
                event -> seen.add(event.payload().as(Integer.class)));
    return seen;
  }

  /** Fills the outbox as a member of a cluster does whose other nodes are away. */
  private void keepForOthers(int count, NodeId... targets) {
    node.close();
    Outbox outbox =
        new Outbox(storage, Json.codec(), Clock.systemUTC(), ++incarnation, OUTBOX, 1 << 20);
    for (int i = 0; i < count; i++) {
      Message event = Message.event(TOPIC, Payload.of(i)).affinityKey("k").durable().build();
      outbox.handedOut(outbox.add(event, List.of(targets)));
    }
    node = new LoneNode(storage, ++incarnation, OUTBOX, lettersOfAllRuns);
  }

  @Test
  void whatAFormerMemberKeepsForOthersDoesNotKeepItFromPublishing() {
    keepForOthers(OUTBOX, new NodeId("other"), new NodeId("third"));
    Queue<Integer> heard = hear();
    node.bus.resume();
    assertThat(node.bus.outbox()).isEqualTo(OUTBOX);

    publish(OUTBOX, true);

    Lab.eventually(() -> node.bus.outbox() == 0);
    assertThat(heard).containsExactly(OUTBOX);
    assertThat(lettersOfAllRuns).hasSize(2 * OUTBOX);
  }

  @Test
  void whatAFormerMemberKeepsForOthersIsGivenUpAfterItsTimeAndNotBefore() {
    keepForOthers(3, new NodeId("other"));
    node.bus.resume();
    node.advance(Duration.ofHours(23));
    publish(3, true);
    assertThat(node.bus.outbox()).isEqualTo(3);
    assertThat(lettersOfAllRuns).isEmpty();

    node.advance(Duration.ofHours(1));

    Lab.eventually(() -> node.bus.outbox() == 0);
    assertThat(lettersOfAllRuns).hasSize(3);
    assertThat(storage.keys("out.")).isEmpty();
  }

  @Test
  void nothingIsKeptOfAnEventThatNobodyHears() {
    Queue<Integer> heard = hear();
    node.bus.resume();
    Message other = Message.event(Topic.of("other.news"), Payload.of(1)).durable().build();

    node.bus.view("plugin").publish(other);

    assertThat(node.bus.outbox()).isZero();
    assertThat(storage.keys("out.")).isEmpty();
    assertThat(heard).isEmpty();
  }

  @Test
  void moreThanTheOutboxHoldsIsRefusedAndTheRestIsNotLost() {
    hearSlowly();
    node.bus.resume();
    for (int i = 0; i < OUTBOX; i++) {
      publish(i, true);
    }

    assertThatThrownBy(() -> publish(OUTBOX, true))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.BULKHEAD_FULL));
    release.countDown();
    Lab.eventually(() -> node.bus.outbox() == 0);
    publish(OUTBOX, true);
    Lab.eventually(() -> node.bus.outbox() == 0);
    assertThat(lettersOfAllRuns).isEmpty();
  }

  @Test
  void eventThatIsDueAfterACrashBecomesADeadLetterOfItsSubscriber() {
    hearSlowly();
    node.bus.resume();
    publish(0, true);
    node.bus
        .view("plugin")
        .publish(
            Message.event(TOPIC, Payload.of(1))
                .affinityKey("k")
                .timeout(Duration.ofNanos(1))
                .durable()
                .build());

    crashAndStart();
    Queue<Integer> heard = hear();
    node.bus.resume();

    Lab.eventually(() -> node.bus.outbox() == 0);
    assertThat(heard).containsExactly(0);
    assertThat(lettersOfAllRuns).hasSize(1);
  }

  @Test
  void nodeThatIsClosedTakesNothingMore() {
    node.bus.resume();
    node.bus.close();

    assertThatThrownBy(() -> publish(1, true))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.UNAVAILABLE));
  }
}
