package io.datawarehouse.sdk.sharding;

import io.datawarehouse.sdk.error.WarehouseException;

/**
 * The parameters of a sharding strategy: a JSON object, the names in order and without blanks where
 * the kernel read it. Immutable. What may stand in it the strategy says.
 *
 * @param json the text
 * @since 0.1
 */
public record ShardingOptions(String json) {

  /** The longest text, in characters. */
  public static final int LONGEST = 64 << 10;

  /** No parameters. */
  public static final ShardingOptions NONE = new ShardingOptions("{}");

  /** Checks the form; the error names the field. */
  public ShardingOptions {
    if (json.length() > LONGEST) {
      throw WarehouseException.invalid(
          "shardingOptions", json.length() + " characters", "at most " + LONGEST);
    }
    if (!json.startsWith("{") || !json.endsWith("}")) {
      throw WarehouseException.invalid("shardingOptions", json, "must be an object");
    }
  }

  @Override
  public String toString() {
    return json;
  }
}
