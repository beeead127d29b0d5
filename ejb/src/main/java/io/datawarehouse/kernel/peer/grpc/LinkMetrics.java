package io.datawarehouse.kernel.peer.grpc;

import io.datawarehouse.sdk.metric.Metrics;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** What is counted of links. Thread-safe. */
final class LinkMetrics {

  private final Metrics metrics;
  private final Metrics.Counter sentFrames;
  private final Metrics.Counter sentBatches;
  private final Metrics.Counter sentBytes;
  private final Metrics.Counter receivedFrames;
  private final Metrics.Counter receivedBytes;
  private final Metrics.Counter contentBytes;
  private final Metrics.Counter ups;
  private final Metrics.Counter downs;

  LinkMetrics(Metrics metrics) {
    this.metrics = metrics;
    sentFrames = metrics.counter("peer.sent.frames", "Frames sent to other nodes", Map.of());
    sentBatches = metrics.counter("peer.sent.batches", "Batches of frames sent", Map.of());
    sentBytes = metrics.counter("peer.sent.bytes", "Bytes of batches sent", Map.of());
    receivedFrames = metrics.counter("peer.received.frames", "Frames received", Map.of());
    receivedBytes = metrics.counter("peer.received.bytes", "Bytes of batches received", Map.of());
    contentBytes = metrics.counter("peer.content.bytes", "Bytes of contents sent", Map.of());
    ups = metrics.counter("peer.links.up", "Links with other nodes that came up", Map.of());
    downs = metrics.counter("peer.links.down", "Links with other nodes that went down", Map.of());
  }

  void watch(DoubleSupplier links, DoubleSupplier waiting) {
    metrics.gauge("peer.links", "Links with other nodes", Map.of(), links);
    metrics.gauge("peer.waiting.frames", "Frames that wait to be sent", Map.of(), waiting);
  }

  void sent(int frames, int bytes) {
    sentFrames.add(frames);
    sentBatches.increment();
    sentBytes.add(bytes);
  }

  void received(int frames, int bytes) {
    receivedFrames.add(frames);
    receivedBytes.add(bytes);
  }

  void content(int bytes) {
    contentBytes.add(bytes);
  }

  void up() {
    ups.increment();
  }

  void down() {
    downs.increment();
  }

  void refused(String reason) {
    metrics
        .counter("peer.refused", "Links that were refused, by reason", Map.of("reason", reason))
        .increment();
  }
}
