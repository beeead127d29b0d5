package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.kernel.PluginConfig;
import io.datawarehouse.sdk.plugin.Plugin;
import java.util.function.LongFunction;

/**
 * The strategy {@link ResourceAware}; {@code connections} says how many requests of one sender a
 * node is meant to have under way at most.
 */
@Plugin
public class ResourceAwarePlugin extends PureStrategyPlugin {

  private static final long MOST_CONNECTIONS = 1_000_000;

  /** Makes the plugin; the setting is read when it is started. */
  public ResourceAwarePlugin() {
    super("Resource aware", make(ResourceAware.USUAL_CONNECTIONS));
  }

  @Override
  protected void onStart() {
    become(make(connections(context().config())));
  }

  static int connections(PluginConfig config) {
    return (int) config.number("connections", ResourceAware.USUAL_CONNECTIONS, 1, MOST_CONNECTIONS);
  }

  private static LongFunction<LoadBalancerStrategy> make(int connections) {
    return seed -> new ResourceAware(seed, connections);
  }
}
