package io.datawarehouse.testkit.kernel;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.resilience.CircuitBreaker;
import io.datawarehouse.sdk.resilience.CircuitState;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Circuits that count failures in a row and never open of themselves: a test opens them with {@code
 * circuit(key).holdOpen(reason)}. Every failure counts. Thread-safe.
 */
public final class HeldCircuits implements CircuitBreaker {

  private final Map<String, Held> circuits = new ConcurrentHashMap<>();

  @Override
  public Circuit circuit(String key) {
    return circuits.computeIfAbsent(key, Held::new);
  }

  @Override
  public Map<String, CircuitState> states() {
    Map<String, CircuitState> states = new TreeMap<>();
    circuits.forEach((key, circuit) -> states.put(key, circuit.state()));
    return states;
  }

  private static final class Held implements Circuit {

    private final String key;
    private final AtomicReference<CircuitState> state =
        new AtomicReference<>(new CircuitState.Closed(0));

    Held(String key) {
      this.key = key;
    }

    @Override
    public String key() {
      return key;
    }

    @Override
    public CircuitState state() {
      return state.get();
    }

    @Override
    public long tryAcquire() {
      return state.get() instanceof CircuitState.Closed ? 0 : REFUSED;
    }

    @Override
    public void succeeded(long ticket) {
      state.updateAndGet(
          now -> now instanceof CircuitState.Closed ? new CircuitState.Closed(0) : now);
    }

    @Override
    public void failed(long ticket) {
      state.updateAndGet(
          now ->
              now instanceof CircuitState.Closed closed
                  ? new CircuitState.Closed(closed.failures() + 1)
                  : now);
    }

    @Override
    public void released(long ticket) {}

    @Override
    public void holdOpen(String reason) {
      state.set(new CircuitState.HeldOpen(reason));
    }

    @Override
    public void close() {
      state.set(new CircuitState.Closed(0));
    }

    @Override
    public <T> T call(Callable<T> operation) throws Exception {
      long ticket = tryAcquire();
      if (ticket == REFUSED) {
        throw refusal();
      }
      T value;
      try {
        value = operation.call();
      } catch (Exception | Error e) {
        failed(ticket);
        throw e;
      }
      succeeded(ticket);
      return value;
    }

    @Override
    public <T> CompletionStage<T> callAsync(Supplier<? extends CompletionStage<T>> operation) {
      long ticket = tryAcquire();
      if (ticket == REFUSED) {
        return CompletableFuture.failedFuture(refusal());
      }
      CompletionStage<T> stage;
      try {
        stage = operation.get();
      } catch (RuntimeException e) {
        stage = CompletableFuture.failedFuture(e);
      }
      return stage.whenComplete(
          (value, failure) -> {
            if (failure == null) {
              succeeded(ticket);
            } else {
              failed(ticket);
            }
          });
    }

    private WarehouseException refusal() {
      return new WarehouseException(
          StandardErrorCode.CIRCUIT_OPEN, "circuit '" + key + "' is held open by the test");
    }
  }
}
