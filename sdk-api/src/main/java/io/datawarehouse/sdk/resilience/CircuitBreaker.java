package io.datawarehouse.sdk.resilience;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Stops calling what fails again and again, one circuit per key (a peer, a peer and an operation, a
 * remote system). Thread-safe.
 *
 * <p>What counts as a failure: any exception, but for a {@code WarehouseException} of category
 * USER: then the other side works and said no. Being refused by the circuit itself does not count.
 *
 * <p>An implementation MUST: (1) decide without blocking, by compare-and-set, never under a lock
 * while it calls; (2) take its time from an injected source; (3) let no more probes through than
 * the settings say, and close only after as many succeeded in a row; a failed probe opens it again
 * for the whole time; (4) ignore the outcome of a call that began before the last change of state;
 * (5) keep circuits of different keys apart; (6) bound the number of circuits and drop the longest
 * unused closed one rather than grow.
 *
 * @since 0.1
 */
public interface CircuitBreaker {

  /** The capability: {@code dw.resilience.circuit-breaker.provider} names the one that runs. */
  CapabilityKey<CircuitBreaker> CAPABILITY =
      CapabilityKey.of("resilience.circuit-breaker", CircuitBreaker.class, Cardinality.SELECTED);

  /**
   * Returns the circuit of a key, making it where it is new. On a hot path it is kept in a field;
   * it works on when the breaker has dropped it.
   *
   * @param key 1 to 300 characters
   */
  Circuit circuit(String key);

  /** Returns the states of all circuits, by key, sorted; a snapshot. */
  Map<String, CircuitState> states();

  /**
   * Runs an operation on this thread unless the circuit refuses.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code CIRCUIT_OPEN}
   * @throws Exception what the operation threw
   */
  default <T> T call(String key, Callable<T> operation) throws Exception {
    return circuit(key).call(operation);
  }

  /**
   * Starts an operation unless the circuit refuses; then the stage fails with {@code CIRCUIT_OPEN}.
   * An exception that the supplier throws fails the stage too. Never throws.
   */
  default <T> CompletionStage<T> callAsync(
      String key, Supplier<? extends CompletionStage<T>> operation) {
    return circuit(key).callAsync(operation);
  }

  /**
   * One circuit. Thread-safe. Those who cannot wrap what they call ask for a ticket before and hand
   * it back with the outcome, exactly once.
   *
   * @since 0.1
   */
  interface Circuit {

    /** What {@link #tryAcquire()} returns instead of a ticket. */
    long REFUSED = -1;

    /** Returns the key. */
    String key();

    /** Returns what it does with calls now. */
    CircuitState state();

    /** Returns a ticket, 0 or more, or {@link #REFUSED}. Allocates nothing while it is closed. */
    long tryAcquire();

    /** Says that the call of that ticket succeeded. */
    void succeeded(long ticket);

    /** Says that the call of that ticket failed. */
    void failed(long ticket);

    /** Says that the call of that ticket was given up before anything could be learnt. */
    void released(long ticket);

    /** Opens it until somebody closes it; for operators. */
    void holdOpen(String reason);

    /** Closes it and forgets all failures; for operators. */
    void close();

    /** Like {@link CircuitBreaker#call}. */
    <T> T call(Callable<T> operation) throws Exception;

    /** Like {@link CircuitBreaker#callAsync}. */
    <T> CompletionStage<T> callAsync(Supplier<? extends CompletionStage<T>> operation);
  }
}
