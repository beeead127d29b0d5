package io.datawarehouse.testkit.kernel;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.resilience.BulkheadIsolation;
import io.datawarehouse.sdk.resilience.BulkheadSettings;
import io.datawarehouse.sdk.resilience.BulkheadStatus;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Compartments that take everything until a test says that they are full. Thread-safe. */
public final class OpenCompartments implements BulkheadIsolation {

  private final Map<String, Open> pools = new ConcurrentHashMap<>();

  @Override
  public Compartment compartment(String pool) {
    return open(pool);
  }

  private Open open(String pool) {
    return pools.computeIfAbsent(pool, Open::new);
  }

  /** Says whether a pool refuses everything from now on. */
  public void full(String pool, boolean full) {
    open(pool).full = full;
  }

  @Override
  public List<BulkheadStatus> statuses() {
    return pools.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(entry -> entry.getValue().status())
        .toList();
  }

  private static final class Open implements Compartment {

    private final String pool;
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicLong admitted = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private volatile boolean full;

    Open(String pool) {
      this.pool = pool;
    }

    @Override
    public BulkheadStatus status() {
      return new BulkheadStatus(
          pool, new BulkheadSettings(100_000, 0), active.get(), 0, admitted.get(), refused.get());
    }

    @Override
    public boolean tryEnter() {
      if (full) {
        refused.incrementAndGet();
        return false;
      }
      active.incrementAndGet();
      admitted.incrementAndGet();
      return true;
    }

    @Override
    public void leave() {
      active.decrementAndGet();
    }

    @Override
    public <T> T call(Callable<T> operation) throws Exception {
      if (!tryEnter()) {
        throw refusal();
      }
      try {
        return operation.call();
      } finally {
        leave();
      }
    }

    @Override
    public <T> CompletionStage<T> callAsync(Supplier<? extends CompletionStage<T>> operation) {
      if (!tryEnter()) {
        return CompletableFuture.failedFuture(refusal());
      }
      CompletionStage<T> stage;
      try {
        stage = operation.get();
      } catch (RuntimeException e) {
        stage = CompletableFuture.failedFuture(e);
      }
      return stage.whenComplete((value, failure) -> leave());
    }

    private WarehouseException refusal() {
      return new WarehouseException(
          StandardErrorCode.BULKHEAD_FULL, "bulkhead '" + pool + "' is full, says the test");
    }
  }
}
