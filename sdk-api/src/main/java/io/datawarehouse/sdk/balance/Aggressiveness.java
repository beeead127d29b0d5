package io.datawarehouse.sdk.balance;

/**
 * How soon data is moved to even out load.
 *
 * @since 0.1
 */
public enum Aggressiveness {
  /** Only against a clear and lasting imbalance. */
  CONSERVATIVE("conservative"),
  /** Against an imbalance that lasts for a load window. */
  MODERATE("moderate"),
  /** As soon as an imbalance shows. */
  AGGRESSIVE("aggressive"),
  /** Before an imbalance shows, where a forecast is sure enough. */
  PREDICTIVE("predictive");

  private final String id;

  Aggressiveness(String id) {
    this.id = id;
  }

  /** Returns the name in configuration. */
  public String id() {
    return id;
  }
}
