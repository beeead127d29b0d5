package io.datawarehouse.sdk.cluster;

/**
 * What a node is worth as a target of requests, as the asking node judges it. Two nodes may judge a
 * third differently, and both may be right.
 *
 * @since 0.1
 */
public enum NodeHealth {
  /** It answers as it should. */
  HEALTHY,
  /** It answers, but slowly or with some errors: used, where there is a better one less. */
  DEGRADED,
  /** It answers wrongly or hardly at all: left out where there is any other. */
  UNHEALTHY,
  /** It cannot be reached. */
  OFFLINE,
  /** Nothing is known yet, or what was known is too old. */
  UNKNOWN;

  /** Returns whether requests may go to a node of this health as a matter of course. */
  public boolean usable() {
    return this == HEALTHY || this == DEGRADED || this == UNKNOWN;
  }
}
