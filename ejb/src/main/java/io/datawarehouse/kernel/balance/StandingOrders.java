package io.datawarehouse.kernel.balance;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * All that operators set, as text. Immutable.
 *
 * @param settings the settings of balancing
 * @param strategies the settings of strategies, by the names of strategies and then of settings; no
 *     strategy is there without any
 */
public record StandingOrders(
    Map<BalancingSetting, String> settings, Map<String, Map<String, String>> strategies) {

  /** Nothing is set. */
  public static final StandingOrders NONE = new StandingOrders(Map.of(), Map.of());

  /** Copies. */
  public StandingOrders {
    Map<BalancingSetting, String> sorted = new EnumMap<>(BalancingSetting.class);
    sorted.putAll(settings);
    settings = Collections.unmodifiableMap(sorted);
    strategies =
        strategies.entrySet().stream()
            .filter(one -> !one.getValue().isEmpty())
            .collect(
                Collectors.collectingAndThen(
                    Collectors.toMap(
                        Map.Entry::getKey,
                        one -> Collections.unmodifiableMap(new TreeMap<>(one.getValue())),
                        (one, other) -> other,
                        TreeMap::new),
                    Collections::unmodifiableMap));
  }

  /** Returns what is set of a strategy. */
  Map<String, String> of(String strategy) {
    return strategies.getOrDefault(strategy, Map.of());
  }
}
