package io.datawarehouse.micro;

import java.util.Locale;

/** Settings that are needed before there is an application that reads them. */
final class Settings {

  private Settings() {}

  /** Returns the system property of that name, else the environment's variable, else the last. */
  static String firstOf(Lookup systemProperties, Lookup environment, String name, String fallback) {
    String property = systemProperties.find(name);
    if (property != null) {
      return property;
    }
    String variable = environment.find(name.toUpperCase(Locale.ROOT).replace('.', '_'));
    return variable == null || variable.isEmpty() ? fallback : variable;
  }
}
