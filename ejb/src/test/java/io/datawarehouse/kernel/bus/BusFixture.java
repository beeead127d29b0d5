package io.datawarehouse.kernel.bus;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.DoubleSupplier;

/** A bus with its threads, and a list in place of the dead letters. */
final class BusFixture implements AutoCloseable {

  record Kept(Message message, Optional<String> subscriber, WarehouseException why) {}

  static final long QUEUE_BYTES = 1000;

  /** Whether the sink cannot keep anything. */
  volatile boolean sinkFails;

  final CountedMetrics metrics = new CountedMetrics();
  final LinkedBlockingQueue<Kept> kept = new LinkedBlockingQueue<>();
  final ForkJoinPool workers;
  final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  final LocalMessageBus bus;

  BusFixture(Clock clock, Duration defaultTimeout) {
    this(clock, defaultTimeout, 8);
  }

  BusFixture(Clock clock, Duration defaultTimeout, int threads) {
    workers = BusWorkers.create("test-bus", threads, getClass().getClassLoader());
    bus =
        new LocalMessageBus(
            new LocalMessageBus.Options(
                new NodeId("test-node"),
                clock,
                Json.codec(),
                workers,
                timer,
                this::keep,
                metrics,
                QUEUE_BYTES,
                defaultTimeout));
  }

  private void keep(Message message, Optional<String> subscriber, WarehouseException why) {
    if (sinkFails) {
      throw new WarehouseException(StandardErrorCode.DISK_FULL, "no room for letters");
    }
    kept.add(new Kept(message, subscriber, why));
  }

  @Override
  public void close() {
    timer.shutdownNow();
    workers.shutdownNow();
  }

  /** Counts by name and tags. */
  static final class CountedMetrics implements Metrics {

    final Map<String, DoubleAdder> counters = new ConcurrentHashMap<>();

    @Override
    public Counter counter(String name, String help, Map<String, String> tags) {
      return counters.computeIfAbsent(name + new TreeMap<>(tags), key -> new DoubleAdder())::add;
    }

    @Override
    public Timer timer(String name, String help, Map<String, String> tags) {
      return nanos -> {};
    }

    @Override
    public void gauge(String name, String help, Map<String, String> tags, DoubleSupplier value) {}
  }
}
