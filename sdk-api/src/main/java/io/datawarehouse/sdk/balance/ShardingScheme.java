package io.datawarehouse.sdk.balance;

/**
 * By what keys are spread over nodes.
 *
 * @since 0.1
 */
public enum ShardingScheme {
  /** Not at all: every node may hold everything. */
  NONE("none"),
  /** By a hash of the key. */
  HASH("hash"),
  /** By the order of the keys, in ranges that split and merge. */
  RANGE("range"),
  /** By an explicit list. */
  DIRECTORY("directory"),
  /** By zone and region labels. */
  GEOGRAPHIC("geographic"),
  /** By one of these first and by another within. */
  COMPOSITE("composite");

  private final String id;

  ShardingScheme(String id) {
    this.id = id;
  }

  /** Returns the name in configuration. */
  public String id() {
    return id;
  }
}
