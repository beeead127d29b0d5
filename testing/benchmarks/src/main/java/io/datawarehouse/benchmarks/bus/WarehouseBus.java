package io.datawarehouse.benchmarks.bus;

import io.datawarehouse.benchmarks.report.Subject;
import io.datawarehouse.kernel.bus.BusWorkers;
import io.datawarehouse.kernel.bus.LocalMessageBus;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.HandlerOptions.Execution;
import io.datawarehouse.sdk.message.HandlerOptions.Ordering;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/** The warehouse's bus with all it does for every request: ids, deadlines, counting. */
final class WarehouseBus implements AutoCloseable {

  private static final String[] KEYS = new String[256];

  static {
    for (int i = 0; i < KEYS.length; i++) {
      KEYS[i] = "bucket/key-" + i;
    }
  }

  private final ExecutorService workers =
      BusWorkers.create(
          "bus", Runtime.getRuntime().availableProcessors(), getClass().getClassLoader());
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService requesters = Executors.newCachedThreadPool();
  private final LocalMessageBus local =
      new LocalMessageBus(
          new LocalMessageBus.Options(
              new NodeId("node"),
              Clock.systemUTC(),
              Json.codec(),
              workers,
              timer,
              (message, subscriber, why) -> {
                throw new IllegalStateException("a dead letter: " + message, why);
              },
              new AddingMetrics(),
              64L << 20,
              Duration.ofSeconds(30)));
  private final MessageBus bus = local.view("benchmark");

  /** Counts as the node does, without a registry around it. */
  private static final class AddingMetrics implements Metrics {
    @Override
    public Counter counter(String name, String help, Map<String, String> tags) {
      LongAdder value = new LongAdder();
      return amount -> value.add((long) amount);
    }

    @Override
    public Timer timer(String name, String help, Map<String, String> tags) {
      LongAdder value = new LongAdder();
      return value::add;
    }

    @Override
    public void gauge(String name, String help, Map<String, String> tags, DoubleSupplier value) {}
  }

  /** Each thread sends a request and waits for the reply before it sends the next. */
  Subject waiting(String name, int threads, Execution execution, Ordering ordering) {
    Topic topic = answer(execution, ordering);
    return subject(
        name,
        threads,
        (number, stop) -> {
          long count = 0;
          while (!stop.get()) {
            Reply reply =
                bus.request(request(topic, ordering, count + number * 31L))
                    .toCompletableFuture()
                    .join();
            count += reply.as(String.class).length() == 4 ? 1 : 0;
          }
          return count;
        });
  }

  /** Each thread keeps so many requests under way. */
  Subject windowed(String name, int threads, int window, Ordering ordering) {
    Topic topic = answer(Execution.WORKER, ordering);
    return subject(
        name,
        threads,
        (number, stop) -> {
          Semaphore room = new Semaphore(window);
          LongAdder answered = new LongAdder();
          CompletableFuture<Void> failure = new CompletableFuture<>();
          for (long i = 0; !stop.get() && !failure.isDone(); i++) {
            room.acquire();
            bus.request(request(topic, ordering, i + number * 31L))
                .whenComplete(
                    (reply, thrown) -> {
                      if (thrown != null) {
                        failure.completeExceptionally(thrown);
                      } else if (reply.as(String.class).length() == 4) {
                        answered.increment();
                      }
                      room.release();
                    });
          }
          room.acquire(window);
          failure.getNow(null);
          return answered.sum();
        });
  }

  private Topic answer(Execution execution, Ordering ordering) {
    Topic topic =
        Topic.of("bench." + execution.name() + "." + ordering.name() + "." + System.nanoTime());
    bus.handle(
        topic,
        HandlerOptions.direct()
            .withExecution(execution)
            .withOrdering(ordering)
            .withConcurrency(execution == Execution.CALLER ? Integer.MAX_VALUE : 16)
            .withQueueCapacity(1024),
        MessageHandler.sync(message -> Reply.of(message.payload().as(String.class))));
    return topic;
  }

  private static Message request(Topic topic, Ordering ordering, long number) {
    Message.Builder builder = Message.query(topic, Payload.of("ping"));
    if (ordering == Ordering.BY_AFFINITY_KEY) {
      builder.affinityKey(KEYS[(int) (number & 255)]);
    }
    return builder.build();
  }

  private Subject subject(String name, int threads, Threads.Loop loop) {
    return new Subject() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Measured run(Duration time) throws Exception {
        return Threads.run(requesters, threads, time, loop);
      }
    };
  }

  @Override
  public void close() {
    requesters.shutdown();
    if (!local.drain(Duration.ofSeconds(10))) {
      throw new IllegalStateException("requests are still under way");
    }
    timer.shutdownNow();
    workers.shutdown();
  }
}
