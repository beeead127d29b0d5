package io.datawarehouse.sdk.balance;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import java.util.List;
import java.util.Map;

/**
 * One way to choose the node that handles a message. It works in two steps: {@link #prepare} builds
 * what a choice needs, whenever nodes come, go or change their weight; the {@link NodeSelector}
 * that it returns then chooses, for every message. Thread-safe.
 *
 * <p>All installed strategies run; {@code dw.load-balancing.algorithm} and the operator name the
 * one in force, which may change at any time between two messages.
 *
 * <p>A strategy MUST: (1) keep nothing between two calls of {@link #prepare} but what the old
 * selector holds, so that an old and a new one can be in use at the same time; (2) prepare in time
 * proportional to the number of candidates, times a constant number of points of a ring; (3) be
 * deterministic but for a random source that it was given; (4) where it declares {@link #settings},
 * take other values by {@link #with} alone, so that a selector never changes under those who choose
 * with it.
 *
 * @since 0.1
 */
public interface LoadBalancerStrategy {

  /** The capability: all that are installed run, the settings name the one in force. */
  CapabilityKey<LoadBalancerStrategy> CAPABILITY =
      CapabilityKey.of("load-balancing", LoadBalancerStrategy.class, Cardinality.MULTI);

  /** Returns the name by which settings select it, as {@link BalancingAlgorithms} has some. */
  String strategyName();

  /** Returns whether messages with the same key go to the same node while nodes stay the same. */
  boolean followsKeys();

  /**
   * Makes the strategy ready for a table of candidates. Not on the hot path.
   *
   * @param table the candidates; may be empty, then every choice is {@link NodeSelector#NONE}
   * @param config the settings in force
   */
  NodeSelector prepare(CandidateTable table, LoadBalancingConfig config);

  /**
   * Returns a strategy with the same settings whose chance comes from a seed and that shares
   * nothing with this one, so that choices can be tried without touching those of the node: the
   * same seed means the same choices. A strategy that knows no chance and keeps nothing may return
   * itself, as this does.
   *
   * @param seed where chance comes from
   */
  default LoadBalancerStrategy seeded(long seed) {
    return this;
  }

  /**
   * Returns the settings that configuration and operators may replace, always the same; none as
   * this does it. The names are distinct.
   */
  default List<StrategySetting> settings() {
    return List.of();
  }

  /**
   * Returns what the configuration of this node sets of {@link #settings}, by name; what is not
   * there has its default. {@link LoadBalancingPluginBase} reads it from the plugin's
   * configuration.
   */
  default Map<String, Object> configured() {
    return Map.of();
  }

  /**
   * Returns a strategy of the same name that has these values and shares nothing with this one that
   * a choice changes. Called where {@link #settings} are declared, before the strategy is used and
   * whenever a value changes; selectors that were prepared before stay as they are. Not on the hot
   * path.
   *
   * @param values one for each setting, all of them allowed
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code INVALID_ARGUMENT} naming a setting
   *     where values do not go together
   */
  default LoadBalancerStrategy with(StrategyValues values) {
    return this;
  }
}
