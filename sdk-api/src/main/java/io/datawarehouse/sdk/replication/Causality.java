package io.datawarehouse.sdk.replication;

/**
 * How two versions stand to each other.
 *
 * @since 0.1
 */
public enum Causality {
  /** The first has been seen by the second. */
  BEFORE,
  /** They are the same. */
  EQUAL,
  /** The first has seen the second. */
  AFTER,
  /** Neither has seen the other. */
  CONCURRENT
}
