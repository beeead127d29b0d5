package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.StrategySetting;
import io.datawarehouse.sdk.balance.StrategySetting.WholeNumber;
import io.datawarehouse.sdk.balance.StrategyValues;
import io.datawarehouse.sdk.plugin.Plugin;
import java.util.List;
import java.util.OptionalLong;

/**
 * The strategy {@link ConsistentHashing}; {@code points} says how many points a node of weight 1
 * has, {@code boundPercent} how much of its share a node may have, 0 for any.
 */
@Plugin
public class ConsistentHashingPlugin extends PureStrategyPlugin {

  private static final long MOST_POINTS = 4_096;
  private static final long MOST_PERCENT = 100_000;
  private static final long ALL = 100;

  static final StrategySetting POINTS =
      new WholeNumber("points", ConsistentHashing.USUAL_POINTS, 1, MOST_POINTS);

  static final StrategySetting BOUND =
      new WholeNumber("boundPercent", 0, ALL + 1, MOST_PERCENT, OptionalLong.of(0));

  /** Makes the plugin. */
  public ConsistentHashingPlugin() {
    super(
        "Consistent hashing",
        List.of(POINTS, BOUND),
        (seed, values) -> new ConsistentHashing(seed, points(values), bound(values)));
  }

  static int points(StrategyValues values) {
    return (int) values.number(POINTS.name());
  }

  static double bound(StrategyValues values) {
    long percent = values.number(BOUND.name());
    return percent == 0 ? ConsistentHashing.NO_BOUND : (double) percent / ALL;
  }
}
