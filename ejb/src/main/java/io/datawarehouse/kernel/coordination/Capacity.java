package io.datawarehouse.kernel.coordination;

import io.datawarehouse.sdk.error.WarehouseException;

/**
 * How much all registries together may hold. Immutable. It travels with every proposal: what was
 * refused for it on one node is refused on all, whatever they are set to.
 *
 * @param entries how many entries, 1 to 1,000,000
 * @param characters how many characters of keys and values, 1 Ki to 1 Gi
 */
public record Capacity(int entries, long characters) {

  /** 10,000 entries and 64 Mi characters. */
  public static final Capacity DEFAULT = new Capacity(10_000, 64L << 20);

  /** Checks; the error names the field. */
  public Capacity {
    if (entries < 1 || entries > 1_000_000) {
      throw WarehouseException.invalid("entries", entries, "use 1 to 1000000");
    }
    if (characters < 1 << 10 || characters > 1 << 30) {
      throw WarehouseException.invalid("characters", characters, "use 1024 to 1073741824");
    }
  }
}
