package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.bus.BusWorkers;
import io.datawarehouse.kernel.bus.LocalMessageBus;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.time.Clock;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;

/** A node that is alone, with its threads. Closing it is a crash, as far as a test can play it. */
final class LoneNode implements AutoCloseable {

  final LoneMessageBus bus;
  private final ForkJoinPool workers =
      BusWorkers.create("lone", 4, LoneNode.class.getClassLoader());
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final AtomicLong passed = new AtomicLong();
  private volatile boolean crashed;

  LoneNode(KernelStorage storage, long incarnation, int outboxEvents, Queue<Message> letters) {
    NodeId id = new NodeId("alone");
    RecordingMetrics metrics = new RecordingMetrics();
    LocalMessageBus local =
        new LocalMessageBus(
            new LocalMessageBus.Options(
                id,
                Clock.systemUTC(),
                Json.codec(),
                workers,
                timer,
                (message, subscriber, why) -> {
                  if (!crashed) {
                    letters.add(message);
                  }
                },
                metrics,
                64L << 20,
                Duration.ofSeconds(30)));
    bus =
        new LoneMessageBus(
            new LoneMessageBus.Options(
                local,
                id,
                incarnation,
                new UntilTheCrash(storage, () -> crashed),
                Json.codec(),
                Clock.systemUTC(),
                () -> System.nanoTime() + passed.get(),
                timer,
                workers,
                metrics,
                outboxEvents,
                1 << 20));
  }

  /** Lets time pass for the ticker. */
  void advance(Duration time) {
    passed.addAndGet(time.toNanos());
  }

  @Override
  public void close() {
    crashed = true;
    bus.close();
    timer.shutdownNow();
    workers.shutdownNow();
  }
}
