package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.kernel.PluginConfig;
import io.datawarehouse.sdk.plugin.Plugin;
import java.util.function.LongFunction;

/**
 * The strategy {@link ConsistentHashing}; {@code points} says how many points a node of weight 1
 * has, {@code bound-percent} how much of its share a node may have, 0 for any.
 */
@Plugin
public class ConsistentHashingPlugin extends PureStrategyPlugin {

  private static final long MOST_POINTS = 4_096;
  private static final long MOST_PERCENT = 100_000;
  private static final long ALL = 100;

  /** Makes the plugin; the settings are read when it is started. */
  public ConsistentHashingPlugin() {
    super("Consistent hashing", make(ConsistentHashing.USUAL_POINTS, ConsistentHashing.NO_BOUND));
  }

  @Override
  protected void onStart() {
    PluginConfig config = context().config();
    become(make(points(config), bound(config)));
  }

  static int points(PluginConfig config) {
    return (int) config.number("points", ConsistentHashing.USUAL_POINTS, 1, MOST_POINTS);
  }

  static double bound(PluginConfig config) {
    long percent = config.number("bound-percent", 0, 0, MOST_PERCENT);
    return percent == 0
        ? ConsistentHashing.NO_BOUND
        : (double) config.number("bound-percent", 0, ALL + 1, MOST_PERCENT) / ALL;
  }

  private static LongFunction<LoadBalancerStrategy> make(int points, double bound) {
    return seed -> new ConsistentHashing(seed, points, bound);
  }
}
