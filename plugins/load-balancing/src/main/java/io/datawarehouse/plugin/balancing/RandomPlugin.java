package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.StrategySetting;
import io.datawarehouse.sdk.balance.StrategySetting.WholeNumber;
import io.datawarehouse.sdk.plugin.Plugin;
import java.util.List;

/** The strategy {@link RandomChoice}; {@code choices} says how many are drawn. */
@Plugin
public class RandomPlugin extends PureStrategyPlugin {

  private static final StrategySetting CHOICES =
      new WholeNumber("choices", RandomChoice.USUAL_CHOICES, 1, RandomChoice.USUAL_CHOICES);

  /** Makes the plugin. */
  public RandomPlugin() {
    super(
        "Random",
        List.of(CHOICES),
        (seed, values) -> new RandomChoice(seed, (int) values.number(CHOICES.name())));
  }
}
