package io.datawarehouse.kernel.sharding;

import io.datawarehouse.sdk.balance.ShardingScheme;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.sharding.Residency;
import io.datawarehouse.sdk.sharding.Shard;
import io.datawarehouse.sdk.sharding.ShardingStrategy;
import io.datawarehouse.sdk.sharding.Spread;
import java.util.ArrayList;
import java.util.List;

/**
 * Divides keys in the order of their UTF-8 bytes: each split point begins a new range. Immutable.
 */
final class RangeSharding implements ShardingStrategy {

  /** The most ranges of one bucket. */
  static final int MOST_RANGES = 256;

  private final String[] splits;
  private final List<Shard> shards;

  /**
   * Makes the ranges.
   *
   * @param splits the first keys of all ranges but the first, in order
   * @throws WarehouseException {@code INVALID_ARGUMENT} where they are not in order or too many
   */
  RangeSharding(List<String> splits) {
    if (splits.size() >= MOST_RANGES) {
      throw WarehouseException.invalid(
          "splits", splits.size() + " split points", "at most " + (MOST_RANGES - 1));
    }
    for (int i = 0; i < splits.size(); i++) {
      KeyText.require("splits", splits.get(i), 1);
      if (i > 0 && Utf8Order.compare(splits.get(i - 1), splits.get(i)) >= 0) {
        throw WarehouseException.invalid(
            "splits", splits.get(i), "give them in the order of their UTF-8 bytes, each once");
      }
    }
    this.splits = splits.toArray(String[]::new);
    List<Shard> made = new ArrayList<>();
    for (int i = 0; i <= splits.size(); i++) {
      String name = nameOf(i == 0 ? "" : splits.get(i - 1), i, splits);
      made.add(
          new Shard(name, "the key is in the range " + name, Residency.ANYWHERE, Spread.own(1)));
    }
    this.shards = List.copyOf(made);
  }

  private static String nameOf(String from, int number, List<String> splits) {
    return number == splits.size()
        ? "[" + from + ", …)"
        : "[" + from + ", " + splits.get(number) + ")";
  }

  @Override
  public String scheme() {
    return ShardingScheme.RANGE.id();
  }

  @Override
  public List<Shard> shards() {
    return shards;
  }

  @Override
  public int shardOf(String key) {
    int low = 0;
    int high = splits.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Utf8Order.compare(splits[middle], key) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
