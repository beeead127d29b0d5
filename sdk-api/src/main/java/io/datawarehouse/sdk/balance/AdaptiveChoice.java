package io.datawarehouse.sdk.balance;

/**
 * Which strategy {@link BalancingAlgorithms#ADAPTIVE} means at one moment. The first that holds
 * wins: one node has over twice the mean load; the latencies of the nodes are more than 100 ms
 * apart; what the tier prefers. Stateless; allocates nothing.
 *
 * @since 0.1
 */
public enum AdaptiveChoice {
  /** One node stands out by its load. */
  UNEVEN_LOAD(
      BalancingAlgorithms.LEAST_CONNECTIONS, "the highest load is over twice the mean of all"),
  /** The nodes answer at very different speeds. */
  UNEVEN_LATENCY(BalancingAlgorithms.LATENCY_BASED, "latencies are more than 100 ms apart"),
  /** All is even, and there are very many nodes. */
  HYPERSCALE(
      BalancingAlgorithms.CONSISTENT_HASHING, "load and latency are even, the tier is hyperscale"),
  /** All is even, and nodes must not fail. */
  HIGH_STAKES(
      BalancingAlgorithms.RESOURCE_AWARE, "load and latency are even, the tier is high-stakes"),
  /** All is even. */
  EVEN(BalancingAlgorithms.WEIGHTED_ROUND_ROBIN, "load and latency are even");

  /** How many times the mean a load must be to stand out. */
  public static final double UNEVEN = 2;

  /** How far apart latencies must be to matter, in nanoseconds. */
  public static final long SPREAD_NANOS = 100_000_000;

  private final String algorithm;
  private final String because;

  AdaptiveChoice(String algorithm, String because) {
    this.algorithm = algorithm;
    this.because = because;
  }

  /** Returns the name of the strategy. */
  public String algorithm() {
    return algorithm;
  }

  /** Returns why, in words. */
  public String because() {
    return because;
  }

  /** Returns whether this was found in what the nodes do, not in the tier. */
  public boolean found() {
    return this == UNEVEN_LOAD || this == UNEVEN_LATENCY;
  }

  /**
   * Returns the choice.
   *
   * @param tier the tier in force
   * @param highestLoad the load of the node with the most, in any unit
   * @param meanLoad the mean load of the nodes, in the same unit
   * @param latencySpreadNanos the longest latency less the shortest; 0 where none is known
   */
  public static AdaptiveChoice of(
      DeploymentTier tier, double highestLoad, double meanLoad, long latencySpreadNanos) {
    if (highestLoad > UNEVEN * meanLoad) {
      return UNEVEN_LOAD;
    }
    return latencySpreadNanos > SPREAD_NANOS ? UNEVEN_LATENCY : preferredBy(tier);
  }

  /** Returns the choice of a tier where all is even. */
  public static AdaptiveChoice preferredBy(DeploymentTier tier) {
    return switch (tier) {
      case HYPERSCALE -> HYPERSCALE;
      case HIGH_STAKES -> HIGH_STAKES;
      case INDIVIDUAL, SMB, ENTERPRISE -> EVEN;
    };
  }
}
