package io.datawarehouse.sdk.balance;

/**
 * Who decides about balancing.
 *
 * @since 0.1
 */
public enum BalancingMode {
  /** A person: the algorithm stays, nothing is moved without being told to. */
  MANUAL("manual"),
  /** The warehouse. */
  AUTOMATIC("automatic"),
  /** The warehouse decides which of the other two it is, by size and traffic. */
  INTELLIGENT("intelligent");

  private final String id;

  BalancingMode(String id) {
    this.id = id;
  }

  /** Returns the name in configuration. */
  public String id() {
    return id;
  }
}
