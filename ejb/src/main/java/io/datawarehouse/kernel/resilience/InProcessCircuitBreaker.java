package io.datawarehouse.kernel.resilience;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.resilience.CircuitBreaker;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import io.datawarehouse.sdk.resilience.CircuitState;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** Circuits that live in this process. Thread-safe. */
public final class InProcessCircuitBreaker implements CircuitBreaker {

  private static final int LONGEST_KEY = 300;

  private final CircuitBreakerSettings settings;
  private final LongSupplier ticker;
  private final int mostCircuits;
  private final Map<String, KeyedCircuit> circuits = new ConcurrentHashMap<>();

  /**
   * Makes a breaker without any circuits.
   *
   * @param ticker nanoseconds of a clock that never goes back
   * @param mostCircuits how many circuits are kept
   */
  public InProcessCircuitBreaker(
      CircuitBreakerSettings settings, LongSupplier ticker, int mostCircuits) {
    this.settings = settings;
    this.ticker = ticker;
    this.mostCircuits = mostCircuits;
  }

  @Override
  public Circuit circuit(String key) {
    KeyedCircuit known = circuits.get(key);
    return known == null ? add(key) : known;
  }

  private synchronized Circuit add(String key) {
    if (key.isEmpty() || key.length() > LONGEST_KEY) {
      throw WarehouseException.invalid("key", key, "use 1 to 300 characters");
    }
    KeyedCircuit known = circuits.get(key);
    if (known != null) {
      return known;
    }
    if (circuits.size() >= mostCircuits) {
      dropOne();
    }
    KeyedCircuit added = new KeyedCircuit(key, settings, ticker);
    circuits.put(key, added);
    return added;
  }

  /** Drops the longest unused circuit, an idle one where there is any. */
  private void dropOne() {
    long now = ticker.getAsLong();
    circuits.values().stream()
        .min(
            Comparator.comparing((KeyedCircuit circuit) -> !circuit.idle())
                .thenComparing(circuit -> circuit.lastUsed() - now))
        .ifPresent(circuit -> circuits.remove(circuit.key()));
  }

  @Override
  public Map<String, CircuitState> states() {
    Map<String, CircuitState> states = new TreeMap<>();
    circuits.forEach((key, circuit) -> states.put(key, circuit.state()));
    return states;
  }
}
