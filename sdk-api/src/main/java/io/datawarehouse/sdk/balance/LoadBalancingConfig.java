package io.datawarehouse.sdk.balance;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * All settings of balancing. Immutable. {@link #of} gives the defaults of a tier; every value can
 * be replaced on its own.
 *
 * @param tier the tier that the defaults come from
 * @param mode who decides
 * @param algorithm the name of the strategy, one of {@link BalancingAlgorithms} or a plugin's own
 * @param sharding how keys are spread
 * @param predictive whether a forecast may act before a threshold is reached
 * @param rebalancing when and how much data is moved
 * @param breaker the circuit breakers of peers; empty where there are none
 * @param replication how copies are kept where a bucket does not say
 * @since 0.1
 */
public record LoadBalancingConfig(
    DeploymentTier tier,
    BalancingMode mode,
    String algorithm,
    Sharding sharding,
    boolean predictive,
    Rebalancing rebalancing,
    Optional<CircuitBreakerSettings> breaker,
    Replication replication) {

  /** Below this many requests a minute a small installation is left to its owner. */
  private static final double FEW_REQUESTS_PER_MINUTE = 10;

  private static final int MANY_REQUESTS_PER_SECOND = 1000;

  /**
   * How keys are spread. Immutable.
   *
   * @param scheme by what
   * @param automatic whether the number and place of shards follow the load
   * @param hotShardDetection whether shards with many requests are looked for
   * @param hotShardThreshold how many requests a second make a shard hot, at least 1; empty where
   *     there is no such threshold
   * @since 0.1
   */
  public record Sharding(
      ShardingScheme scheme,
      boolean automatic,
      boolean hotShardDetection,
      OptionalInt hotShardThreshold) {

    /** Checks; the error names the field. */
    public Sharding {
      Objects.requireNonNull(scheme, "scheme");
      if (hotShardThreshold.isPresent() && hotShardThreshold.getAsInt() < 1) {
        throw WarehouseException.invalid(
            "hotShardThreshold", hotShardThreshold.getAsInt(), "must be at least 1");
      }
      if (hotShardDetection && hotShardThreshold.isEmpty()) {
        throw WarehouseException.invalid(
            "hotShardThreshold", null, "hotShardDetection needs a threshold");
      }
    }
  }

  /**
   * When and how much data is moved. Immutable.
   *
   * @param aggressiveness how soon
   * @param minimumInterval how long at least between two rebalances, not negative
   * @param loadWindow over how long load is looked at, more than zero
   * @param mostMovedPercent the most data that one rebalance may move, percent of all, 1 to 100
   * @since 0.1
   */
  public record Rebalancing(
      Aggressiveness aggressiveness,
      Duration minimumInterval,
      Duration loadWindow,
      int mostMovedPercent) {

    /** Checks; the error names the field. */
    public Rebalancing {
      Objects.requireNonNull(aggressiveness, "aggressiveness");
      if (minimumInterval.isNegative()) {
        throw WarehouseException.invalid(
            "minimumInterval", minimumInterval, "must not be negative");
      }
      if (loadWindow.isZero() || loadWindow.isNegative()) {
        throw WarehouseException.invalid("loadWindow", loadWindow, "must be more than zero");
      }
      if (mostMovedPercent < 1 || mostMovedPercent > 100) {
        throw WarehouseException.invalid("mostMovedPercent", mostMovedPercent, "use 1 to 100");
      }
    }
  }

  /**
   * How copies are kept where a bucket does not say. Immutable.
   *
   * @param strategy the name of the replication strategy
   * @param resolver the name of the conflict resolver; empty for the one that holds everywhere
   * @since 0.1
   */
  public record Replication(String strategy, Optional<String> resolver) {

    /** Checks; the error names the field. */
    public Replication {
      requireName("replication", strategy);
      resolver.ifPresent(name -> requireName("resolver", name));
    }

    private static Replication of(String strategy) {
      return new Replication(strategy, Optional.empty());
    }

    private static Replication merging(String strategy) {
      return new Replication(strategy, Optional.of("crdt"));
    }
  }

  /** Checks; the error names the field. */
  public LoadBalancingConfig {
    Objects.requireNonNull(tier, "tier");
    Objects.requireNonNull(mode, "mode");
    requireName("algorithm", algorithm);
    Objects.requireNonNull(sharding, "sharding");
    Objects.requireNonNull(rebalancing, "rebalancing");
    Objects.requireNonNull(breaker, "breaker");
    Objects.requireNonNull(replication, "replication");
  }

  /** Returns the defaults of a tier. */
  public static LoadBalancingConfig of(DeploymentTier tier) {
    return switch (tier) {
      case INDIVIDUAL -> individual();
      case SMB -> smb();
      case ENTERPRISE -> enterprise();
      case HIGH_STAKES -> highStakes();
      case HYPERSCALE -> hyperscale();
    };
  }

  private static LoadBalancingConfig individual() {
    return new LoadBalancingConfig(
        DeploymentTier.INDIVIDUAL,
        BalancingMode.MANUAL,
        BalancingAlgorithms.ROUND_ROBIN,
        new Sharding(ShardingScheme.NONE, false, false, OptionalInt.empty()),
        false,
        new Rebalancing(
            Aggressiveness.CONSERVATIVE, Duration.ofMinutes(10), Duration.ofMinutes(5), 10),
        Optional.empty(),
        Replication.of("none"));
  }

  private static LoadBalancingConfig smb() {
    return new LoadBalancingConfig(
        DeploymentTier.SMB,
        BalancingMode.AUTOMATIC,
        BalancingAlgorithms.LEAST_CONNECTIONS,
        new Sharding(ShardingScheme.HASH, true, false, OptionalInt.of(MANY_REQUESTS_PER_SECOND)),
        false,
        new Rebalancing(
            Aggressiveness.CONSERVATIVE, Duration.ofHours(1), Duration.ofMinutes(5), 10),
        Optional.of(CircuitBreakerSettings.defaults()),
        Replication.of("single-master"));
  }

  private static LoadBalancingConfig enterprise() {
    return new LoadBalancingConfig(
        DeploymentTier.ENTERPRISE,
        BalancingMode.AUTOMATIC,
        BalancingAlgorithms.RESOURCE_AWARE,
        new Sharding(ShardingScheme.HASH, true, true, OptionalInt.of(MANY_REQUESTS_PER_SECOND)),
        false,
        new Rebalancing(Aggressiveness.MODERATE, Duration.ofMinutes(30), Duration.ofMinutes(5), 10),
        Optional.of(CircuitBreakerSettings.defaults()),
        Replication.of("multi-master"));
  }

  private static LoadBalancingConfig highStakes() {
    return new LoadBalancingConfig(
        DeploymentTier.HIGH_STAKES,
        BalancingMode.AUTOMATIC,
        BalancingAlgorithms.ADAPTIVE,
        new Sharding(ShardingScheme.HASH, true, true, OptionalInt.of(MANY_REQUESTS_PER_SECOND / 2)),
        true,
        new Rebalancing(
            Aggressiveness.AGGRESSIVE, Duration.ofMinutes(5), Duration.ofMinutes(5), 10),
        Optional.of(CircuitBreakerSettings.defaults()),
        Replication.merging("multi-master"));
  }

  private static LoadBalancingConfig hyperscale() {
    return new LoadBalancingConfig(
        DeploymentTier.HYPERSCALE,
        BalancingMode.AUTOMATIC,
        BalancingAlgorithms.CONSISTENT_HASHING,
        new Sharding(
            ShardingScheme.COMPOSITE, true, true, OptionalInt.of(MANY_REQUESTS_PER_SECOND)),
        true,
        new Rebalancing(Aggressiveness.PREDICTIVE, Duration.ofMinutes(1), Duration.ofMinutes(1), 5),
        Optional.of(CircuitBreakerSettings.defaults()),
        Replication.merging("multi-region"));
  }

  /**
   * Returns who decides now. {@link BalancingMode#INTELLIGENT} becomes manual with one active node
   * (or none), in the tier {@code individual}, and in the tier {@code smb} under 10 requests a
   * minute; else automatic. The other modes were set by somebody and win.
   *
   * @param activeNodes how many nodes take requests
   * @param requestsPerMinute how many requests the installation gets a minute
   */
  public BalancingMode effectiveMode(int activeNodes, double requestsPerMinute) {
    if (mode != BalancingMode.INTELLIGENT) {
      return mode;
    }
    boolean small =
        activeNodes <= 1
            || tier == DeploymentTier.INDIVIDUAL
            || tier == DeploymentTier.SMB && requestsPerMinute < FEW_REQUESTS_PER_MINUTE;
    return small ? BalancingMode.MANUAL : BalancingMode.AUTOMATIC;
  }

  /** Returns these settings with another mode. */
  public LoadBalancingConfig withMode(BalancingMode newMode) {
    return new LoadBalancingConfig(
        tier, newMode, algorithm, sharding, predictive, rebalancing, breaker, replication);
  }

  /** Returns these settings with another strategy. */
  public LoadBalancingConfig withAlgorithm(String newAlgorithm) {
    return new LoadBalancingConfig(
        tier, mode, newAlgorithm, sharding, predictive, rebalancing, breaker, replication);
  }

  /** Returns these settings with another way to spread keys. */
  public LoadBalancingConfig withSharding(Sharding newSharding) {
    return new LoadBalancingConfig(
        tier, mode, algorithm, newSharding, predictive, rebalancing, breaker, replication);
  }

  /** Returns these settings with or without forecasts. */
  public LoadBalancingConfig withPredictive(boolean newPredictive) {
    return new LoadBalancingConfig(
        tier, mode, algorithm, sharding, newPredictive, rebalancing, breaker, replication);
  }

  /** Returns these settings with other rules for moving data. */
  public LoadBalancingConfig withRebalancing(Rebalancing newRebalancing) {
    return new LoadBalancingConfig(
        tier, mode, algorithm, sharding, predictive, newRebalancing, breaker, replication);
  }

  /** Returns these settings with other circuit breakers, or without any. */
  public LoadBalancingConfig withBreaker(Optional<CircuitBreakerSettings> newBreaker) {
    return new LoadBalancingConfig(
        tier, mode, algorithm, sharding, predictive, rebalancing, newBreaker, replication);
  }

  /** Returns these settings with another way to keep copies. */
  public LoadBalancingConfig withReplication(Replication newReplication) {
    return new LoadBalancingConfig(
        tier, mode, algorithm, sharding, predictive, rebalancing, breaker, newReplication);
  }

  private static void requireName(String field, String name) {
    if (!name.matches("[a-z0-9][a-z0-9-]{0,49}")) {
      throw WarehouseException.invalid(
          field, name, "use 1 to 50 lower-case letters, digits and '-'");
    }
  }
}
