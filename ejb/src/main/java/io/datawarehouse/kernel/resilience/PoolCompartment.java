package io.datawarehouse.kernel.resilience;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.resilience.BulkheadIsolation;
import io.datawarehouse.sdk.resilience.BulkheadSettings;
import io.datawarehouse.sdk.resilience.BulkheadStatus;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One compartment. Thread-safe; nothing foreign is called under its lock. */
final class PoolCompartment implements BulkheadIsolation.Compartment {

  /** A call that waits for its turn. */
  private static final class Waiting<T> {

    private final Supplier<? extends CompletionStage<T>> operation;
    private final CompletableFuture<T> outcome = new CompletableFuture<>();

    Waiting(Supplier<? extends CompletionStage<T>> operation) {
      this.operation = operation;
    }
  }

  private enum Admission {
    INSIDE,
    WAITS,
    REFUSED
  }

  private final String pool;
  private final BulkheadSettings settings;
  private final Executor executor;
  private final Object lock = new Object();
  // Guarded by lock, all of them.
  private final Deque<Waiting<?>> queue = new ArrayDeque<>();
  private int active;
  private long admitted;
  private long refused;

  PoolCompartment(String pool, BulkheadSettings settings, Executor executor) {
    this.pool = pool;
    this.settings = settings;
    this.executor = executor;
  }

  @Override
  public BulkheadStatus status() {
    synchronized (lock) {
      return new BulkheadStatus(pool, settings, active, queue.size(), admitted, refused);
    }
  }

  @Override
  public boolean tryEnter() {
    return admit(null) == Admission.INSIDE;
  }

  private Admission admit(@Nullable Waiting<?> call) {
    synchronized (lock) {
      if (active < settings.concurrency() && queue.isEmpty()) {
        active++;
        admitted++;
        return Admission.INSIDE;
      }
      if (call != null && queue.size() < settings.waiting()) {
        queue.add(call);
        return Admission.WAITS;
      }
      refused++;
      return Admission.REFUSED;
    }
  }

  /** Gives the place to the one that waits longest, if anybody does. */
  @Override
  public void leave() {
    for (Waiting<?> next = passOn(); next != null; next = passOn()) {
      Waiting<?> started = next;
      try {
        executor.execute(() -> run(started));
        return;
      } catch (RejectedExecutionException e) {
        started.outcome.completeExceptionally(refusal("its turn came, but no thread was free"));
      }
    }
  }

  private @Nullable Waiting<?> passOn() {
    synchronized (lock) {
      if (active == 0) {
        throw new IllegalStateException("nobody is in compartment " + pool);
      }
      Waiting<?> next = queue.poll();
      if (next == null) {
        active--;
      } else {
        admitted++;
      }
      return next;
    }
  }

  @Override
  public <T> T call(Callable<T> operation) throws Exception {
    if (!tryEnter()) {
      throw refusal("it is full");
    }
    try {
      return operation.call();
    } finally {
      leave();
    }
  }

  @Override
  public <T> CompletionStage<T> callAsync(Supplier<? extends CompletionStage<T>> operation) {
    Waiting<T> call = new Waiting<>(operation);
    Admission admission = admit(call);
    if (admission == Admission.INSIDE) {
      run(call);
    } else if (admission == Admission.REFUSED) {
      call.outcome.completeExceptionally(refusal("it is full, and so is its queue"));
    }
    return call.outcome;
  }

  private <T> void run(Waiting<T> call) {
    CompletionStage<T> stage;
    try {
      stage = call.operation.get();
    } catch (RuntimeException | Error e) {
      stage = CompletableFuture.failedFuture(e);
    }
    stage.whenComplete(
        (value, failure) -> {
          // First the place, so that who hears of the end finds it free.
          leave();
          if (failure == null) {
            call.outcome.complete(value);
          } else {
            call.outcome.completeExceptionally(failure);
          }
        });
  }

  private WarehouseException refusal(String why) {
    return new WarehouseException(
        StandardErrorCode.BULKHEAD_FULL,
        "bulkhead '" + pool + "' refuses: " + why + " (" + settings.concurrency() + " at a time)");
  }
}
