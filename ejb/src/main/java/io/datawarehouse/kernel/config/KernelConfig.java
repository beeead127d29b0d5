package io.datawarehouse.kernel.config;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.PluginConfig;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The settings of the node, by their full names ({@code dw.…}), over any source of values. Reads a
 * value each time it is asked. Thread-safe if its source is.
 *
 * <p>A value of the wrong form throws {@code CONFIG_INVALID} with the key and the value; the value
 * of a key whose name looks secret is not shown.
 */
public final class KernelConfig {

  /** What the names of all settings begin with. */
  public static final String PREFIX = "dw.";

  private static final Pattern SECRET = Pattern.compile("token|secret|password|key");
  private static final Pattern BYTES = Pattern.compile("(\\d{1,18})\\s*(KiB|MiB|GiB|TiB)?");
  private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h)");

  private final Function<String, Optional<String>> lookup;
  private final Supplier<? extends Iterable<String>> allNames;

  /**
   * Makes a view of a source of values.
   *
   * @param lookup gives the value of a name
   * @param allNames gives the names that are set, others than those of this product included
   */
  public KernelConfig(
      Function<String, Optional<String>> lookup, Supplier<? extends Iterable<String>> allNames) {
    this.lookup = lookup;
    this.allNames = allNames;
  }

  /** Makes a configuration of fixed values, for tests and for kernels without a container. */
  public static KernelConfig of(Map<String, String> values) {
    Map<String, String> copy = Map.copyOf(values);
    return new KernelConfig(name -> Optional.ofNullable(copy.get(name)), copy::keySet);
  }

  /** Returns the settings under a prefix ending in a dot, named without it. */
  public PluginConfig scope(String prefix) {
    return new ScopedConfig(this, prefix);
  }

  /** Returns the names of all settings of this product that are set, sorted. */
  public Set<String> names() {
    Set<String> names = new TreeSet<>();
    for (String name : allNames.get()) {
      if (name.startsWith(PREFIX)) {
        names.add(name);
      }
    }
    return names;
  }

  /** Returns the value, if it is set and not empty; without space around it. */
  public Optional<String> find(String name) {
    return lookup.apply(name).map(String::strip).filter(value -> !value.isEmpty());
  }

  /** Returns the value or the default. */
  public String text(String name, String defaultValue) {
    return find(name).orElse(defaultValue);
  }

  /** Returns a whole number from {@code least} to {@code most}. */
  public long number(String name, long defaultValue, long least, long most) {
    String rule = "use a whole number from " + least + " to " + most;
    return find(name)
        .map(value -> inside(name, value, parseNumber(name, value, rule), least, most, rule))
        .orElse(defaultValue);
  }

  /** Returns a whole number that fits an {@code int}, from {@code least} to {@code most}. */
  public int integer(String name, int defaultValue, int least, int most) {
    return Math.toIntExact(number(name, defaultValue, least, most));
  }

  /** Returns a number of bytes, written plainly or with KiB, MiB, GiB, TiB. */
  public long bytes(String name, long defaultValue, long least, long most) {
    String rule = "use " + least + " to " + most + " bytes, written like 65536, 64KiB or 10MiB";
    return find(name)
        .map(value -> inside(name, value, parseBytes(name, value, rule), least, most, rule))
        .orElse(defaultValue);
  }

  /** Returns a duration, not negative, written like {@code PT30S}, {@code 500ms} or {@code 5m}. */
  public Duration duration(String name, Duration defaultValue) {
    return find(name).map(value -> parseDuration(name, value)).orElse(defaultValue);
  }

  /** Returns {@code true} or {@code false}. */
  public boolean flag(String name, boolean defaultValue) {
    return find(name)
        .map(
            value ->
                switch (value) {
                  case "true" -> true;
                  case "false" -> false;
                  default -> throw invalid(name, value, "use true or false");
                })
        .orElse(defaultValue);
  }

  /** Makes the error for a value that is not allowed. */
  public static WarehouseException invalid(String name, String value, String rule) {
    if (SECRET.matcher(name.toLowerCase(Locale.ROOT)).find()) {
      return new WarehouseException(
          StandardErrorCode.CONFIG_INVALID,
          name + " has a value that is not allowed (not shown): " + rule,
          Map.of("field", name),
          null);
    }
    return WarehouseException.invalid(StandardErrorCode.CONFIG_INVALID, name, value, rule);
  }

  private static long inside(
      String name, String value, long number, long least, long most, String rule) {
    if (number < least || number > most) {
      throw invalid(name, value, rule);
    }
    return number;
  }

  private static long parseNumber(String name, String value, String rule) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw invalid(name, value, rule);
    }
  }

  private static long parseBytes(String name, String value, String rule) {
    Matcher matcher = BYTES.matcher(value);
    if (!matcher.matches()) {
      throw invalid(name, value, rule);
    }
    String unit = matcher.group(2);
    int shift = unit == null ? 0 : 10 * (1 + "KMGT".indexOf(unit.charAt(0)));
    long number = Long.parseLong(matcher.group(1));
    if (number > Long.MAX_VALUE >> shift) {
      throw invalid(name, value, rule);
    }
    return number << shift;
  }

  private static Duration parseDuration(String name, String value) {
    String rule = "use a duration like 500ms, 30s, 5m or PT30S";
    Matcher matcher = DURATION.matcher(value);
    try {
      Duration duration =
          matcher.matches()
              ? simpleDuration(Long.parseLong(matcher.group(1)), matcher.group(2))
              : Duration.parse(value);
      if (duration.isNegative()) {
        throw invalid(name, value, rule);
      }
      return duration;
    } catch (DateTimeParseException | ArithmeticException e) {
      throw invalid(name, value, rule);
    }
  }

  private static Duration simpleDuration(long amount, String unit) {
    return switch (unit) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      default -> Duration.ofHours(amount);
    };
  }
}
