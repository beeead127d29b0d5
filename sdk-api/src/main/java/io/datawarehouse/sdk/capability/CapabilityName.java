package io.datawarehouse.sdk.capability;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.regex.Pattern;

/**
 * The name of an ability, for example {@code storage}. Immutable.
 *
 * @param value lower-case parts of letters, digits and {@code -}, joined by dots; at most 100 long
 */
public record CapabilityName(String value) implements Comparable<CapabilityName> {

  private static final Pattern FORM = Pattern.compile("[a-z][a-z0-9-]*(\\.[a-z0-9-]+)*");

  /** Checks the form. */
  public CapabilityName {
    if (value.length() > 100 || !FORM.matcher(value).matches()) {
      throw WarehouseException.invalid(
          "capability", value, "use lower-case letters, digits, '-' and '.', at most 100");
    }
  }

  @Override
  public int compareTo(CapabilityName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
