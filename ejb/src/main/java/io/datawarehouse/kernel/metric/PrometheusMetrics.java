package io.datawarehouse.kernel.metric;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.metric.Metrics;
import io.datawarehouse.sdk.plugin.PluginId;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The instruments of one node, in the Prometheus text format: the counter {@code
 * storage.read.bytes} becomes {@code dw_storage_read_bytes_total}. Thread-safe.
 *
 * <p>Prometheus wants one kind and one set of tag names for each name. An instrument that breaks
 * this works and is not exported: a metric is never a reason to fail, so that is only logged.
 */
public final class PrometheusMetrics implements Metrics, AutoCloseable {

  private static final System.Logger LOG = System.getLogger(PrometheusMetrics.class.getName());
  private static final String PREFIX = "dw.";
  private static final String PLUGIN_TAG = "plugin";
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*([._][a-z0-9]+)*");

  private enum Kind {
    COUNTER,
    TIMER,
    GAUGE
  }

  private record Series(Kind kind, String name, Map<String, String> tags) {}

  /** What all series of one name have in common. */
  private record Family(Kind kind, Set<String> tagNames) {}

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
  private final Map<String, Family> families = new ConcurrentHashMap<>();
  private final Map<Series, Counter> counters = new ConcurrentHashMap<>();
  private final Map<Series, Timer> timers = new ConcurrentHashMap<>();
  private final Map<Series, DoubleSupplier> gauges = new ConcurrentHashMap<>();

  /** Makes instruments for a node, with those of the Java process. */
  public PrometheusMetrics() {
    List<MeterBinder> process =
        List.of(
            new JvmMemoryMetrics(),
            garbageCollection,
            new JvmThreadMetrics(),
            new ClassLoaderMetrics(),
            new ProcessorMetrics(),
            new FileDescriptorMetrics(),
            new UptimeMetrics());
    process.forEach(binder -> binder.bindTo(registry));
  }

  @Override
  public Counter counter(String name, String help, Map<String, String> tags) {
    return counters.computeIfAbsent(
        series(Kind.COUNTER, name, tags),
        series -> {
          DoubleAdder count = new DoubleAdder();
          if (fits(series)) {
            FunctionCounter.builder(PREFIX + name, count, DoubleAdder::sum)
                .description(help)
                .tags(tagsOf(series))
                .register(registry);
          }
          return amount -> {
            if (amount < 0) {
              throw WarehouseException.invalid("amount", amount, "a counter only grows");
            }
            count.add(amount);
          };
        });
  }

  @Override
  public Timer timer(String name, String help, Map<String, String> tags) {
    return timers.computeIfAbsent(
        series(Kind.TIMER, name, tags),
        series -> {
          if (!fits(series)) {
            return nanos -> {};
          }
          io.micrometer.core.instrument.Timer timer =
              io.micrometer.core.instrument.Timer.builder(PREFIX + name)
                  .description(help)
                  .tags(tagsOf(series))
                  .register(registry);
          return nanos -> timer.record(nanos, TimeUnit.NANOSECONDS);
        });
  }

  @Override
  public void gauge(String name, String help, Map<String, String> tags, DoubleSupplier value) {
    Series series = series(Kind.GAUGE, name, tags);
    if (gauges.put(series, value) == null && fits(series)) {
      Supplier<Number> current = () -> read(series);
      Gauge.builder(PREFIX + name, current)
          .description(help)
          .tags(tagsOf(series))
          .register(registry);
    }
  }

  /** Returns the maker of a plugin's instruments: each carries the plugin's id. */
  public Metrics ofPlugin(PluginId plugin) {
    return new PluginMetrics(plugin);
  }

  /** Removes a plugin's instruments; those that it still holds work and are not exported. */
  public void forget(PluginId plugin) {
    String id = plugin.value();
    for (Meter meter : registry.getMeters()) {
      if (meter.getId().getName().startsWith(PREFIX)
          && id.equals(meter.getId().getTag(PLUGIN_TAG))) {
        registry.remove(meter);
      }
    }
    for (Map<Series, ?> known : List.of(counters, timers, gauges)) {
      known.keySet().removeIf(series -> id.equals(series.tags.get(PLUGIN_TAG)));
    }
  }

  /** Returns all instruments in the Prometheus text format. */
  public String scrape() {
    return registry.scrape();
  }

  /** Ends what watches the Java process. */
  @Override
  public void close() {
    garbageCollection.close();
    registry.close();
  }

  private double read(Series series) {
    DoubleSupplier value = gauges.get(series);
    try {
      return value == null ? Double.NaN : value.getAsDouble();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, () -> "gauge " + series.name + " has no value", e);
      return Double.NaN;
    }
  }

  private static Series series(Kind kind, String name, Map<String, String> tags) {
    if (!NAME.matcher(name).matches()) {
      throw WarehouseException.invalid(
          "metric", name, "use lower-case letters and digits in parts joined by '.' or '_'");
    }
    return new Series(kind, name, Map.copyOf(tags));
  }

  private boolean fits(Series series) {
    Family family = new Family(series.kind, new TreeSet<>(series.tags.keySet()));
    Family known = families.putIfAbsent(series.name, family);
    if (known == null || known.equals(family)) {
      return true;
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "metric {0} is not exported as {1}: it is {2} already",
        series.name,
        family,
        known);
    return false;
  }

  private static List<Tag> tagsOf(Series series) {
    return series.tags.entrySet().stream()
        .map(entry -> Tag.of(entry.getKey(), entry.getValue()))
        .toList();
  }

  /** The instruments of one plugin. */
  private final class PluginMetrics implements Metrics {

    private final PluginId plugin;

    PluginMetrics(PluginId plugin) {
      this.plugin = plugin;
    }

    @Override
    public Counter counter(String name, String help, Map<String, String> tags) {
      return PrometheusMetrics.this.counter(name, help, tagged(tags));
    }

    @Override
    public Timer timer(String name, String help, Map<String, String> tags) {
      return PrometheusMetrics.this.timer(name, help, tagged(tags));
    }

    @Override
    public void gauge(String name, String help, Map<String, String> tags, DoubleSupplier value) {
      PrometheusMetrics.this.gauge(name, help, tagged(tags), value);
    }

    private Map<String, String> tagged(Map<String, String> tags) {
      Map<String, String> all = new TreeMap<>(tags);
      all.put(PLUGIN_TAG, plugin.value());
      return all;
    }
  }
}
