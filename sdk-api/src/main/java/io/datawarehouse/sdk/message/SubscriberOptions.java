package io.datawarehouse.sdk.message;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Objects;

/**
 * How the bus runs a subscriber. Immutable.
 *
 * @param concurrency how many events it takes at the same time, at least 1; those with the same
 *     affinity key are never taken at the same time
 * @param queueCapacity how many events may wait, at least 1
 * @param overflow what happens to an event that finds the queue full
 */
public record SubscriberOptions(int concurrency, int queueCapacity, Overflow overflow) {

  /**
   * What happens to an event that finds the queue full. The publisher never waits for a subscriber;
   * with {@link #DEAD_LETTER} it pays for one durable write, which is what slows it down.
   */
  public enum Overflow {
    /** It becomes a durable dead letter of this subscriber and can be delivered again. */
    DEAD_LETTER,
    /** It is counted and forgotten; for subscribers that only watch. */
    DROP
  }

  private static final SubscriberOptions DEFAULTS =
      new SubscriberOptions(4, 4096, Overflow.DEAD_LETTER);

  /** Checks the numbers. */
  public SubscriberOptions {
    Objects.requireNonNull(overflow, "overflow");
    if (concurrency < 1) {
      throw WarehouseException.invalid("concurrency", concurrency, "must be at least 1");
    }
    if (queueCapacity < 1) {
      throw WarehouseException.invalid("queueCapacity", queueCapacity, "must be at least 1");
    }
  }

  /** Returns the defaults: 4 at a time, 4096 waiting, overflow to the dead letters. */
  public static SubscriberOptions defaults() {
    return DEFAULTS;
  }
}
