package io.datawarehouse.kernel.boot;

import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reads settings one after the other, going on past those that are wrong, so that all of them can
 * be named at once; and remembers which names exist. Confined to one thread.
 */
final class SettingsReader {

  private final KernelConfig config;
  private final List<String> problems = new ArrayList<>();
  private final Set<String> known = new HashSet<>();

  SettingsReader(KernelConfig config) {
    this.config = config;
  }

  /** What was wrong, each in words, and once though it was read twice. */
  List<String> problems() {
    return problems.stream().distinct().toList();
  }

  /** The names that were asked for. */
  Set<String> known() {
    return Set.copyOf(known);
  }

  Optional<String> find(String name) {
    return read(name, Optional.empty(), () -> config.find(name));
  }

  boolean flag(String name, boolean defaultValue) {
    return read(name, defaultValue, () -> config.flag(name, defaultValue));
  }

  int integer(String name, int defaultValue, int least, int most) {
    return read(name, defaultValue, () -> config.integer(name, defaultValue, least, most));
  }

  long bytes(String name, long defaultValue, long least, long most) {
    return read(name, defaultValue, () -> config.bytes(name, defaultValue, least, most));
  }

  /** Reads a duration of at least a millisecond and at most a day. */
  Duration limit(String name, Duration defaultValue) {
    return period(name, defaultValue, Duration.ofMillis(1), Duration.ofDays(1));
  }

  /** Reads a duration that is neither shorter nor longer than that. */
  Duration period(String name, Duration defaultValue, Duration least, Duration most) {
    return read(
        name,
        defaultValue,
        () -> {
          Duration value = config.duration(name, defaultValue);
          if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw KernelConfig.invalid(
                name,
                config.text(name, ""),
                "use a duration from " + written(least) + " to " + written(most));
          }
          return value;
        });
  }

  /** Returns a duration as it can be set. */
  private static String written(Duration duration) {
    if (duration.toMillisPart() != 0) {
      return duration.toMillis() + "ms";
    }
    if (duration.toSecondsPart() != 0) {
      return duration.toSeconds() + "s";
    }
    return duration.toMinutesPart() == 0 ? duration.toHours() + "h" : duration.toMinutes() + "m";
  }

  /** Reads text that is not longer than that. */
  String text(String name, String defaultValue, int longest) {
    return read(
        name,
        defaultValue,
        () -> {
          String value = config.text(name, defaultValue);
          if (value.length() > longest) {
            throw KernelConfig.invalid(name, value, "use at most " + longest + " characters");
          }
          return value;
        });
  }

  void problem(String text) {
    problems.add(text);
  }

  private <T> T read(String name, T defaultValue, Supplier<T> read) {
    known.add(name);
    try {
      return read.get();
    } catch (WarehouseException e) {
      problems.add(e.detail());
      return defaultValue;
    }
  }
}
