package io.datawarehouse.testkit.resilience;

import io.datawarehouse.sdk.error.ErrorCategory;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.resilience.CircuitBreaker;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import io.datawarehouse.sdk.resilience.CircuitState;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** A breaker by locks and counters, each of them held for a moment. Thread-safe. */
class SampleBreaker implements CircuitBreaker {

  private final CircuitBreakerSettings settings;
  private final int most;
  private final LongSupplier ticker;
  private final Map<String, SampleCircuit> circuits = new LinkedHashMap<>();

  SampleBreaker(CircuitBreakerSettings settings, int most, LongSupplier ticker) {
    this.settings = settings;
    this.most = most;
    this.ticker = ticker;
  }

  @Override
  public synchronized Circuit circuit(String key) {
    if (key.isEmpty() || key.length() > 300) {
      throw WarehouseException.invalid("key", key, "use 1 to 300 characters");
    }
    if (!circuits.containsKey(key)) {
      if (circuits.size() >= most) {
        dropOne();
      }
      circuits.put(key, new SampleCircuit(key));
    }
    return circuits.get(key);
  }

  /** Drops the longest unused closed circuit. */
  void dropOne() {
    circuits.values().stream()
        .filter(circuit -> circuit.state() instanceof CircuitState.Closed)
        .min(java.util.Comparator.comparingLong(circuit -> circuit.lastUsed))
        .ifPresent(circuit -> circuits.remove(circuit.key));
  }

  @Override
  public synchronized Map<String, CircuitState> states() {
    Map<String, CircuitState> states = new TreeMap<>();
    circuits.forEach((key, circuit) -> states.put(key, circuit.state()));
    return states;
  }

  /** Returns whether what a call ended with is the fault of the other side. */
  boolean counts(Throwable thrown) {
    return !(thrown instanceof WarehouseException known
        && known.code().category() == ErrorCategory.USER);
  }

  /** Returns how many probes may be under way. */
  int probes() {
    return settings.probes();
  }

  /** Returns whether a ticket is of the present state. */
  boolean isOfNow(long ticket, long epoch) {
    return ticket == epoch;
  }

  private final class SampleCircuit implements Circuit {
    private final String key;
    private long epoch;
    private int failures;
    private boolean halfOpen;
    private int underWay;
    private int succeeded;
    private long openUntil;
    private boolean open;
    private String held = "";
    private long lastUsed = ticker.getAsLong();

    SampleCircuit(String key) {
      this.key = key;
    }

    @Override
    public String key() {
      return key;
    }

    @Override
    public synchronized CircuitState state() {
      if (!held.isEmpty()) {
        return new CircuitState.HeldOpen(held);
      }
      if (open) {
        return new CircuitState.Open(Duration.ofNanos(Math.max(0, openUntil - ticker.getAsLong())));
      }
      return halfOpen
          ? new CircuitState.HalfOpen(underWay, succeeded)
          : new CircuitState.Closed(failures);
    }

    @Override
    public synchronized long tryAcquire() {
      lastUsed = ticker.getAsLong();
      if (!held.isEmpty() || open && openUntil - ticker.getAsLong() > 0) {
        return REFUSED;
      }
      if (open) {
        open = false;
        halfOpen = true;
        underWay = 0;
        succeeded = 0;
        epoch++;
      }
      if (halfOpen && underWay + succeeded >= probes()) {
        return REFUSED;
      }
      underWay += halfOpen ? 1 : 0;
      return epoch;
    }

    @Override
    public synchronized void succeeded(long ticket) {
      if (!isOfNow(ticket, epoch)) {
        return;
      }
      failures = 0;
      if (halfOpen) {
        underWay--;
        succeeded++;
        if (succeeded >= settings.probes()) {
          halfOpen = false;
          epoch++;
        }
      }
    }

    @Override
    public synchronized void failed(long ticket) {
      if (!isOfNow(ticket, epoch)) {
        return;
      }
      failures++;
      if (halfOpen || failures >= settings.failures()) {
        halfOpen = false;
        open = true;
        openUntil = ticker.getAsLong() + settings.openFor().toNanos();
        failures = 0;
        epoch++;
      }
    }

    @Override
    public synchronized void released(long ticket) {
      if (isOfNow(ticket, epoch) && halfOpen) {
        underWay--;
      }
    }

    @Override
    public synchronized void holdOpen(String reason) {
      held = reason;
      epoch++;
    }

    @Override
    public synchronized void close() {
      held = "";
      open = false;
      halfOpen = false;
      failures = 0;
      epoch++;
    }

    @Override
    public <T> T call(Callable<T> operation) throws Exception {
      long ticket = tryAcquire();
      if (ticket == REFUSED) {
        throw refusal();
      }
      try {
        T result = operation.call();
        succeeded(ticket);
        return result;
      } catch (Exception e) {
        ended(ticket, e);
        throw e;
      }
    }

    private void ended(long ticket, Throwable thrown) {
      if (counts(thrown)) {
        failed(ticket);
      } else {
        succeeded(ticket);
      }
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
          (result, thrown) -> {
            if (thrown == null) {
              succeeded(ticket);
            } else {
              ended(ticket, thrown instanceof CompletionException e ? e.getCause() : thrown);
            }
          });
    }

    private WarehouseException refusal() {
      return new WarehouseException(StandardErrorCode.CIRCUIT_OPEN, "circuit " + key + " is open");
    }
  }
}
