package io.datawarehouse.kernel.sharding;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.sharding.Shard;
import io.datawarehouse.sdk.sharding.ShardingStrategy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Divides keys by whole keys and by what they begin with: a whole key wins over a prefix, a longer
 * prefix over a shorter one, and there is a shard for the rest. Immutable.
 *
 * <p>The greatest prefix that is not greater than a key either begins the key, or begins with all
 * prefixes that do. So one binary search and a walk along prefixes of prefixes find the longest.
 */
final class PrefixSharding implements ShardingStrategy {

  /** The most entries. */
  static final int MOST_ENTRIES = 1000;

  /**
   * One entry. Immutable.
   *
   * @param text a whole key, or what keys begin with
   * @param whole whether it is a whole key
   * @param shard what it leads to
   */
  record Entry(String text, boolean whole, Shard shard) {}

  private final String scheme;
  private final List<Shard> shards;
  private final String[] keys;
  private final int[] keyShards;
  private final String[] prefixes;
  private final int[] prefixShards;

  /** For each prefix the longest other one that it begins with; negative for none. */
  private final int[] shorter;

  /**
   * Makes the division.
   *
   * @param field names the entries in errors
   * @throws WarehouseException {@code INVALID_ARGUMENT} where an entry stands twice, or too many
   */
  PrefixSharding(String scheme, String field, List<Entry> entries, Shard rest) {
    if (entries.size() > MOST_ENTRIES) {
      throw WarehouseException.invalid(
          field, entries.size() + " entries", "at most " + MOST_ENTRIES);
    }
    this.scheme = scheme;
    List<Shard> all = new ArrayList<>(List.of(rest));
    TreeMap<String, Integer> whole = new TreeMap<>();
    TreeMap<String, Integer> begin = new TreeMap<>();
    for (Entry entry : entries) {
      KeyText.require(field, entry.text, entry.whole ? 1 : 0);
      Integer twice = (entry.whole ? whole : begin).put(entry.text, all.size());
      if (twice != null) {
        throw WarehouseException.invalid(field, entry.text, "stands there twice");
      }
      all.add(entry.shard);
    }
    this.shards = List.copyOf(all);
    this.keys = whole.keySet().toArray(String[]::new);
    this.keyShards = numbers(whole);
    this.prefixes = begin.keySet().toArray(String[]::new);
    this.prefixShards = numbers(begin);
    this.shorter = chain(prefixes);
  }

  private static int[] numbers(Map<String, Integer> sorted) {
    return sorted.values().stream().mapToInt(Integer::intValue).toArray();
  }

  private static int[] chain(String[] prefixes) {
    int[] shorter = new int[prefixes.length];
    for (int i = 0; i < prefixes.length; i++) {
      int before = i - 1;
      while (before >= 0 && !prefixes[i].startsWith(prefixes[before])) {
        before = shorter[before];
      }
      shorter[i] = before;
    }
    return shorter;
  }

  @Override
  public String scheme() {
    return scheme;
  }

  @Override
  public List<Shard> shards() {
    return shards;
  }

  @Override
  public int shardOf(String key) {
    int whole = Arrays.binarySearch(keys, key);
    if (whole >= 0) {
      return keyShards[whole];
    }
    int found = Arrays.binarySearch(prefixes, key);
    int at = found >= 0 ? found : -found - 2;
    while (at >= 0 && !key.startsWith(prefixes[at])) {
      at = shorter[at];
    }
    return at < 0 ? 0 : prefixShards[at];
  }
}
