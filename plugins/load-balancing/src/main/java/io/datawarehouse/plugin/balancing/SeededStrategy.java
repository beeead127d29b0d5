package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.StrategySetting;
import io.datawarehouse.sdk.balance.StrategyValues;
import java.security.SecureRandom;
import java.util.List;

/**
 * A pure strategy with certain values, and how to make others like it. Its own chance comes from
 * where nobody knows. Immutable.
 */
final class SeededStrategy implements LoadBalancerStrategy {

  /** How a pure strategy is made. */
  @FunctionalInterface
  interface Recipe {
    /** Makes one; allowed values are never refused. */
    LoadBalancerStrategy make(long seed, StrategyValues values);
  }

  private final Recipe recipe;
  private final List<StrategySetting> settings;
  private final StrategyValues values;
  private final LoadBalancerStrategy strategy;

  SeededStrategy(Recipe recipe, List<StrategySetting> settings, StrategyValues values) {
    this.recipe = recipe;
    this.settings = List.copyOf(settings);
    this.values = values;
    this.strategy = recipe.make(new SecureRandom().nextLong(), values);
  }

  @Override
  public String strategyName() {
    return strategy.strategyName();
  }

  @Override
  public boolean followsKeys() {
    return strategy.followsKeys();
  }

  @Override
  public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
    return strategy.prepare(table, config);
  }

  @Override
  public LoadBalancerStrategy seeded(long seed) {
    return recipe.make(seed, values);
  }

  @Override
  public List<StrategySetting> settings() {
    return settings;
  }

  @Override
  public SeededStrategy with(StrategyValues other) {
    return new SeededStrategy(recipe, settings, other);
  }
}
