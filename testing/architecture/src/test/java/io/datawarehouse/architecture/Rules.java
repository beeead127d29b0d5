package io.datawarehouse.architecture;

import com.tngtech.archunit.lang.ArchRule;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** The constants of {@link ProductRules}, by name. */
final class Rules {

  private Rules() {}

  static Map<String, ArchRule> byName() {
    Map<String, ArchRule> rules = new TreeMap<>();
    Arrays.stream(ProductRules.class.getDeclaredFields())
        .filter(field -> ArchRule.class.isAssignableFrom(field.getType()))
        .forEach(field -> rules.put(field.getName(), valueOf(field)));
    return rules;
  }

  private static ArchRule valueOf(Field field) {
    try {
      return (ArchRule) field.get(null);
    } catch (IllegalAccessException e) {
      throw new LinkageError("cannot read rule " + field.getName(), e);
    }
  }
}
