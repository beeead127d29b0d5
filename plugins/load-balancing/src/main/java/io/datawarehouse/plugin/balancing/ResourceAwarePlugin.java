package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.StrategySetting;
import io.datawarehouse.sdk.balance.StrategySetting.WholeNumber;
import io.datawarehouse.sdk.balance.StrategyValues;
import io.datawarehouse.sdk.plugin.Plugin;
import java.util.List;

/**
 * The strategy {@link ResourceAware}; {@code connections} says how many requests of one sender a
 * node is meant to have under way at most.
 */
@Plugin
public class ResourceAwarePlugin extends PureStrategyPlugin {

  private static final long MOST_CONNECTIONS = 1_000_000;

  static final StrategySetting CONNECTIONS =
      new WholeNumber("connections", ResourceAware.USUAL_CONNECTIONS, 1, MOST_CONNECTIONS);

  /** Makes the plugin. */
  public ResourceAwarePlugin() {
    super(
        "Resource aware",
        List.of(CONNECTIONS),
        (seed, values) -> new ResourceAware(seed, connections(values)));
  }

  static int connections(StrategyValues values) {
    return (int) values.number(CONNECTIONS.name());
  }
}
