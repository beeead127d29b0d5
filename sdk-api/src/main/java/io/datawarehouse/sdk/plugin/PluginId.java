package io.datawarehouse.sdk.plugin;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.regex.Pattern;

/**
 * The identity of a plugin, part of configuration keys and paths. Immutable.
 *
 * @param value 1 to 50 lower-case letters, digits and {@code -}, beginning with a letter
 */
public record PluginId(String value) implements Comparable<PluginId> {

  private static final Pattern FORM = Pattern.compile("[a-z][a-z0-9-]{0,49}");

  /** Checks the form. */
  public PluginId {
    if (!FORM.matcher(value).matches()) {
      throw WarehouseException.invalid(
          "pluginId", value, "use 1 to 50 lower-case letters, digits and '-'");
    }
  }

  @Override
  public int compareTo(PluginId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
