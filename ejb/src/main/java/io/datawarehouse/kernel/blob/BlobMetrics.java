package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.placement.Refusals;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.metric.Metrics;
import java.util.Map;

/** Counts what the blob service does. Thread-safe. */
final class BlobMetrics {

  private final Metrics metrics;
  private final Metrics.Counter blobsWritten;
  private final Metrics.Counter blobsRead;
  private final Metrics.Counter blobsDeleted;
  private final Metrics.Counter bytesWritten;
  private final Metrics.Counter bytesRead;

  BlobMetrics(Metrics metrics) {
    this.metrics = metrics;
    blobsWritten = metrics.counter("storage.blobs.written", "Blobs made durable", Map.of());
    blobsRead = metrics.counter("storage.blobs.read", "Blobs whose content was given", Map.of());
    blobsDeleted = metrics.counter("storage.blobs.deleted", "Blobs deleted", Map.of());
    bytesWritten =
        metrics.counter("storage.written.bytes", "Bytes of content made durable", Map.of());
    bytesRead = metrics.counter("storage.read.bytes", "Bytes of content given", Map.of());
  }

  void written(long bytes) {
    blobsWritten.increment();
    bytesWritten.add((double) bytes);
  }

  void readBegun() {
    blobsRead.increment();
  }

  void read(long bytes) {
    bytesRead.add((double) bytes);
  }

  void deleted() {
    blobsDeleted.increment();
  }

  /** Returns the function with its time and its failures recorded. */
  MessageHandler.Synchronous watch(String operation, MessageHandler.Synchronous function) {
    Metrics.Timer timer =
        metrics.timer(
            "storage.operation.duration",
            "Time from the request to its reply; a read's content follows later",
            Map.of("operation", operation));
    return message -> {
      long begin = System.nanoTime();
      try {
        return function.handle(message);
      } catch (Exception e) {
        if (e instanceof WarehouseException w && Refusals.remedyOf(w).isPresent()) {
          // It is not over yet.
          throw e;
        }
        failed(
            operation,
            e instanceof WarehouseException w ? w.code() : StandardErrorCode.HANDLER_FAILED);
        throw e;
      } finally {
        timer.record(System.nanoTime() - begin);
      }
    };
  }

  /** Counts a failure; also one that shows only while content is read. */
  void failed(String operation, ErrorCode code) {
    metrics
        .counter(
            "storage.failures",
            "Storage requests that failed, by code",
            Map.of("operation", operation, "code", code.name()))
        .increment();
  }
}
