package io.datawarehouse.kernel.balance;

import io.datawarehouse.kernel.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** How what operators set is kept: the settings by their names. */
final class OrderForm {

  private record Kept(Map<String, String> settings) {}

  private OrderForm() {}

  static String write(Map<BalancingSetting, String> settings) {
    Map<String, String> named = new TreeMap<>();
    settings.forEach((setting, text) -> named.put(setting.field(), text));
    return new String(Json.write(new Kept(named)), StandardCharsets.UTF_8);
  }

  /** Reads what was written; settings of another version that this one does not have are left. */
  static Map<BalancingSetting, String> read(String text) {
    Map<BalancingSetting, String> settings = new EnumMap<>(BalancingSetting.class);
    Json.read(text.getBytes(StandardCharsets.UTF_8), Kept.class)
        .settings()
        .forEach(
            (name, value) ->
                BalancingSetting.of(name).ifPresent(setting -> settings.put(setting, value)));
    return settings;
  }
}
