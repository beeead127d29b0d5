package io.datawarehouse.kernel.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.metric.Metrics;
import io.datawarehouse.sdk.plugin.PluginId;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrometheusMetricsTest {

  private static final PluginId PLUGIN = new PluginId("some-plugin");

  private final PrometheusMetrics metrics = new PrometheusMetrics();

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void counterIsExportedUnderThePrefix() {
    Metrics.Counter counter =
        metrics.counter("storage.read.bytes", "Bytes read", Map.of("kind", "blob"));
    counter.add(40);
    counter.increment();
    counter.increment();

    assertThat(metrics.scrape())
        .contains("# HELP dw_storage_read_bytes_total Bytes read\n")
        .contains("# TYPE dw_storage_read_bytes_total counter\n")
        .contains("dw_storage_read_bytes_total{kind=\"blob\"} 42.0\n");
  }

  @Test
  void sameNameAndTagsAreTheSameInstrument() {
    metrics.counter("again", "Help", Map.of("a", "1", "b", "2")).increment();
    metrics.counter("again", "Help", Map.of("b", "2", "a", "1")).increment();

    assertThat(metrics.scrape()).contains("dw_again_total{a=\"1\",b=\"2\"} 2.0\n");
  }

  @Test
  void counterOnlyGrows() {
    Metrics.Counter counter = metrics.counter("grows", "Help", Map.of());

    assertThatThrownBy(() -> counter.add(-1)).hasMessageContaining("only grows");
  }

  @Test
  void timerCountsSeconds() {
    Metrics.Timer timer = metrics.timer("storage.operation.duration", "Time", Map.of("op", "put"));
    timer.record(TimeUnit.MILLISECONDS.toNanos(1_500));
    timer.record(TimeUnit.MILLISECONDS.toNanos(500));

    assertThat(metrics.scrape())
        .contains("dw_storage_operation_duration_seconds_count{op=\"put\"} 2\n")
        .contains("dw_storage_operation_duration_seconds_sum{op=\"put\"} 2.0\n");
  }

  @Test
  void gaugeShowsThePresentValueOfItsLastSupplier() {
    metrics.gauge("waiting", "Help", Map.of(), () -> 1);
    metrics.gauge("waiting", "Help", Map.of(), () -> 2);

    assertThat(metrics.scrape()).contains("dw_waiting 2.0\n");
  }

  @Test
  void gaugeThatFailsHasNoValueAndKeepsNothingFromTheOthers() {
    metrics.gauge(
        "broken",
        "Help",
        Map.of(),
        () -> {
          throw new IllegalStateException("closed");
        });
    metrics.gauge("whole", "Help", Map.of(), () -> 3);

    assertThat(metrics.scrape()).contains("dw_broken NaN\n").contains("dw_whole 3.0\n");
  }

  @Test
  void instrumentsOfAPluginCarryItsIdAndGoWithIt() {
    Metrics ofPlugin = metrics.ofPlugin(PLUGIN);
    Metrics.Counter counter = ofPlugin.counter("plugin.work", "Help", Map.of("kind", "x"));
    ofPlugin.timer("plugin.time", "Help", Map.of()).record(1);
    ofPlugin.gauge("plugin.size", "Help", Map.of("plugin", "someone-else"), () -> 1);
    counter.increment();
    assertThat(metrics.scrape())
        .contains("dw_plugin_work_total{kind=\"x\",plugin=\"some-plugin\"} 1.0\n")
        .contains("dw_plugin_size{plugin=\"some-plugin\"} 1.0\n");

    metrics.forget(PLUGIN);
    counter.increment();

    assertThat(metrics.scrape()).doesNotContain("some-plugin");
  }

  @Test
  void pluginThatStartsAgainCountsAnew() {
    metrics.ofPlugin(PLUGIN).counter("plugin.work", "Help", Map.of()).add(5);
    metrics.forget(PLUGIN);
    metrics.ofPlugin(PLUGIN).counter("plugin.work", "Help", Map.of()).add(2);

    assertThat(metrics.scrape()).contains("dw_plugin_work_total{plugin=\"some-plugin\"} 2.0\n");
  }

  @Test
  void nameInUseWithOtherTagsWorksAndIsNotExported() {
    metrics.counter("taken", "Help", Map.of("a", "1")).add(7);

    Metrics.Counter other = metrics.ofPlugin(PLUGIN).counter("taken", "Help", Map.of());
    other.increment();
    metrics.gauge("taken", "Help", Map.of("a", "1"), () -> 1);
    metrics.timer("taken", "Help", Map.of("a", "1")).record(1);

    assertThat(metrics.scrape())
        .contains("dw_taken_total{a=\"1\"} 7.0\n")
        .doesNotContain("some-plugin", "dw_taken{", "dw_taken_seconds");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Upper", "with space", ".dot", "dot.", "a..b", "a-b", "ключ"})
  void otherNamesAreRefused(String name) {
    assertThatThrownBy(() -> metrics.counter(name, "Help", Map.of()))
        .hasMessageStartingWith("metric is ");
  }

  @Test
  void processIsMeasuredToo() {
    assertThat(metrics.scrape())
        .contains("jvm_memory_used_bytes{", "jvm_threads_live_threads ", "process_uptime_seconds ")
        .contains("system_cpu_count ");
  }
}
