package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.sdk.metric.Metrics;
import java.util.Map;

/** Counts what moves. Thread-safe. */
final class MovesMetrics {

  private final Metrics.Counter blobs;
  private final Metrics.Counter bytes;
  private final Metrics.Counter dropped;
  private final Metrics.Timer gated;

  MovesMetrics(Metrics metrics) {
    blobs = metrics.counter("rebalance.moved.blobs", "Versions sent to other nodes", Map.of());
    bytes = metrics.counter("rebalance.moved.bytes", "Bytes of content sent so", Map.of());
    dropped = metrics.counter("rebalance.dropped.blobs", "Copies dropped after a move", Map.of());
    gated =
        metrics.timer("rebalance.gated", "Time for which changes of moving keys waited", Map.of());
  }

  void moved(long size) {
    blobs.increment();
    bytes.add((double) size);
  }

  void dropped() {
    dropped.increment();
  }

  void gated(long nanos) {
    gated.record(nanos);
  }
}
