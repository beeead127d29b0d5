package io.datawarehouse.sdk.cluster;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.regex.Pattern;

/**
 * The identity of a node, stable over restarts. Immutable.
 *
 * @param value 1 to 64 letters, digits, {@code -}, {@code _} or {@code .}
 */
public record NodeId(String value) implements Comparable<NodeId> {

  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  /** Checks the form. */
  public NodeId {
    if (!FORM.matcher(value).matches()) {
      throw WarehouseException.invalid(
          "nodeId", value, "use 1 to 64 letters, digits, '-', '_' or '.'");
    }
  }

  @Override
  public int compareTo(NodeId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
