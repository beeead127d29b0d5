package io.datawarehouse.sdk.message;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Objects;

/**
 * How the bus runs a handler. Immutable.
 *
 * @param execution on whose thread it runs
 * @param ordering whether messages with the same affinity key wait for each other
 * @param concurrency how many messages it handles at the same time, at least 1
 * @param queueCapacity how many more may wait, 0 or more; what comes on top is refused at once with
 *     {@code BULKHEAD_FULL}
 */
public record HandlerOptions(
    Execution execution, Ordering ordering, int concurrency, int queueCapacity) {

  /** On whose thread a handler runs. */
  public enum Execution {
    /**
     * On the sender's thread, when order and concurrency allow it at once. For handlers that are
     * quick or watch the message's deadline themselves: the bus cannot give up on their behalf.
     */
    CALLER,
    /** On a thread of the bus. The sender gets {@code TIMEOUT} when the deadline passes. */
    WORKER
  }

  /** Whether messages with the same affinity key wait for each other. */
  public enum Ordering {
    /** One at a time per affinity key, in the order of sending. */
    BY_AFFINITY_KEY,
    /** All at once. */
    UNORDERED
  }

  private static final HandlerOptions DEFAULTS =
      new HandlerOptions(Execution.WORKER, Ordering.BY_AFFINITY_KEY, 16, 1024);

  /** Checks the numbers. */
  public HandlerOptions {
    Objects.requireNonNull(execution, "execution");
    Objects.requireNonNull(ordering, "ordering");
    if (concurrency < 1) {
      throw WarehouseException.invalid("concurrency", concurrency, "must be at least 1");
    }
    if (queueCapacity < 0) {
      throw WarehouseException.invalid("queueCapacity", queueCapacity, "must not be negative");
    }
  }

  /** Returns the defaults: worker threads, ordered, 16 at a time, 1024 waiting. */
  public static HandlerOptions defaults() {
    return DEFAULTS;
  }

  /** Returns options for a quick handler that needs no order: on the caller's thread. */
  public static HandlerOptions direct() {
    return new HandlerOptions(Execution.CALLER, Ordering.UNORDERED, Integer.MAX_VALUE, 0);
  }

  /** Returns these options with another execution. */
  public HandlerOptions withExecution(Execution newExecution) {
    return new HandlerOptions(newExecution, ordering, concurrency, queueCapacity);
  }

  /** Returns these options with another ordering. */
  public HandlerOptions withOrdering(Ordering newOrdering) {
    return new HandlerOptions(execution, newOrdering, concurrency, queueCapacity);
  }

  /** Returns these options with another limit of messages at the same time. */
  public HandlerOptions withConcurrency(int newConcurrency) {
    return new HandlerOptions(execution, ordering, newConcurrency, queueCapacity);
  }

  /** Returns these options with another limit of waiting messages. */
  public HandlerOptions withQueueCapacity(int newCapacity) {
    return new HandlerOptions(execution, ordering, concurrency, newCapacity);
  }
}
