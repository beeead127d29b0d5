package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.kernel.PluginConfig;
import io.datawarehouse.sdk.plugin.Plugin;
import java.util.function.LongFunction;

/**
 * The strategy {@link Adaptive}; {@code points}, {@code bound-percent} and {@code connections} are
 * those of {@link ConsistentHashingPlugin} and {@link ResourceAwarePlugin}, for where it means
 * them.
 */
@Plugin
public class AdaptivePlugin extends PureStrategyPlugin {

  /** Makes the plugin; the settings are read when it is started. */
  public AdaptivePlugin() {
    super("Adaptive", Adaptive::new);
  }

  @Override
  protected void onStart() {
    PluginConfig config = context().config();
    become(
        make(
            ConsistentHashingPlugin.points(config),
            ConsistentHashingPlugin.bound(config),
            ResourceAwarePlugin.connections(config)));
  }

  private static LongFunction<LoadBalancerStrategy> make(int points, double bound, int most) {
    return seed -> new Adaptive(seed, points, bound, most);
  }
}
