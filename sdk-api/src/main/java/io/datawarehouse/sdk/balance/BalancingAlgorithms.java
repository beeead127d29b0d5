package io.datawarehouse.sdk.balance;

import java.util.List;

/**
 * The names of the strategies that belong to the product. An installation may have others.
 *
 * @since 0.1
 */
public final class BalancingAlgorithms {

  /** One after the other. */
  public static final String ROUND_ROBIN = "round-robin";

  /** The one with the fewest requests under way. */
  public static final String LEAST_CONNECTIONS = "least-connections";

  /** One after the other, as often as its weight says. */
  public static final String WEIGHTED_ROUND_ROBIN = "weighted-round-robin";

  /** The one that answered fastest lately. */
  public static final String LATENCY_BASED = "latency-based";

  /** The one that follows the key on a ring. */
  public static final String CONSISTENT_HASHING = "consistent-hashing";

  /** The better of two drawn at random. */
  public static final String RANDOM = "random";

  /** The one with the most room, by {@link ResourceScore}. */
  public static final String RESOURCE_AWARE = "resource-aware";

  /** Whatever of the others fits the moment. */
  public static final String ADAPTIVE = "adaptive";

  private static final List<String> ALL =
      List.of(
          ROUND_ROBIN,
          LEAST_CONNECTIONS,
          WEIGHTED_ROUND_ROBIN,
          LATENCY_BASED,
          CONSISTENT_HASHING,
          RANDOM,
          RESOURCE_AWARE,
          ADAPTIVE);

  private BalancingAlgorithms() {}

  /** Returns all of them. */
  public static List<String> all() {
    return ALL;
  }
}
