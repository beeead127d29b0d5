package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.metric.Metrics;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** Counts what is done with keys. Thread-safe. */
final class KeyMetrics {

  private final Metrics metrics;
  private final Map<String, Metrics.Timer> timers;

  KeyMetrics(Metrics metrics) {
    this.metrics = metrics;
    this.timers =
        Map.of(
            "create", timer("create"),
            "open", timer("open"),
            "rotate.master", timer("rotate.master"),
            "rotate.bucket", timer("rotate.bucket"),
            "destroy", timer("destroy"));
  }

  private Metrics.Timer timer(String operation) {
    return metrics.timer(
        "keys.operations", "What was done with keys", Map.of("operation", operation));
  }

  /** Shows how things stand at each scrape. */
  void show(IntSupplier cached, BooleanSupplier available, ToLongFunction<KeyState> count) {
    metrics.gauge("keys.cached", "Bucket keys in the open in memory", Map.of(), cached::getAsInt);
    metrics.gauge(
        "keys.available",
        "1 where the provider of master keys answered last time, 0 where it did not",
        Map.of(),
        () -> available.getAsBoolean() ? 1 : 0);
    for (KeyState state : KeyState.values()) {
      metrics.gauge(
          "keys.buckets",
          "Keys of buckets, by state",
          Map.of("state", state.name().toLowerCase(Locale.ROOT)),
          () -> count.applyAsLong(state));
    }
  }

  <T> T watch(String operation, Supplier<T> work) {
    long begin = System.nanoTime();
    try {
      T result = work.get();
      Metrics.Timer timer = timers.get(operation);
      if (timer != null) {
        timer.record(System.nanoTime() - begin);
      }
      return result;
    } catch (WarehouseException e) {
      metrics
          .counter(
              "keys.failures",
              "What could not be done with keys",
              Map.of("operation", operation, "code", e.code().name()))
          .increment();
      throw e;
    }
  }
}
