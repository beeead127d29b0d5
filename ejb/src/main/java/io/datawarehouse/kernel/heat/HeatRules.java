package io.datawarehouse.kernel.heat;

import io.datawarehouse.sdk.balance.Aggressiveness;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * By which rules segments are judged at this moment. Immutable.
 *
 * @param detection whether they are judged at all
 * @param threshold how many requests a second make one hot; empty where there is no such number
 * @param predictive whether forecasts count
 * @param aggressiveness how soon something is done, and with how many nodes
 * @param loadWindow over how long load is looked at
 * @param interval in which time the budget of copies is used up
 * @param mostMovedPercent the budget, in percent of what the owner holds
 * @param actsByItself whether something is done
 */
public record HeatRules(
    boolean detection,
    OptionalInt threshold,
    boolean predictive,
    Aggressiveness aggressiveness,
    Duration loadWindow,
    Duration interval,
    int mostMovedPercent,
    boolean actsByItself) {

  /** Under which share of the threshold a hot segment cools. */
  static final double COOL = 0.5;

  private static final int FIGURES_A_WINDOW = 30;
  private static final Duration SHORTEST_STEP = Duration.ofSeconds(1);

  /** Takes the rules from the settings of balancing. */
  public static HeatRules of(LoadBalancingConfig config, boolean actsByItself) {
    return new HeatRules(
        config.sharding().hotShardDetection(),
        config.sharding().hotShardThreshold(),
        config.predictive(),
        config.rebalancing().aggressiveness(),
        config.rebalancing().loadWindow(),
        config.rebalancing().minimumInterval(),
        config.rebalancing().mostMovedPercent(),
        actsByItself);
  }

  /** Returns whether segments are judged. */
  public boolean judged() {
    return detection && threshold.isPresent();
  }

  /** Returns for how long a segment must be over the threshold. */
  Duration toHeat() {
    return switch (aggressiveness) {
      case CONSERVATIVE -> loadWindow.multipliedBy(2);
      case MODERATE -> loadWindow;
      case AGGRESSIVE, PREDICTIVE -> loadWindow.dividedBy(10);
    };
  }

  /** Returns for how long a hot segment must be cool. */
  Duration toCool() {
    return loadWindow;
  }

  /** Returns the time between two figures of a forecast. */
  Duration step() {
    Duration part = loadWindow.dividedBy(FIGURES_A_WINDOW);
    return part.compareTo(SHORTEST_STEP) < 0 ? SHORTEST_STEP : part;
  }

  /** Returns how far forecasts look ahead. */
  Duration ahead() {
    return step().multipliedBy(LoadForecast.AHEAD);
  }

  /** Returns how many nodes get copies of a hot segment at most. */
  int mostHolders() {
    return switch (aggressiveness) {
      case CONSERVATIVE -> 1;
      case MODERATE -> 2;
      case AGGRESSIVE -> 4;
      case PREDICTIVE -> 8;
    };
  }
}
