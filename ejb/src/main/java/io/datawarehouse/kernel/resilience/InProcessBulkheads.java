package io.datawarehouse.kernel.resilience;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.resilience.BulkheadIsolation;
import io.datawarehouse.sdk.resilience.BulkheadSettings;
import io.datawarehouse.sdk.resilience.BulkheadStatus;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** Compartments that live in this process. Thread-safe. */
public final class InProcessBulkheads implements BulkheadIsolation {

  private static final int LONGEST_NAME = 100;

  private final Function<String, BulkheadSettings> settings;
  private final Executor executor;
  private final Map<String, PoolCompartment> pools = new ConcurrentHashMap<>();

  /**
   * Makes bulkheads without any compartments.
   *
   * @param settings how much a pool holds; asked once for each
   * @param executor runs what had to wait
   */
  public InProcessBulkheads(Function<String, BulkheadSettings> settings, Executor executor) {
    this.settings = settings;
    this.executor = executor;
  }

  @Override
  public Compartment compartment(String pool) {
    PoolCompartment known = pools.get(pool);
    if (known != null) {
      return known;
    }
    if (pool.isEmpty() || pool.length() > LONGEST_NAME) {
      throw WarehouseException.invalid("pool", pool, "use 1 to 100 characters");
    }
    return pools.computeIfAbsent(
        pool, name -> new PoolCompartment(name, settings.apply(name), executor));
  }

  @Override
  public List<BulkheadStatus> statuses() {
    return pools.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(entry -> entry.getValue().status())
        .toList();
  }
}
