package io.datawarehouse.kernel.balance;

import io.datawarehouse.kernel.affinity.AffinityRules;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads what an operator asks for: values as JSON has them, into the texts that are kept. */
final class OrderReader {

  private OrderReader() {}

  /**
   * Reads changes by the names of settings; empty takes back what was set before.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT} naming the setting
   */
  static Map<BalancingSetting, Optional<String>> read(Map<String, Optional<Object>> changes) {
    Map<BalancingSetting, Optional<String>> read = new EnumMap<>(BalancingSetting.class);
    changes.forEach(
        (field, value) -> {
          BalancingSetting setting = known(field);
          read.put(setting, value.map(one -> text(setting, one)));
        });
    return read;
  }

  private static BalancingSetting known(String field) {
    return BalancingSetting.of(field)
        .orElseThrow(
            () ->
                WarehouseException.invalid(
                    field,
                    null,
                    "there is no such setting; use "
                        + Stream.of(BalancingSetting.values())
                            .map(BalancingSetting::field)
                            .collect(Collectors.joining(", "))
                        + ", "
                        + StrategyTuning.FIELD));
  }

  private static String text(BalancingSetting setting, Object value) {
    return switch (setting.kind()) {
      case TEXT -> as(String.class, setting, value, "use a string");
      case FLAG -> as(Boolean.class, setting, value, "use true or false").toString();
      case NUMBER -> as(Integer.class, setting, value, "use a whole number").toString();
      case MAP ->
          AffinityRules.of(strings(setting, as(Map.class, setting, value, "use an object"))).text();
    };
  }

  private static <T> T as(Class<T> type, BalancingSetting setting, Object value, String rule) {
    if (!type.isInstance(value)) {
      throw WarehouseException.invalid(setting.field(), value, rule);
    }
    return type.cast(value);
  }

  private static Map<String, String> strings(BalancingSetting setting, Map<?, ?> values) {
    Map<String, String> strings = new LinkedHashMap<>();
    values.forEach(
        (name, value) ->
            strings.put(
                as(String.class, setting, name, "use strings"),
                as(String.class, setting, value, "use strings as the values of the object")));
    return strings;
  }
}
