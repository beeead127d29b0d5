package io.datawarehouse.web.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import io.datawarehouse.testkit.kernel.DirectMessageBus;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventStreamsTest {

  private static final TopicPattern ALL = TopicPattern.of("it.**");

  private final ExecutorService senders = Executors.newCachedThreadPool();
  private final DirectMessageBus bus = new DirectMessageBus();
  private final RecordingMetrics metrics = new RecordingMetrics();
  private final EventStreams streams =
      new EventStreams(bus, senders, new EventBacklog.Limits(2, 40_000, 60_000), metrics);

  @AfterEach
  void stop() {
    streams.close();
    senders.shutdownNow();
  }

  /** A client that reads, or one that does not until its connection ends. */
  private static final class Client implements EventOutlet {

    private final BlockingQueue<StreamEvent> seen = new LinkedBlockingQueue<>();
    private final CountDownLatch reads;
    private final CountDownLatch held = new CountDownLatch(1);
    private final AtomicBoolean broken = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile boolean breaks = true;

    private Client(boolean reads) {
      this.reads = new CountDownLatch(reads ? 0 : 1);
    }

    static Client quick() {
      return new Client(true);
    }

    static Client stuck() {
      return new Client(false);
    }

    @Override
    public void send(StreamEvent event) {
      held.countDown();
      try {
        reads.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      if (broken.get()) {
        throw new IllegalStateException("the connection is closed");
      }
      seen.add(event);
    }

    @Override
    public boolean isClosed() {
      return ended.get();
    }

    @Override
    public void close() {
      ended.set(true);
    }

    @Override
    public void breakOff() {
      if (!breaks) {
        throw new IllegalStateException("the connection is another request's");
      }
      broken.set(true);
      reads.countDown();
    }

    StreamEvent next() throws InterruptedException {
      StreamEvent event = seen.poll(30, TimeUnit.SECONDS);
      if (event == null) {
        throw new AssertionError("no event came");
      }
      return event;
    }
  }

  @Test
  void tellsAClientAtOnceThatItIsHeard() throws InterruptedException {
    Client client = Client.quick();
    streams.follow(ALL, client);

    assertThat(client.next().isSignOfLife()).isTrue();
    publish("1");
    assertThat(client.next().data()).isEqualTo("\"1\"");
  }

  @Test
  void bringsEventsAndSignsOfLifeBesideAClientThatDoesNotRead() throws InterruptedException {
    Client stuck = Client.stuck();
    Client quick = Client.quick();
    streams.follow(ALL, stuck);
    stuck.held.await();
    streams.follow(ALL, quick);
    quick.next();

    for (int i = 0; i < 10; i++) {
      publish("x".repeat(5_000));
      assertThat(quick.next().data()).hasSize(5_002);
    }
    streams.tellAlive();

    assertThat(quick.next().isSignOfLife()).isTrue();
    assertThat(quick.broken).isFalse();
  }

  @Test
  void dropsAClientThatDoesNotReadWhenTooMuchWaitsForIt() throws InterruptedException {
    Client stuck = Client.stuck();
    Client quick = Client.quick();
    streams.follow(ALL, stuck);
    stuck.held.await();
    streams.follow(ALL, quick);
    quick.next();

    for (int i = 0; i < 20; i++) {
      publish("x".repeat(5_000));
      quick.next();
    }

    assertThat(stuck.broken).isTrue();
    assertThat(stuck.ended).isTrue();
    assertThat(quick.broken).isFalse();
    assertThat(metrics.count("http.streams.dropped")).isEqualTo(1);
    Awaitility.await().until(() -> metrics.gauge("http.streams.bytes") == 0);
    Awaitility.await().until(() -> metrics.gauge("http.streams") == 1);
  }

  @Test
  void dropsTheOthersWhereTheConnectionOfOneCannotBeClosed() throws InterruptedException {
    Client first = Client.stuck();
    Client second = Client.stuck();
    Client quick = Client.quick();
    first.breaks = false;
    EventStreams three =
        new EventStreams(bus, senders, new EventBacklog.Limits(3, 40_000, 60_000), metrics);
    three.follow(TopicPattern.of("it.first"), first);
    first.held.await();
    three.follow(TopicPattern.of("it.second"), second);
    second.held.await();
    three.follow(TopicPattern.of("it.quick"), quick);
    quick.next();
    publish("it.first", "x".repeat(12_000));
    publish("it.second", "x".repeat(12_000));

    publish("it.quick", "x".repeat(19_000));

    assertThat(quick.next().data()).hasSize(19_002);
    assertThat(first.ended).isTrue();
    assertThat(second.ended).isTrue();
    assertThat(second.broken).isTrue();
    assertThat(metrics.count("http.streams.dropped")).isEqualTo(2);
    first.reads.countDown();
    three.close();
  }

  @Test
  void takesInAnotherClientWhenOneHasGone() throws InterruptedException {
    Client first = Client.quick();
    streams.follow(ALL, first);
    streams.follow(ALL, Client.quick());
    assertThatThrownBy(() -> streams.follow(ALL, Client.quick()))
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code().name()).isEqualTo("BULKHEAD_FULL"));
    first.next();

    first.close();
    streams.tellAlive();

    Awaitility.await().until(() -> metrics.gauge("http.streams") == 1);
    Client third = Client.quick();
    streams.follow(ALL, third);
    assertThat(third.next().isSignOfLife()).isTrue();
  }

  @Test
  void endsAllStreamsInOrder() throws InterruptedException {
    Client client = Client.quick();
    streams.follow(ALL, client);
    client.next();

    streams.close();
    publish("late");

    assertThat(client.ended).isTrue();
    assertThat(client.broken).isFalse();
    assertThat(client.seen).isEmpty();
  }

  private void publish(String text) {
    publish("it.happened", text);
  }

  private void publish(String topic, String text) {
    bus.publish(Message.event(Topic.of(topic), Payload.of(text)).build());
  }
}
