package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.plugin.Plugin;
import java.util.List;

/**
 * The strategy {@link Adaptive}; {@code points}, {@code boundPercent} and {@code connections} are
 * those of {@link ConsistentHashingPlugin} and {@link ResourceAwarePlugin}, for where it means
 * them.
 */
@Plugin
public class AdaptivePlugin extends PureStrategyPlugin {

  /** Makes the plugin. */
  public AdaptivePlugin() {
    super(
        "Adaptive",
        List.of(
            ConsistentHashingPlugin.POINTS,
            ConsistentHashingPlugin.BOUND,
            ResourceAwarePlugin.CONNECTIONS),
        (seed, values) ->
            new Adaptive(
                seed,
                ConsistentHashingPlugin.points(values),
                ConsistentHashingPlugin.bound(values),
                ResourceAwarePlugin.connections(values)));
  }
}
