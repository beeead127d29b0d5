package io.datawarehouse.kernel.balance;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What an operator asks for; the rest stays as it is. Immutable.
 *
 * @param settings the settings of balancing; empty takes back what was set before
 * @param strategies the settings of strategies
 */
record OrderChange(Map<BalancingSetting, Optional<String>> settings, OfStrategies strategies) {

  /**
   * What is asked of settings of strategies. Immutable.
   *
   * @param anew whether all that was set before is taken back first
   * @param byStrategy by the names of strategies and then of settings; empty takes back
   */
  record OfStrategies(
      boolean anew, Map<String, Optional<Map<String, Optional<String>>>> byStrategy) {

    static final OfStrategies NOTHING = new OfStrategies(false, Map.of());

    /** Copies. */
    OfStrategies {
      byStrategy = Map.copyOf(byStrategy);
    }

    Map<String, Map<String, String>> over(Map<String, Map<String, String>> standing) {
      Map<String, Map<String, String>> next = new HashMap<>(anew ? Map.of() : standing);
      byStrategy.forEach(
          (strategy, changes) -> {
            if (changes.isEmpty()) {
              next.remove(strategy);
            } else {
              next.put(
                  strategy,
                  changed(new HashMap<>(next.getOrDefault(strategy, Map.of())), changes.get()));
            }
          });
      return next;
    }
  }

  /** Copies. */
  OrderChange {
    settings = Map.copyOf(settings);
  }

  StandingOrders over(StandingOrders standing) {
    Map<BalancingSetting, String> next = new EnumMap<>(BalancingSetting.class);
    next.putAll(standing.settings());
    return new StandingOrders(changed(next, settings), strategies.over(standing.strategies()));
  }

  private static <K> Map<K, String> changed(Map<K, String> next, Map<K, Optional<String>> changes) {
    changes.forEach(
        (name, value) ->
            value.ifPresentOrElse(text -> next.put(name, text), () -> next.remove(name)));
    return next;
  }
}
