package io.datawarehouse.testkit.kernel;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.PluginConfig;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A plugin's configuration from a map, which a test may change at any time. Thread-safe. */
public final class MapPluginConfig implements PluginConfig {

  private static final Pattern BYTES = Pattern.compile("(\\d{1,18})(KiB|MiB|GiB)?");
  private static final Pattern DURATION = Pattern.compile("(\\d{1,12})(ms|s|m)");

  private final String prefix;
  private final Map<String, String> values = new ConcurrentHashMap<>();

  /**
   * Makes a configuration.
   *
   * @param pluginId the plugin's id, for the names in errors
   * @param values the values, names without the prefix
   */
  public MapPluginConfig(String pluginId, Map<String, String> values) {
    this.prefix = "dw.plugin." + pluginId + ".";
    this.values.putAll(values);
  }

  /** Sets a value. */
  public void set(String name, String value) {
    values.put(name, value);
  }

  @Override
  public Optional<String> find(String name) {
    return Optional.ofNullable(values.get(name)).filter(value -> !value.isEmpty());
  }

  @Override
  public Set<String> names() {
    return Set.copyOf(values.keySet());
  }

  @Override
  public String text(String name, String defaultValue) {
    return find(name).orElse(defaultValue);
  }

  @Override
  public long number(String name, long defaultValue, long least, long most) {
    long value = parsed(name, Long::parseLong, defaultValue, "use a whole number");
    return within(name, value, least, most);
  }

  @Override
  public long bytes(String name, long defaultValue, long least, long most) {
    long value =
        parsed(
            name,
            MapPluginConfig::parseBytes,
            defaultValue,
            "use a number of bytes, or of KiB, MiB or GiB");
    return within(name, value, least, most);
  }

  @Override
  public Duration duration(String name, Duration defaultValue) {
    return parsed(
        name, MapPluginConfig::parseDuration, defaultValue, "use PT30S, 500ms, 30s or 5m");
  }

  @Override
  public boolean flag(String name, boolean defaultValue) {
    return switch (text(name, String.valueOf(defaultValue))) {
      case "true" -> true;
      case "false" -> false;
      default -> throw invalid(name, text(name, ""), "use true or false");
    };
  }

  private <T> T parsed(String name, Function<String, T> parser, T defaultValue, String rule) {
    Optional<String> text = find(name);
    if (text.isEmpty()) {
      return defaultValue;
    }
    try {
      return parser.apply(text.get());
    } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
      throw invalid(name, text.get(), rule);
    }
  }

  private long within(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw invalid(name, value, "use " + least + " to " + most);
    }
    return value;
  }

  private WarehouseException invalid(String name, Object value, String rule) {
    return WarehouseException.invalid(StandardErrorCode.CONFIG_INVALID, prefix + name, value, rule);
  }

  private static long parseBytes(String text) {
    Matcher match = BYTES.matcher(text);
    if (!match.matches()) {
      throw new IllegalArgumentException(text);
    }
    int shift = match.group(2) == null ? 0 : 10 * (1 + "KMG".indexOf(match.group(2).charAt(0)));
    return Math.multiplyExact(Long.parseLong(match.group(1)), 1L << shift);
  }

  private static Duration parseDuration(String text) {
    Matcher match = DURATION.matcher(text);
    if (!match.matches()) {
      return Duration.parse(text);
    }
    long amount = Long.parseLong(match.group(1));
    return switch (match.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      default -> Duration.ofMinutes(amount);
    };
  }
}
