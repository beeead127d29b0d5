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

  /** What was wrong, each in words. */
  List<String> problems() {
    return List.copyOf(problems);
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
    return read(
        name,
        defaultValue,
        () -> {
          Duration value = config.duration(name, defaultValue);
          if (value.toMillis() < 1 || value.compareTo(Duration.ofDays(1)) > 0) {
            throw KernelConfig.invalid(
                name, config.text(name, ""), "use a duration from 1ms to 24h");
          }
          return value;
        });
  }

  /** Reads a duration that may be longer than a day. */
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
                "use a duration from " + least.toSeconds() + "s to " + most.toHours() + "h");
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
