package io.datawarehouse.sdk.balance;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A value for each setting that a strategy declares. Immutable.
 *
 * @param byName the values by the names of settings, each a {@link Long}, a {@link Boolean} or a
 *     {@link String}
 * @since 0.1
 */
public record StrategyValues(Map<String, Object> byName) {

  /** Copies. */
  public StrategyValues {
    byName = Map.copyOf(byName);
  }

  /** Returns the defaults. */
  public static StrategyValues usual(List<StrategySetting> settings) {
    return of(settings, Map.of());
  }

  /**
   * Returns the values that are given, and the default for each that is not.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT} naming what is not declared or not allowed
   */
  public static StrategyValues of(List<StrategySetting> settings, Map<String, Object> given) {
    Map<String, Object> values = new HashMap<>();
    Set<String> unknown = new HashSet<>(given.keySet());
    for (StrategySetting setting : settings) {
      Object value = given.getOrDefault(setting.name(), setting.usual());
      if (!setting.allows(value)) {
        throw WarehouseException.invalid(setting.name(), value, setting.rule());
      }
      values.put(setting.name(), value);
      unknown.remove(setting.name());
    }
    for (String name : unknown) {
      throw WarehouseException.invalid(name, given.get(name), "there is no such setting");
    }
    return new StrategyValues(values);
  }

  /** Returns the value of a {@link StrategySetting.WholeNumber}. */
  public long number(String name) {
    return value(Long.class, name);
  }

  /** Returns the value of a {@link StrategySetting.Flag}. */
  public boolean flag(String name) {
    return value(Boolean.class, name);
  }

  /** Returns the value of a {@link StrategySetting.Choice}. */
  public String word(String name) {
    return value(String.class, name);
  }

  private <T> T value(Class<T> type, String name) {
    Object value = byName.get(name);
    if (!type.isInstance(value)) {
      throw WarehouseException.invalid(name, value, "no such setting of this kind is declared");
    }
    return type.cast(value);
  }
}
