package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.metric.Metrics;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/** Metrics that a test can read. */
final class CountingMetrics implements Metrics {

  private final Map<String, LongAdder> values = new ConcurrentHashMap<>();

  /** Returns what was counted under the name with the tags. */
  long count(String name, Map<String, String> tags) {
    return values.getOrDefault(id(name, tags), new LongAdder()).sum();
  }

  long count(String name) {
    return count(name, Map.of());
  }

  @Override
  public Counter counter(String name, String help, Map<String, String> tags) {
    LongAdder value = values.computeIfAbsent(id(name, tags), id -> new LongAdder());
    return amount -> value.add((long) amount);
  }

  @Override
  public Timer timer(String name, String help, Map<String, String> tags) {
    LongAdder value = values.computeIfAbsent(id(name, tags), id -> new LongAdder());
    return nanos -> value.add(1);
  }

  @Override
  public void gauge(String name, String help, Map<String, String> tags, DoubleSupplier value) {
    values.computeIfAbsent(id(name, tags), id -> new LongAdder());
  }

  private static String id(String name, Map<String, String> tags) {
    return name + new TreeMap<>(tags);
  }
}
