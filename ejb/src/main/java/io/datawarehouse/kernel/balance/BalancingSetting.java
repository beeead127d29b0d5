package io.datawarehouse.kernel.balance;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** One setting of balancing that configuration or an operator may replace. */
public enum BalancingSetting {
  /** The tier, from which all that nobody sets follows. */
  TIER("tier", Kind.TEXT),
  /** Who decides. */
  MODE("mode", Kind.TEXT),
  /** The strategy. */
  ALGORITHM("algorithm", Kind.TEXT),
  /** Whether messages without a key stay on the node where they were sent, if it handles them. */
  PREFER_LOCAL("preferLocal", Kind.FLAG),
  /** Which provider says, for which topics, what messages belong together. */
  AFFINITY("affinity", Kind.MAP),
  /** By what keys are spread. */
  SHARDING("sharding", Kind.TEXT),
  /** Whether shards follow the load. */
  AUTO_SHARDING("autoSharding", Kind.FLAG),
  /** Whether hot shards are looked for. */
  HOT_SHARD_DETECTION("hotShardDetection", Kind.FLAG),
  /** How many requests a second make a shard hot. */
  HOT_SHARD_THRESHOLD("hotShardThreshold", Kind.NUMBER),
  /** Whether a forecast may act. */
  PREDICTIVE("predictive", Kind.FLAG),
  /** How soon data is moved. */
  AGGRESSIVENESS("aggressiveness", Kind.TEXT),
  /** How long at least between two rebalances. */
  MINIMUM_INTERVAL("minimumInterval", Kind.TEXT),
  /** Over how long load is looked at. */
  LOAD_WINDOW("loadWindow", Kind.TEXT),
  /** The most data that one rebalance may move, in percent. */
  MOST_MOVED_PERCENT("mostMovedPercent", Kind.NUMBER),
  /** Whether peers have circuit breakers. */
  CIRCUIT_BREAKER("circuitBreaker", Kind.FLAG),
  /** How copies are kept where a bucket does not say. */
  REPLICATION("replication", Kind.TEXT),
  /** Who resolves conflicts where a bucket does not say. */
  CONFLICT_RESOLVER("conflictResolver", Kind.TEXT);

  /** What a value looks like in JSON. */
  public enum Kind {
    /** A string. */
    TEXT,
    /** True or false. */
    FLAG,
    /** A whole number. */
    NUMBER,
    /** An object whose values are strings. */
    MAP
  }

  private static final String PREFIX = "dw.load-balancing.";

  private final String field;
  private final Kind kind;

  BalancingSetting(String field, Kind kind) {
    this.field = field;
    this.kind = kind;
  }

  /** Returns its name in JSON. */
  public String field() {
    return field;
  }

  /** Returns what its values look like in JSON. */
  public Kind kind() {
    return kind;
  }

  /** Returns its name in configuration. */
  public String key() {
    return PREFIX + field.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  /** Returns the setting of a name in JSON. */
  public static Optional<BalancingSetting> of(String field) {
    return Arrays.stream(values()).filter(one -> one.field.equals(field)).findFirst();
  }
}
