package io.datawarehouse.sdk.kernel;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * The configuration of one plugin: the values under {@code dw.plugin.ID.}, without that prefix.
 * Nothing else can be read through it. Thread-safe; values are read when asked.
 *
 * <p>A value of the wrong form throws {@code CONFIG_INVALID} with the full name of the key.
 */
public interface PluginConfig {

  /** Returns the value, if it is set and not empty. */
  Optional<String> find(String name);

  /** Returns the names that are set. */
  Set<String> names();

  /** Returns the value or the default. */
  String text(String name, String defaultValue);

  /** Returns a whole number from {@code least} to {@code most}. */
  long number(String name, long defaultValue, long least, long most);

  /** Returns a number of bytes, written plainly or with {@code KiB}, {@code MiB}, {@code GiB}. */
  long bytes(String name, long defaultValue, long least, long most);

  /**
   * Returns a duration, written as ISO 8601 ({@code PT30S}) or {@code 500ms}, {@code 30s}, {@code
   * 5m}.
   */
  Duration duration(String name, Duration defaultValue);

  /** Returns {@code true} or {@code false}. */
  boolean flag(String name, boolean defaultValue);
}
