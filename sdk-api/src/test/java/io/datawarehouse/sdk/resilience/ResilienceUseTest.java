package io.datawarehouse.sdk.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * A use of breaker and bulkhead: one caller of a remote system, with the smallest implementations
 * that keep the promise in a single thread.
 */
class ResilienceUseTest {

  private static final CircuitBreakerSettings SETTINGS =
      new CircuitBreakerSettings(3, Duration.ofSeconds(30), 1);

  private final Circuits circuits = new Circuits();
  private final Pools pools = new Pools();

  @Test
  void callerStopsCallingWhatFailsAndTriesAgainLater() throws Exception {
    List<String> calls = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      try {
        circuits.call(
            "site-b",
            () -> {
              calls.add("called");
              throw new IllegalStateException("down");
            });
      } catch (IllegalStateException | WarehouseException e) {
        // What a caller does about it is not the breaker's business.
      }
    }
    assertThat(calls).as("3 failures open it").hasSize(3);
    assertThat(circuits.states().get("site-b").label()).isEqualTo("OPEN");
    assertThat(circuits.call("site-c", () -> "others go on")).isEqualTo("others go on");

    circuits.now += Duration.ofSeconds(30).toNanos();
    assertThat(circuits.call("site-b", () -> "up again")).isEqualTo("up again");
    assertThat(circuits.circuit("site-b").state()).isEqualTo(new CircuitState.Closed(0));
  }

  @Test
  void operatorHoldsACircuitOpenAndClosesItAgain() {
    CircuitBreaker.Circuit circuit = circuits.circuit("site-b");
    circuit.holdOpen("maintenance");

    assertThat(circuit.tryAcquire()).isEqualTo(CircuitBreaker.Circuit.REFUSED);
    assertThat(circuit.state().label()).isEqualTo("HELD_OPEN");
    CompletionStage<String> refused =
        circuits.callAsync("site-b", () -> CompletableFuture.completedFuture("never"));
    assertThatThrownBy(() -> refused.toCompletableFuture().join())
        .hasMessageContaining("CIRCUIT_OPEN");

    circuit.close();
    assertThat(circuit.tryAcquire()).isNotEqualTo(CircuitBreaker.Circuit.REFUSED);
  }

  @Test
  void slowPoolFillsUpAndOthersGoOn() throws Exception {
    CompletableFuture<String> slow = new CompletableFuture<>();
    CompletionStage<String> first = pools.callAsync("copies", () -> slow);
    CompletionStage<String> second = pools.callAsync("copies", () -> slow);

    assertThat(second.toCompletableFuture()).isCompletedExceptionally();
    assertThat(pools.call("queries", () -> 42)).isEqualTo(42);
    slow.complete("done");
    assertThat(first.toCompletableFuture().join()).isEqualTo("done");
    assertThat(pools.compartment("copies").tryEnter()).isTrue();
    assertThat(pools.statuses())
        .extracting(status -> status.pool() + " " + status.active() + " " + status.refused())
        .containsExactlyInAnyOrder("copies 1 1", "queries 0 0");
  }

  @Test
  void settingsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> new CircuitBreakerSettings(0, Duration.ofSeconds(1), 1))
        .hasMessageContaining("failures is '0'");
    assertThatThrownBy(() -> new CircuitBreakerSettings(1, Duration.ZERO, 1))
        .hasMessageContaining("openFor is 'PT0S'");
    assertThatThrownBy(() -> new CircuitBreakerSettings(1, Duration.ofSeconds(1), 0))
        .hasMessageContaining("probes is '0'");
    assertThatThrownBy(() -> new BulkheadSettings(0, 0)).hasMessageContaining("concurrency is '0'");
    assertThatThrownBy(() -> new BulkheadSettings(1, -1)).hasMessageContaining("waiting is '-1'");
    assertThat(CircuitBreakerSettings.defaults())
        .isEqualTo(new CircuitBreakerSettings(5, Duration.ofSeconds(30), 1));
  }

  private static final class Circuits implements CircuitBreaker {
    private final Map<String, OneThreadCircuit> circuits = new HashMap<>();
    private long now;

    @Override
    public Circuit circuit(String key) {
      return circuits.computeIfAbsent(key, OneThreadCircuit::new);
    }

    @Override
    public Map<String, CircuitState> states() {
      Map<String, CircuitState> states = new HashMap<>();
      circuits.forEach((key, circuit) -> states.put(key, circuit.state()));
      return states;
    }

    private final class OneThreadCircuit implements Circuit {
      private final String key;
      private CircuitState state = new CircuitState.Closed(0);
      private long openUntil;

      OneThreadCircuit(String key) {
        this.key = key;
      }

      @Override
      public String key() {
        return key;
      }

      @Override
      public CircuitState state() {
        return state;
      }

      @Override
      public long tryAcquire() {
        boolean over = state instanceof CircuitState.Open && now >= openUntil;
        return state instanceof CircuitState.Closed || over ? 1 : REFUSED;
      }

      @Override
      public void succeeded(long ticket) {
        state = new CircuitState.Closed(0);
      }

      @Override
      public void failed(long ticket) {
        int failures = state instanceof CircuitState.Closed closed ? closed.failures() + 1 : 1;
        openUntil = now + SETTINGS.openFor().toNanos();
        state =
            failures < SETTINGS.failures()
                ? new CircuitState.Closed(failures)
                : new CircuitState.Open(SETTINGS.openFor());
      }

      @Override
      public void released(long ticket) {}

      @Override
      public void holdOpen(String reason) {
        state = new CircuitState.HeldOpen(reason);
      }

      @Override
      public void close() {
        state = new CircuitState.Closed(0);
      }

      @Override
      public <T> T call(Callable<T> operation) throws Exception {
        long ticket = tryAcquire();
        if (ticket == REFUSED) {
          throw refused(StandardErrorCode.CIRCUIT_OPEN);
        }
        try {
          T value = operation.call();
          succeeded(ticket);
          return value;
        } catch (Exception e) {
          failed(ticket);
          throw e;
        }
      }

      @Override
      public <T> CompletionStage<T> callAsync(Supplier<? extends CompletionStage<T>> operation) {
        return tryAcquire() == REFUSED
            ? CompletableFuture.failedFuture(refused(StandardErrorCode.CIRCUIT_OPEN))
            : operation.get();
      }
    }
  }

  /** Every pool holds one call. */
  private static final class Pools implements BulkheadIsolation {
    private final Map<String, One> pools = new HashMap<>();

    @Override
    public Compartment compartment(String pool) {
      return pools.computeIfAbsent(pool, One::new);
    }

    @Override
    public List<BulkheadStatus> statuses() {
      return pools.values().stream().map(One::status).toList();
    }

    private static final class One implements Compartment {
      private final String pool;
      private boolean taken;
      private long admitted;
      private long refused;

      One(String pool) {
        this.pool = pool;
      }

      @Override
      public BulkheadStatus status() {
        return new BulkheadStatus(
            pool, new BulkheadSettings(1, 0), taken ? 1 : 0, 0, admitted, refused);
      }

      @Override
      public boolean tryEnter() {
        if (taken) {
          refused++;
          return false;
        }
        admitted++;
        taken = true;
        return true;
      }

      @Override
      public void leave() {
        taken = false;
      }

      @Override
      public <T> T call(Callable<T> operation) throws Exception {
        if (!tryEnter()) {
          throw refused(StandardErrorCode.BULKHEAD_FULL);
        }
        try {
          return operation.call();
        } finally {
          leave();
        }
      }

      @Override
      public <T> CompletionStage<T> callAsync(Supplier<? extends CompletionStage<T>> operation) {
        return tryEnter()
            ? operation.get().whenComplete((value, failure) -> leave())
            : CompletableFuture.failedFuture(refused(StandardErrorCode.BULKHEAD_FULL));
      }
    }
  }

  private static WarehouseException refused(StandardErrorCode code) {
    return new WarehouseException(code, code.name());
  }
}
