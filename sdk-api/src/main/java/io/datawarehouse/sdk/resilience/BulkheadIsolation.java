package io.datawarehouse.sdk.resilience;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Keeps one kind of work from taking the place of all others: a compartment per pool (copies to
 * other sites, repairs, one remote system), each with a limit of its own. Thread-safe.
 *
 * <p>An implementation MUST: (1) never let more in than the settings say, and give every place back
 * when the call ends, whatever way it ends; (2) refuse at once what fits neither inside nor into
 * the queue, never block the caller; (3) start those that wait in the order in which they came, on
 * its own executor; (4) keep pools apart.
 *
 * @since 0.1
 */
public interface BulkheadIsolation {

  /** The capability: {@code dw.resilience.bulkhead.provider} names the one that runs. */
  CapabilityKey<BulkheadIsolation> CAPABILITY =
      CapabilityKey.of("resilience.bulkhead", BulkheadIsolation.class, Cardinality.SELECTED);

  /**
   * Returns the compartment of a pool, making it where it is new; always the same one.
   *
   * @param pool 1 to 100 characters; there are few pools, as none is ever dropped
   */
  Compartment compartment(String pool);

  /** Returns how full all compartments are, sorted by name; a snapshot. */
  List<BulkheadStatus> statuses();

  /**
   * Runs an operation on this thread, if there is room at once.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code BULKHEAD_FULL}
   * @throws Exception what the operation threw
   */
  default <T> T call(String pool, Callable<T> operation) throws Exception {
    return compartment(pool).call(operation);
  }

  /**
   * Starts an operation, on this thread if there is room, later on another if there is room to
   * wait; else the stage fails with {@code BULKHEAD_FULL}. The place is taken until the operation's
   * stage completes: an operation bounds its own time. Never throws.
   */
  default <T> CompletionStage<T> callAsync(
      String pool, Supplier<? extends CompletionStage<T>> operation) {
    return compartment(pool).callAsync(operation);
  }

  /**
   * One compartment. Thread-safe.
   *
   * @since 0.1
   */
  interface Compartment {

    /** Returns how full it is; a snapshot. */
    BulkheadStatus status();

    /** Takes a place, if there is one; who got it MUST {@link #leave()} exactly once. */
    boolean tryEnter();

    /** Gives a place back. */
    void leave();

    /** Like {@link BulkheadIsolation#call}. */
    <T> T call(Callable<T> operation) throws Exception;

    /** Like {@link BulkheadIsolation#callAsync}. */
    <T> CompletionStage<T> callAsync(Supplier<? extends CompletionStage<T>> operation);
  }
}
