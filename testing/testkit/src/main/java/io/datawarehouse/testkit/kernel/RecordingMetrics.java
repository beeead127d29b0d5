package io.datawarehouse.testkit.kernel;

import io.datawarehouse.sdk.metric.Metrics;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/** Instruments whose values a test can read by name. Thread-safe. */
public final class RecordingMetrics implements Metrics {

  private final Map<String, DoubleAdder> counters = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> timers = new ConcurrentHashMap<>();
  private final Map<String, DoubleSupplier> gauges = new ConcurrentHashMap<>();

  @Override
  public Counter counter(String name, String help, Map<String, String> tags) {
    return counters.computeIfAbsent(id(name, tags), id -> new DoubleAdder())::add;
  }

  @Override
  public Timer timer(String name, String help, Map<String, String> tags) {
    LongAdder count = timers.computeIfAbsent(id(name, tags), id -> new LongAdder());
    return nanos -> count.increment();
  }

  @Override
  public void gauge(String name, String help, Map<String, String> tags, DoubleSupplier value) {
    gauges.put(id(name, tags), value);
  }

  /** Returns what was counted under a name without tags; zero if nothing was. */
  public double count(String name) {
    return count(name, Map.of());
  }

  /** Returns what was counted; zero if nothing was. */
  public double count(String name, Map<String, String> tags) {
    DoubleAdder counter = counters.get(id(name, tags));
    return counter == null ? 0 : counter.sum();
  }

  /** Returns how many durations were recorded under a name without tags. */
  public long timings(String name) {
    LongAdder timer = timers.get(id(name, Map.of()));
    return timer == null ? 0 : timer.sum();
  }

  /** Returns what a gauge without tags shows now; not-a-number if there is none. */
  public double gauge(String name) {
    DoubleSupplier gauge = gauges.get(id(name, Map.of()));
    return gauge == null ? Double.NaN : gauge.getAsDouble();
  }

  private static String id(String name, Map<String, String> tags) {
    return name + new TreeMap<>(tags);
  }
}
