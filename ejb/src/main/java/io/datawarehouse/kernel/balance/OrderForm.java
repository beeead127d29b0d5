package io.datawarehouse.kernel.balance;

import io.datawarehouse.kernel.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * How what operators set is kept: the settings by their names, those of strategies by the
 * strategy's name, a dot and their own.
 */
final class OrderForm {

  private static final char DOT = '.';

  private record Kept(Map<String, String> settings) {}

  private OrderForm() {}

  static String write(StandingOrders orders) {
    Map<String, String> named = new TreeMap<>();
    orders.settings().forEach((setting, text) -> named.put(setting.field(), text));
    orders
        .strategies()
        .forEach(
            (strategy, values) ->
                values.forEach((name, text) -> named.put(strategy + DOT + name, text)));
    return new String(Json.write(new Kept(named)), StandardCharsets.UTF_8);
  }

  /** Reads what was written; settings of another version that this one does not have are left. */
  static StandingOrders read(String text) {
    Map<BalancingSetting, String> settings = new EnumMap<>(BalancingSetting.class);
    Map<String, Map<String, String>> strategies = new HashMap<>();
    Json.read(text.getBytes(StandardCharsets.UTF_8), Kept.class)
        .settings()
        .forEach(
            (name, value) -> {
              int dot = name.indexOf(DOT);
              if (dot < 0) {
                BalancingSetting.of(name).ifPresent(setting -> settings.put(setting, value));
              } else {
                strategies
                    .computeIfAbsent(name.substring(0, dot), strategy -> new HashMap<>())
                    .put(name.substring(dot + 1), value);
              }
            });
    return new StandingOrders(settings, strategies);
  }
}
