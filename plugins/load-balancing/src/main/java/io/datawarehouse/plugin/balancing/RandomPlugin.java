package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.plugin.Plugin;
import java.util.function.LongFunction;

/** The strategy {@link RandomChoice}; {@code choices} says how many are drawn. */
@Plugin
public class RandomPlugin extends PureStrategyPlugin {

  /** Makes the plugin; the setting is read when it is started. */
  public RandomPlugin() {
    super("Random", make(RandomChoice.USUAL_CHOICES));
  }

  @Override
  protected void onStart() {
    become(
        make(
            (int)
                context()
                    .config()
                    .number("choices", RandomChoice.USUAL_CHOICES, 1, RandomChoice.USUAL_CHOICES)));
  }

  private static LongFunction<LoadBalancerStrategy> make(int choices) {
    return seed -> new RandomChoice(seed, choices);
  }
}
