package io.datawarehouse.sdk.sharding;

import java.util.Objects;

/**
 * A part of a bucket's keys. Immutable.
 *
 * @param name tells it from the other shards of its bucket; not empty
 * @param rule which keys belong to it, in words
 * @param residency which nodes may hold it
 * @param spread on how many segments it lies
 * @since 0.1
 */
public record Shard(String name, String rule, Residency residency, Spread spread) {

  /** Checks that nothing is missing, and that what not every node may hold has own segments. */
  public Shard {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a shard has a name");
    }
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(residency, "residency");
    Objects.requireNonNull(spread, "spread");
    if (!residency.isAnywhere() && !spread.own()) {
      throw new IllegalArgumentException(
          "shard '" + name + "' has a residency; the cluster's segments lie anywhere");
    }
  }

  /** Returns this shard on other segments. */
  public Shard on(Spread segments) {
    return new Shard(name, rule, residency, segments);
  }
}
