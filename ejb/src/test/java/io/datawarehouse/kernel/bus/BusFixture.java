package io.datawarehouse.kernel.bus;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.DoubleSupplier;

/** A bus with its threads, and a list in place of the dead letters. */
final class BusFixture implements AutoCloseable {

  record Kept(Message message, Optional<String> subscriber, WarehouseException why) {}

  final LinkedBlockingQueue<Kept> kept = new LinkedBlockingQueue<>();
  final ForkJoinPool workers = BusWorkers.create("test-bus", 8, getClass().getClassLoader());
  final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  final LocalMessageBus bus;

  BusFixture(Clock clock, Duration defaultTimeout) {
    bus =
        new LocalMessageBus(
            new LocalMessageBus.Options(
                new NodeId("test-node"),
                clock,
                Json.codec(),
                workers,
                timer,
                (message, subscriber, why) -> kept.add(new Kept(message, subscriber, why)),
                new NoMetrics(),
                defaultTimeout));
  }

  @Override
  public void close() {
    timer.shutdownNow();
    workers.shutdownNow();
  }

  /** Counts nothing. */
  static final class NoMetrics implements Metrics {
    @Override
    public Counter counter(String name, String help, Map<String, String> tags) {
      return amount -> {};
    }

    @Override
    public Timer timer(String name, String help, Map<String, String> tags) {
      return nanos -> {};
    }

    @Override
    public void gauge(String name, String help, Map<String, String> tags, DoubleSupplier value) {}
  }
}
