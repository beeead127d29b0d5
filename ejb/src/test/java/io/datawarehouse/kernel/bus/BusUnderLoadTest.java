package io.datawarehouse.kernel.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.HandlerOptions.Execution;
import io.datawarehouse.sdk.message.HandlerOptions.Ordering;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Several senders at once, handlers of every kind, drawn from a seed: each request has exactly one
 * answer, each accepted one is handled exactly once, in order within its key and its sender, never
 * two of a key and never more than allowed at a time.
 */
class BusUnderLoadTest {

  private static final int SENDERS = 4;
  private static final int PER_SENDER = 600;
  private static final int KEYS = 9;
  private static final Duration SOON = Duration.ofMinutes(10);

  private record Numbered(int sender, int number) {}

  private final BusFixture fixture = new BusFixture(Clock.systemUTC(), Duration.ofMinutes(20));
  private final MessageBus bus = fixture.bus.view("plugin");
  private final ExecutorService senders = Executors.newFixedThreadPool(SENDERS);

  @AfterEach
  void close() {
    senders.shutdownNow();
    fixture.close();
  }

  /** What a handler sees. */
  private static final class Observations {
    final AtomicInteger running = new AtomicInteger();
    final AtomicInteger handled = new AtomicInteger();
    final AtomicReference<String> wrong = new AtomicReference<>();
    private final Map<String, AtomicInteger> runningOfKey = new ConcurrentHashMap<>();
    private final Map<String, Integer> lastOfSenderAndKey = new ConcurrentHashMap<>();

    void begin(Message message, int concurrency) {
      if (running.incrementAndGet() > concurrency) {
        wrong.set("too many at a time");
      }
      handled.incrementAndGet();
      message
          .affinityKey()
          .ifPresent(
              key -> {
                if (counter(key).incrementAndGet() > 1) {
                  wrong.set("two of " + key + " at a time");
                }
                Numbered here = message.payload().as(Numbered.class);
                Integer before = lastOfSenderAndKey.put(here.sender + key, here.number);
                if (before != null && before >= here.number) {
                  wrong.set(here + " came after " + before);
                }
              });
    }

    void end(Message message) {
      message.affinityKey().ifPresent(key -> counter(key).decrementAndGet());
      running.decrementAndGet();
    }

    private AtomicInteger counter(String key) {
      return runningOfKey.computeIfAbsent(key, any -> new AtomicInteger());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyRequestHasOneAnswerAndKeysKeepTheirOrder(long seed) throws Exception {
    Random random = new Random(seed);
    Execution execution = random.nextInt(4) == 0 ? Execution.CALLER : Execution.WORKER;
    int concurrency = 1 + random.nextInt(6);
    int capacity = random.nextBoolean() ? SENDERS * PER_SENDER : random.nextInt(50);
    Topic topic = Topic.of("load.topic");
    Observations seen = new Observations();
    bus.handle(
        topic,
        new HandlerOptions(execution, Ordering.BY_AFFINITY_KEY, concurrency, capacity),
        message -> handle(message, seen, concurrency));

    CountDownLatch all = new CountDownLatch(SENDERS);
    List<Future<List<CompletableFuture<Reply>>>> sent = new ArrayList<>();
    for (int sender = 0; sender < SENDERS; sender++) {
      int number = sender;
      long senderSeed = random.nextLong();
      sent.add(senders.submit(() -> send(topic, number, new Random(senderSeed), all)));
    }

    int answered = 0;
    int refused = 0;
    for (Future<List<CompletableFuture<Reply>>> of : sent) {
      for (CompletableFuture<Reply> answer : of.get(SOON.toSeconds(), TimeUnit.SECONDS)) {
        Throwable why =
            answer.handle((reply, thrown) -> thrown).get(SOON.toSeconds(), TimeUnit.SECONDS);
        if (why == null) {
          answered++;
        } else {
          assertThat(((WarehouseException) why).code())
              .as("seed %s", seed)
              .isEqualTo(StandardErrorCode.BULKHEAD_FULL);
          refused++;
        }
      }
    }
    assertThat(seen.wrong.get()).as("seed %s", seed).isNull();
    assertThat(answered + refused).as("seed %s", seed).isEqualTo(SENDERS * PER_SENDER);
    assertThat(seen.handled.get()).as("seed %s", seed).isEqualTo(answered);
    assertThat(fixture.bus.drain(SOON)).as("seed %s", seed).isTrue();
    assertThat(fixture.bus.topics().get(0).delivered())
        .as("seed %s", seed)
        .isEqualTo(SENDERS * PER_SENDER);
  }

  /** Some answers come at once, and some from another thread later. */
  private CompletableFuture<Reply> handle(Message message, Observations seen, int concurrency) {
    seen.begin(message, concurrency);
    int number = message.payload().as(Numbered.class).number;
    if (number % 7 == 0) {
      return CompletableFuture.supplyAsync(
          () -> {
            seen.end(message);
            return Reply.of(number);
          },
          fixture.workers);
    }
    if (number % 11 == 0) {
      Thread.yield();
    }
    seen.end(message);
    return CompletableFuture.completedFuture(Reply.of(number));
  }

  private List<CompletableFuture<Reply>> send(
      Topic topic, int sender, Random random, CountDownLatch all) throws InterruptedException {
    all.countDown();
    assertThat(all.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    List<CompletableFuture<Reply>> answers = new ArrayList<>();
    for (int i = 0; i < PER_SENDER; i++) {
      Message.Builder message = Message.command(topic, Payload.of(new Numbered(sender, i)));
      int key = random.nextInt(KEYS + 1);
      if (key < KEYS) {
        message.affinityKey("key-" + key);
      }
      answers.add(bus.request(message.build()).toCompletableFuture());
    }
    return answers;
  }
}
