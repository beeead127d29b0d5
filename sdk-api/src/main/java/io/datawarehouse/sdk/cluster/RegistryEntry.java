package io.datawarehouse.sdk.cluster;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * One thing that the cluster agreed on: a setting, a bucket's definition, an admission, a plan.
 * Immutable.
 *
 * @param address where it stands
 * @param value its text, JSON as a rule, at most 256 Ki characters
 * @param version grows with every change of this entry, at least 1
 * @since 0.1
 */
public record RegistryEntry(Address address, String value, long version) {

  /** The longest value, in characters. */
  public static final int LONGEST_VALUE = 256 << 10;

  /**
   * Where an entry stands. Immutable.
   *
   * @param registry what kind of thing it is, for example {@code buckets}: lower-case letters,
   *     digits and {@code -}, at most 50
   * @param key which one, 1 to 255 characters
   */
  public record Address(String registry, String key) {

    private static final Pattern REGISTRY = Pattern.compile("[a-z][a-z0-9-]{0,49}");

    /** Checks the form; the error names the field. */
    public Address {
      requireRegistry(registry);
      if (key.isEmpty() || key.length() > 255) {
        throw WarehouseException.invalid("key", key, "use 1 to 255 characters");
      }
    }

    /** Throws {@code INVALID_ARGUMENT} unless that may be the name of a registry. */
    public static void requireRegistry(String registry) {
      if (!REGISTRY.matcher(registry).matches()) {
        throw WarehouseException.invalid(
            "registry", registry, "use 1 to 50 lower-case letters, digits and '-'");
      }
    }

    @Override
    public String toString() {
      return registry + "/" + key;
    }
  }

  /** Checks; the error names the field. */
  public RegistryEntry {
    Objects.requireNonNull(address, "address");
    requireValue(value);
    if (version < 1) {
      throw WarehouseException.invalid("version", version, "must be at least 1");
    }
  }

  static void requireValue(String value) {
    if (value.length() > LONGEST_VALUE) {
      throw WarehouseException.invalid(
          "value", value.length() + " characters", "at most " + LONGEST_VALUE);
    }
  }
}
