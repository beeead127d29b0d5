package io.datawarehouse.sdk.cluster;

import io.datawarehouse.sdk.error.WarehouseException;

/**
 * How busy a node was at one moment, as it said itself. Immutable.
 *
 * @param cpuPercent the machine's processors, 0 to 100
 * @param memoryPercent the machine's memory in use, 0 to 100
 * @param diskPercent the data directory's file system in use, 0 to 100
 * @param activeRequests requests that are being served, 0 or more
 * @param latencyMillis the mean time of a request over the last minute, milliseconds, 0 or more
 * @param requestsPerSecond requests a second over the last minute, 0 or more
 * @since 0.1
 */
public record NodeLoad(
    double cpuPercent,
    double memoryPercent,
    double diskPercent,
    long activeRequests,
    double latencyMillis,
    double requestsPerSecond) {

  /** Checks every number; the error names the field. */
  public NodeLoad {
    requirePercent("cpuPercent", cpuPercent);
    requirePercent("memoryPercent", memoryPercent);
    requirePercent("diskPercent", diskPercent);
    requireNotNegative("activeRequests", (double) activeRequests);
    requireNotNegative("latencyMillis", latencyMillis);
    requireNotNegative("requestsPerSecond", requestsPerSecond);
  }

  /** Returns the load of a node that does nothing. */
  public static NodeLoad idle() {
    return new NodeLoad(0, 0, 0, 0, 0, 0);
  }

  private static void requirePercent(String field, double value) {
    if (!(value >= 0 && value <= 100)) {
      throw WarehouseException.invalid(field, value, "use 0 to 100");
    }
  }

  private static void requireNotNegative(String field, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw WarehouseException.invalid(field, value, "must not be negative");
    }
  }
}
