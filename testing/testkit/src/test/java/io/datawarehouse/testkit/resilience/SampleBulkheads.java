package io.datawarehouse.testkit.resilience;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.resilience.BulkheadIsolation;
import io.datawarehouse.sdk.resilience.BulkheadSettings;
import io.datawarehouse.sdk.resilience.BulkheadStatus;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Compartments by a lock and a queue. Thread-safe. */
class SampleBulkheads implements BulkheadIsolation {

  private final BulkheadSettings settings;
  private final Executor executor;
  private final Map<String, Pool> pools = new TreeMap<>();

  SampleBulkheads(BulkheadSettings settings, Executor executor) {
    this.settings = settings;
    this.executor = executor;
  }

  @Override
  public synchronized Compartment compartment(String pool) {
    if (pool.isEmpty() || pool.length() > 100) {
      throw WarehouseException.invalid("pool", pool, "use 1 to 100 characters");
    }
    return pools.computeIfAbsent(pool, Pool::new);
  }

  @Override
  public synchronized List<BulkheadStatus> statuses() {
    return pools.values().stream().map(Pool::status).toList();
  }

  /** Takes the one that starts next. */
  Runnable next(Deque<Runnable> queue) {
    return queue.pollFirst();
  }

  /** Returns whether there is room for one more. */
  boolean room(int active) {
    return active < settings.concurrency();
  }

  /** Returns whether a call that ended with an exception gives its place back. */
  boolean givesBackAfterFailure() {
    return true;
  }

  private final class Pool implements Compartment {
    private final String name;
    private final Deque<Runnable> queue = new ArrayDeque<>();
    private int active;
    private long admitted;
    private long refused;

    Pool(String name) {
      this.name = name;
    }

    @Override
    public synchronized BulkheadStatus status() {
      return new BulkheadStatus(name, settings, active, queue.size(), admitted, refused);
    }

    @Override
    public synchronized boolean tryEnter() {
      if (!room(active)) {
        refused++;
        return false;
      }
      active++;
      admitted++;
      return true;
    }

    @Override
    public void leave() {
      Runnable started;
      synchronized (this) {
        started = next(queue);
        if (started == null) {
          active--;
          return;
        }
        admitted++;
      }
      executor.execute(started);
    }

    @Override
    public <T> T call(Callable<T> operation) throws Exception {
      if (!tryEnter()) {
        throw full();
      }
      boolean well = false;
      try {
        T result = operation.call();
        well = true;
        return result;
      } finally {
        if (well || givesBackAfterFailure()) {
          leave();
        }
      }
    }

    @Override
    public <T> CompletionStage<T> callAsync(Supplier<? extends CompletionStage<T>> operation) {
      CompletableFuture<T> result = new CompletableFuture<>();
      synchronized (this) {
        if (!room(active)) {
          if (queue.size() < settings.waiting()) {
            queue.addLast(() -> run(operation, result));
          } else {
            refused++;
            result.completeExceptionally(full());
          }
          return result;
        }
        active++;
        admitted++;
      }
      run(operation, result);
      return result;
    }

    private <T> void run(
        Supplier<? extends CompletionStage<T>> operation, CompletableFuture<T> result) {
      CompletionStage<T> stage;
      try {
        stage = operation.get();
      } catch (RuntimeException e) {
        stage = CompletableFuture.failedFuture(e);
      }
      stage.whenComplete(
          (value, thrown) -> {
            leave();
            if (thrown == null) {
              result.complete(value);
            } else {
              result.completeExceptionally(thrown);
            }
          });
    }

    private WarehouseException full() {
      return new WarehouseException(StandardErrorCode.BULKHEAD_FULL, "pool " + name + " is full");
    }
  }
}
