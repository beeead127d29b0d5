package io.datawarehouse.sdk.balance;

/**
 * What "room" is for the resource-aware strategy: 0.4 processors + 0.3 memory + 0.2 disk + 0.1
 * connections, each from 0 (free) to 1 (full); the lowest score wins. Stateless; allocates nothing.
 *
 * @since 0.1
 */
public final class ResourceScore {

  /** What the processors count. */
  public static final double CPU = 0.4;

  /** What memory counts. */
  public static final double MEMORY = 0.3;

  /** What the disk counts. */
  public static final double DISK = 0.2;

  /** What connections count. */
  public static final double CONNECTIONS = 0.1;

  /** What a signal counts as that is not known or not fresh: neither good nor bad. */
  public static final double NEUTRAL = 0.5;

  private ResourceScore() {}

  /**
   * Returns the score of a node from 0 (free) to 1 (full).
   *
   * @param cpuPercent 0 to 100, or NaN where it is not known; so {@code memoryPercent} and {@code
   *     diskPercent}
   * @param connections the share of the most connections that a node is meant to have, 0 to 1, or
   *     NaN where it is not known
   */
  public static double of(
      double cpuPercent, double memoryPercent, double diskPercent, double connections) {
    return CPU * share(cpuPercent / 100)
        + MEMORY * share(memoryPercent / 100)
        + DISK * share(diskPercent / 100)
        + CONNECTIONS * share(connections);
  }

  private static double share(double value) {
    return Double.isNaN(value) ? NEUTRAL : Math.min(1, Math.max(0, value));
  }
}
