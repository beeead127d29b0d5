package io.datawarehouse.kernel.resilience;

import io.datawarehouse.sdk.error.ErrorCategory;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.resilience.CircuitBreaker;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import io.datawarehouse.sdk.resilience.CircuitState;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * One circuit. Thread-safe.
 *
 * <pre>
 *  Closed ──failures in a row──► Open ──time over──► HalfOpen ──all probes succeed──► Closed
 *                                 ▲                     │
 *                                 └───one probe fails───┘      Held: by an operator, until close()
 * </pre>
 *
 * All there is to know is one immutable state, read once per operation and replaced by
 * compare-and-set. A ticket is the epoch of the state that let the call through; every change of
 * the kind of state begins a new epoch, so that late outcomes are told from present ones. Probes
 * that never come back are given up after the time that the circuit stays open.
 */
final class KeyedCircuit implements CircuitBreaker.Circuit {

  private sealed interface State {
    long epoch();
  }

  private record Closed(long epoch, int failures) implements State {}

  private record Open(long epoch, long until) implements State {}

  private record HalfOpen(long epoch, long until, int underWay, int succeeded) implements State {}

  private record Held(long epoch, String reason) implements State {}

  private final String key;
  private final CircuitBreakerSettings settings;
  private final LongSupplier ticker;
  private final AtomicReference<State> state = new AtomicReference<>(new Closed(0, 0));
  private volatile long lastUsed;

  KeyedCircuit(String key, CircuitBreakerSettings settings, LongSupplier ticker) {
    this.key = key;
    this.settings = settings;
    this.ticker = ticker;
    this.lastUsed = ticker.getAsLong();
  }

  @Override
  public String key() {
    return key;
  }

  long lastUsed() {
    return lastUsed;
  }

  /** Whether nothing is lost if it is forgotten. */
  boolean idle() {
    return present() instanceof Closed closed && closed.failures == 0;
  }

  private State present() {
    return Objects.requireNonNull(state.get());
  }

  @Override
  public CircuitState state() {
    State now = present();
    if (now instanceof Closed closed) {
      return new CircuitState.Closed(closed.failures);
    }
    if (now instanceof HalfOpen half) {
      return new CircuitState.HalfOpen(half.underWay, half.succeeded);
    }
    if (now instanceof Open open) {
      long left = Math.max(0, open.until - ticker.getAsLong());
      return new CircuitState.Open(Duration.ofNanos(left));
    }
    return new CircuitState.HeldOpen(((Held) now).reason);
  }

  @Override
  public long tryAcquire() {
    long now = ticker.getAsLong();
    lastUsed = now;
    while (true) {
      State seen = present();
      if (seen instanceof Closed) {
        return seen.epoch();
      }
      State probing = probing(seen, now);
      if (probing == seen) {
        return REFUSED;
      }
      if (state.compareAndSet(seen, probing)) {
        return probing.epoch();
      }
    }
  }

  /** Returns the state with one more probe, or the same state if there is no room for one. */
  private State probing(State seen, long now) {
    if (seen instanceof Open open && now - open.until >= 0) {
      return newProbes(open.epoch, now);
    }
    if (seen instanceof HalfOpen half) {
      if (half.underWay + half.succeeded < settings.probes()) {
        return new HalfOpen(half.epoch, half.until, half.underWay + 1, half.succeeded);
      }
      if (now - half.until >= 0) {
        return newProbes(half.epoch, now);
      }
    }
    return seen;
  }

  private HalfOpen newProbes(long epoch, long now) {
    return new HalfOpen(epoch + 1, now + settings.openFor().toNanos(), 1, 0);
  }

  @Override
  public void succeeded(long ticket) {
    while (true) {
      State seen = present();
      State next = seen.epoch() == ticket ? afterSuccess(seen) : seen;
      if (next == seen || state.compareAndSet(seen, next)) {
        return;
      }
    }
  }

  private State afterSuccess(State seen) {
    if (seen instanceof Closed closed) {
      return closed.failures == 0 ? closed : new Closed(closed.epoch, 0);
    }
    if (seen instanceof HalfOpen half) {
      return half.succeeded + 1 >= settings.probes()
          ? new Closed(half.epoch + 1, 0)
          : new HalfOpen(half.epoch, half.until, half.underWay - 1, half.succeeded + 1);
    }
    return seen;
  }

  @Override
  public void failed(long ticket) {
    while (true) {
      State seen = present();
      State next = seen.epoch() == ticket ? afterFailure(seen) : seen;
      if (next == seen || state.compareAndSet(seen, next)) {
        return;
      }
    }
  }

  private State afterFailure(State seen) {
    if (seen instanceof Closed closed && closed.failures + 1 < settings.failures()) {
      return new Closed(closed.epoch, closed.failures + 1);
    }
    if (seen instanceof Closed || seen instanceof HalfOpen) {
      return new Open(seen.epoch() + 1, ticker.getAsLong() + settings.openFor().toNanos());
    }
    return seen;
  }

  @Override
  public void released(long ticket) {
    while (true) {
      State seen = present();
      if (seen.epoch() != ticket || !(seen instanceof HalfOpen half)) {
        return;
      }
      State next = new HalfOpen(half.epoch, half.until, half.underWay - 1, half.succeeded);
      if (state.compareAndSet(seen, next)) {
        return;
      }
    }
  }

  @Override
  public void holdOpen(String reason) {
    state.updateAndGet(seen -> new Held(seen.epoch() + 1, reason));
  }

  @Override
  public void close() {
    state.updateAndGet(seen -> new Closed(seen.epoch() + 1, 0));
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
      ended(ticket, e);
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
    } catch (RuntimeException | Error e) {
      ended(ticket, e);
      return CompletableFuture.failedFuture(e);
    }
    return stage.whenComplete(
        (value, failure) -> {
          if (failure == null) {
            succeeded(ticket);
          } else {
            ended(ticket, failure);
          }
        });
  }

  private void ended(long ticket, Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof InterruptedException || cause instanceof CancellationException) {
      released(ticket);
    } else if (cause instanceof WarehouseException answer
        && answer.code().category() == ErrorCategory.USER) {
      succeeded(ticket);
    } else {
      failed(ticket);
    }
  }

  private WarehouseException refusal() {
    return new WarehouseException(
        StandardErrorCode.CIRCUIT_OPEN,
        "circuit '" + key + "' is " + state().label() + ": too many calls failed, try later");
  }
}
